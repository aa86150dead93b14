"""Names as they are compared, and numbers of documents as they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.registry.names import compact, folded

names = st.text("абвеёжйАБЕЁ -.,\u0306\u0308", max_size=30)


@pytest.mark.parametrize(
    "spelling",
    ["Салтыков-Щедрёв", "салтыков щедрев", "САЛТЫКОВ  -  ЩЕДРЁВ ", "Салтыков–Щедрёв", "Салтыков-Щедре\u0308в"],
)
def test_spellings_of_one_name_fold_alike(spelling: str) -> None:
    assert folded(spelling) == "салтыков щедрев"


def test_other_letters_stay_different() -> None:
    assert folded("Сергей") != folded("Сергеи")
    assert folded("Семёнов") != folded("Семенова")


@given(names)
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)
    assert folded(name.upper()) == folded(name.lower()) == folded(name)


def test_numbers_lose_their_spaces_and_case() -> None:
    assert compact(" iv-бю 12 34") == "IV-БЮ1234"
