"""Declared damage does what it says, and never nothing."""

import pytest
from lxml import etree
from mezhved.adapter.conformance.changes import Change, ChangeError, apply
from mezhved.adapter.exchange.contract import CONTRACTS

CONTRACT = CONTRACTS["1.2"]
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header/><s:Body>'
    f'<t:AckRequest xmlns:t="{CONTRACT.types}"><t:A>one</t:A><t:B>AAAA</t:B></t:AckRequest></s:Body></s:Envelope>'
).encode()


def changed(change: Change) -> etree._Element:
    return etree.fromstring(apply(change, ENVELOPE, CONTRACT))


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


def test_text_is_replaced_where_asked() -> None:
    change = {"replace": "t:A>", "with": "t:C>"}
    assert apply(change, ENVELOPE, CONTRACT).count(b"t:C>") == 2
    assert b"<t:C>one</t:A>" in apply(change | {"which": "first"}, ENVELOPE, CONTRACT)
    assert b"<t:A>one</t:C>" in apply(change | {"which": "last"}, ENVELOPE, CONTRACT)


def test_elements_are_removed_moved_and_copied() -> None:
    assert names(changed({"remove": "//t:A"})[1][0]) == ["B"]
    moved = changed({"move": "//t:A", "to": "/s:Envelope/s:Header"})
    assert (names(moved[0]), names(moved[1][0])) == (["A"], ["B"])
    copied = changed({"copy": "//t:A", "to": "/s:Envelope/s:Header"})
    assert (names(copied[0]), names(copied[1][0])) == (["A"], ["A", "B"])


def test_one_bit_of_base64_is_flipped() -> None:
    assert changed({"flip": "//t:B"})[1][0][1].text == "AQAA"


def test_an_element_is_pretty_printed() -> None:
    body = changed({"indent": "//t:AckRequest"})[1][0]
    assert body.text is not None
    assert body.text.isspace()


def test_octets_are_cut_padded_and_written_in_another_encoding() -> None:
    assert apply({"truncate": 5}, ENVELOPE, CONTRACT) == ENVELOPE[:-5]
    assert len(apply({"pad": 2000}, ENVELOPE, CONTRACT)) == 2000
    assert apply({"encode": "utf-16"}, ENVELOPE, CONTRACT).decode("utf-16") == ENVELOPE.decode()
    assert apply({"prepend": "<!DOCTYPE x>"}, ENVELOPE, CONTRACT) == b"<!DOCTYPE x>" + ENVELOPE


@pytest.mark.parametrize(
    "change",
    [{"replace": "absent", "with": ""}, {"remove": "//t:Z"}, {"flip": "//t:AckRequest"}, {"break": "it"}, {}],
    ids=str,
)
def test_a_change_that_changes_nothing_is_an_error(change: Change) -> None:
    with pytest.raises(ChangeError):
        apply(change, ENVELOPE, CONTRACT)
