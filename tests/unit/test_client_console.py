"""What a person is told of a fault."""

from mezhved.adapter.client_console import fault_as_json, fault_text
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


def test_a_fault_as_json_has_its_code_all_errors_and_what_to_do() -> None:
    told = fault_as_json(InvalidContent((FIRST, SECOND)))
    assert (told["name"], told["code"], told["action"]) == ("InvalidContent", InvalidContent.code, "correct")
    assert told["errors"][1] == {"line": 3, "path": "Request/Inn", "text": "second"}
    assert "first" in told["text"]
