"""What violations of a schema are called in Russian, by the names that libxml2 gives them."""

from collections.abc import Iterable, Mapping

LONGEST_VALUE = 100
"""Characters of a sender's value that are repeated to it."""

TEXTS = {
    "SCHEMAV_CVC_PATTERN_VALID": "значение «{value}» не подходит; нужно: {meaning}",
    "SCHEMAV_CVC_ENUMERATION_VALID": "значения «{value}» нет среди допустимых: {bound}",
    "SCHEMAV_CVC_MINLENGTH_VALID": "значение слишком короткое; наименьшая длина {bound}",
    "SCHEMAV_CVC_MAXLENGTH_VALID": "значение слишком длинное; наибольшая длина {bound}",
    "SCHEMAV_CVC_LENGTH_VALID": "неверная длина значения; нужно {bound}",
    "SCHEMAV_CVC_MININCLUSIVE_VALID": "значение «{value}» меньше допустимого {bound}",
    "SCHEMAV_CVC_MINEXCLUSIVE_VALID": "значение «{value}» должно быть больше {bound}",
    "SCHEMAV_CVC_MAXINCLUSIVE_VALID": "значение «{value}» больше допустимого {bound}",
    "SCHEMAV_CVC_MAXEXCLUSIVE_VALID": "значение «{value}» должно быть меньше {bound}",
    "SCHEMAV_CVC_FRACTIONDIGITS_VALID": "слишком много знаков после запятой; допустимо {bound}",
    "SCHEMAV_CVC_TOTALDIGITS_VALID": "слишком много знаков; допустимо {bound}",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "значение «{value}» не подходит; нужно: {meaning}",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "атрибут {attribute} здесь недопустим",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "не хватает обязательного атрибута {attribute}",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "текст здесь недопустим",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "между вложенными элементами не должно быть текста",
    "SCHEMAV_CVC_TYPE_3_1_1": "атрибут {attribute} здесь недопустим",
    "SCHEMAV_CVC_TYPE_3_1_2": "вложенные элементы здесь недопустимы",
    "SCHEMAV_CVC_ELT_1": "схема не знает такого корневого элемента",
}


def worded(template: str, value: str, bound: str, meanings: Mapping[str, str], *, attribute: str = "") -> str:
    """A template of TEXTS filled in; `meanings` says in words what a pattern or a type (`bound`) demands."""
    shown = value if len(value) <= LONGEST_VALUE else f"{value[:LONGEST_VALUE]}…"
    return template.format(value=shown, bound=bound, meaning=meanings.get(bound, bound), attribute=attribute)


def unexpected(expected: Iterable[str], *, missing: bool) -> str:
    """That an element stands where it may not, or that one is missing; and what was `expected`."""
    names = " или ".join(expected)
    wanted = f"; ожидается: {names}" if names else ""
    return f"не хватает вложенного элемента{wanted}" if missing else f"элемент здесь не ожидается{wanted}"
