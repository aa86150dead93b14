"""Check digits: the worked examples, the edges where the algorithms turn, and what errors they promise to find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.registry.check_digits import (
    inn_check_digits,
    is_inn,
    is_ogrn,
    is_snils,
    normalised_snils,
    ogrn_check_digit,
    snils_check_digits,
)


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


checked_heads = st.integers(1_001_999, 999_999_999).map("{:09}".format)


@pytest.mark.parametrize(
    ("head", "control"),
    [
        ("112233445", "95"),
        ("087654303", "00"),  # sum 202 = 2 * 101
        ("002008998", "99"),
        ("002008999", "00"),  # sum 100
        ("002009899", "00"),  # sum 101
        ("002009989", "01"),  # sum 102
        ("002999899", "99"),  # sum 200
        ("002999989", "00"),  # sum 201, remainder 100
    ],
)
def test_snils_at_the_turns_of_its_algorithm(head: str, control: str) -> None:
    assert snils_check_digits(head) == control
    assert is_snils(head + control)
    assert not any(is_snils(f"{head}{other:02}") for other in range(100) if f"{other:02}" != control)


def test_first_snils_numbers_had_no_check_digits() -> None:
    assert is_snils("00100199877")
    assert is_snils("001001999" + snils_check_digits("001001999"))
    wrong = (int(snils_check_digits("001001999")) + 1) % 100
    assert not is_snils(f"001001999{wrong:02}")


@pytest.mark.parametrize("digit", "0123456789")
def test_eleven_equal_digits_are_no_snils(digit: str) -> None:
    assert not is_snils(digit * 11)


@pytest.mark.parametrize("text", ["", "1122334459", "112233445950", "1122334459a", "١١٢٢٣٣٤٤٥٩٥", "112-233-445 95"])
def test_other_texts_are_no_snils(text: str) -> None:
    assert not is_snils(text)


def test_snils_is_read_in_both_spellings() -> None:
    assert normalised_snils("112-233-445 95") == normalised_snils("11223344595") == "11223344595"


@given(checked_heads, st.integers(0, 8), st.integers(1, 9))
def test_snils_finds_every_single_wrong_digit_of_its_head(head: str, position: int, shift: int) -> None:
    """Weights 1–9 times a difference of 1–9 never make a multiple of 101; only a remainder of 100 hides behind 0."""
    changed = head[:position] + str((int(head[position]) + shift) % 10) + head[position + 1 :]
    sums = {sum(int(d) * (9 - i) for i, d in enumerate(number)) % 101 for number in (head, changed)}
    if int(changed) > 1_001_998 and sums != {0, 100}:
        assert not is_snils(changed + snils_check_digits(head))


@given(checked_heads)
def test_exactly_one_pair_of_check_digits_is_right(head: str) -> None:
    right = [f"{pair:02}" for pair in range(100) if is_snils(f"{head}{pair:02}")]
    assert right == ([] if len({*head, *snils_check_digits(head)}) == 1 else [snils_check_digits(head)])


@pytest.mark.parametrize("number", ["7707083893", "500100732259"])
def test_known_inns(number: str) -> None:
    assert is_inn(number)


@given(digits(9) | digits(10))
def test_inn_has_one_right_ending(head: str) -> None:
    number = head + inn_check_digits(head)
    assert is_inn(number) == (len(set(number)) > 1)
    assert sum(is_inn(number[:-1] + digit) for digit in "0123456789") <= 1


@given(digits(10), st.integers(0, 9), st.integers(1, 9))
def test_a_persons_inn_finds_a_wrong_digit(head: str, position: int, shift: int) -> None:
    """Where neither remainder is 10, which is written 0 like the remainder 0 itself."""
    changed = head[:position] + str((int(head[position]) + shift) % 10) + head[position + 1 :]
    tails = inn_check_digits(head), inn_check_digits(changed)
    assert is_inn(changed + tails[0]) == (tails[0] == tails[1] and len({*changed, *tails[0]}) > 1)


@pytest.mark.parametrize(
    "text", ["", "770708389", "77070838931", " 7707083893", "7707 083893", "0000000000", "770708389x"]
)
def test_other_texts_are_no_inn(text: str) -> None:
    assert not is_inn(text)


@pytest.mark.parametrize("number", ["1027700132195", "304500116000157"])
def test_known_ogrns(number: str) -> None:
    assert is_ogrn(number)


@given(st.sampled_from("125"), digits(11), st.integers(1, 9))
def test_ogrn_has_one_right_ending(first: str, rest: str, shift: int) -> None:
    head = first + rest
    right = ogrn_check_digit(head)
    assert is_ogrn(head + right)
    assert not is_ogrn(head + str((int(right) + shift) % 10))


@given(digits(13))
def test_an_entrepreneurs_number_is_right_whatever_its_remainder(rest: str) -> None:
    """Remainders of 10 to 12 are written by their last digit."""
    head = "3" + rest
    assert is_ogrn(head + str(int(head) % 13 % 10))


@pytest.mark.parametrize(
    "text", ["", "3027700132195", "0027700132195", "404500116000157", "102770013219", "1027700132196"]
)
def test_other_texts_are_no_ogrn(text: str) -> None:
    assert not is_ogrn(text)
