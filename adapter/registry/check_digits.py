"""Check digits of the numbers that people and organisations bear.

ИНН and ОГРН are python-stdnum's work; it knows no СНИЛС, and of the ОГРНИП it refuses valid numbers (its remainder of
10 and more is not reduced to one digit), so those two stand here.
"""

import re

from stdnum.ru import inn as stdnum_inn
from stdnum.ru import ogrn as stdnum_ogrn

_DIGITS = re.compile(r"[0-9]+")
_LAST_UNCHECKED_SNILS = 1_001_998
"""СНИЛС up to 001-001-998 were issued before there were check digits."""


def normalised_snils(text: str) -> str:
    """The eleven digits of a СНИЛС in either of its spellings, `NNN-NNN-NNN NN` or digits only."""
    return text.replace("-", "").replace(" ", "")


def snils_check_digits(head: str) -> str:
    """The two check digits of a СНИЛС with these nine first digits."""
    remainder = sum(int(digit) * weight for digit, weight in zip(head, range(9, 0, -1), strict=True)) % 101
    return f"{remainder % 100:02}"


def is_snils(number: str) -> bool:
    """Whether eleven digits are a СНИЛС. Eleven equal ones are not, though 000-000-000 00 adds up."""
    if len(number) != 11 or not _DIGITS.fullmatch(number) or len(set(number)) == 1:
        return False
    return int(number[:9]) <= _LAST_UNCHECKED_SNILS or number[9:] == snils_check_digits(number[:9])


def inn_check_digits(head: str) -> str:
    """The check digit of an organisation's ИНН with these nine digits; of ten digits, the two of a person's."""
    if len(head) == 9:
        return str(stdnum_inn.calc_company_check_digit(head))
    return str(stdnum_inn.calc_personal_check_digits(head))


def is_inn(number: str) -> bool:
    """Whether ten digits (of an organisation) or twelve (of a person) are an ИНН."""
    return _DIGITS.fullmatch(number) is not None and len(set(number)) > 1 and stdnum_inn.is_valid(number)


def ogrn_check_digit(head: str) -> str:
    """The check digit of an ОГРН with these twelve digits; of fourteen, that of an ОГРНИП."""
    if len(head) == 12:
        return str(stdnum_ogrn.calc_check_digit(head + "0"))
    return str(int(head) % 13 % 10)


def is_ogrn(number: str) -> bool:
    """Whether thirteen digits are the ОГРН of an organisation, or fifteen the ОГРНИП of an entrepreneur."""
    if not _DIGITS.fullmatch(number):
        return False
    if len(number) == 15:
        return number[0] == "3" and number[-1] == ogrn_check_digit(number[:-1])
    return len(number) == 13 and number[0] in "125" and stdnum_ogrn.is_valid(number)
