"""What a person is told of a fault."""

from mezhved.adapter.client_console import fault_text
from mezhved.adapter.exchange.faults import InvalidContent, ValidationError

FIRST = ValidationError(2, "Request/Snils", "first")
SECOND = ValidationError(3, "Request/Inn", "second")


def test_one_error_of_the_schema_is_told_once_and_several_are_listed() -> None:
    assert fault_text(InvalidContent((FIRST,))).count("first") == 1
    assert "  line 3: Request/Inn: second" in fault_text(InvalidContent((FIRST, SECOND))).splitlines()


def test_an_error_that_another_node_tells_beside_its_description_is_not_lost() -> None:
    fault = InvalidContent((FIRST,))
    fault.description = "SMEV-403"
    assert "  line 2: Request/Snils: first" in fault_text(fault).splitlines()
