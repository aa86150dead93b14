"""What violations of a schema are called in Russian, by the names that libxml2 gives them."""

import re
from collections.abc import Iterable, Mapping

_CLARK = re.compile(r"\{([a-z]+:[^}]*)\}(.*)", re.DOTALL)
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


def missing(expected: Iterable[str], parent: str) -> str:
    """That something which was `expected` is missing in `parent`. All are names as `{namespace}local`."""
    return f"не хватает вложенного элемента{_wanted(expected, parent)}"


def unexpected(expected: Iterable[str], found: str) -> str:
    """That the element `found` stands where it may not, and what was `expected`. All are names as `{namespace}local`.

    Where the local name is right, the namespace is what is wrong.
    """
    names = list(expected)
    namespace, local = _split(found)
    for wanted_namespace, wanted_local in map(_split, names):
        if wanted_local == local and wanted_namespace != namespace:
            here = f"он в пространстве имён {namespace}" if namespace else "у него нет пространства имён"
            return f"элемент здесь не ожидается: {here}, а нужно {wanted_namespace or 'без него'}"
    return f"элемент здесь не ожидается{_wanted(names, found)}"


def _wanted(expected: Iterable[str], near: str) -> str:
    """What was expected, with its namespace where that is not the one of the name `near` it."""
    split = list(dict.fromkeys(map(_split, expected)))
    if not split:
        return ""
    namespaces = {namespace for namespace, _ in split}
    foreign = namespaces - {_split(near)[0], ""} if len(namespaces) == 1 else set()
    told = f" (пространство имён {min(foreign)})" if foreign else ""
    return f"; ожидается: {' или '.join(dict.fromkeys(local for _, local in split))}{told}"


def _split(name: str) -> tuple[str, str]:
    """Namespace and local name; what is no namespace but a wildcard's (`{##any}`) stays with the name."""
    match = _CLARK.fullmatch(name)
    return (match[1], match[2]) if match else ("", name)
