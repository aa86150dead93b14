"""Times on the wire."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from mezhved.adapter.exchange.times import is_within, read_date_time
from mezhved.adapter.exchange.writing import element, escape_attribute, escape_text, timestamp

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23T15:00:00+03:00", NOON),
        ("2026-11-23T15:00:00", NOON),
        ("2026-11-23T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-11-23T12:00:00.123456789Z", NOON + timedelta(microseconds=123456)),
        ("2026-11-22T24:00:00Z", datetime(2026, 11, 23, tzinfo=UTC)),
        (" 2026-11-23T12:00:00Z\n", NOON),
    ],
)
def test_reads_every_form_of_a_moment(written: str, moment: datetime) -> None:
    assert read_date_time(written) == moment


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-11-23",
        "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:01Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T24:00:00Z",
    ],
)
def test_refuses_what_is_no_moment(written: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_date_time(written)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_written_moment_reads_back_to_the_millisecond(moment: datetime) -> None:
    assert abs(read_date_time(timestamp(moment)) - moment) < timedelta(milliseconds=1)


def test_the_window_is_closed_on_both_sides() -> None:
    window = timedelta(minutes=10)
    assert is_within(NOON - window, NOON, window)
    assert is_within(NOON + window, NOON, window)
    assert not is_within(NOON + window + timedelta(microseconds=1), NOON, window)
    assert not is_within(NOON - window - timedelta(microseconds=1), NOON, window)


XML_TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("<>&\"'\r\n\t")
)


@given(XML_TEXT, XML_TEXT)
def test_what_is_written_is_already_canonical(text: str, attribute: str) -> None:
    octets = f'<a x="{escape_attribute(attribute)}">{escape_text(text)}{element("b", text)}</a>'.encode()
    tree = etree.fromstring(octets)
    assert (tree.text or "") == text
    assert tree.get("x") == attribute
    assert etree.tostring(tree, method="c14n", exclusive=True) == octets
