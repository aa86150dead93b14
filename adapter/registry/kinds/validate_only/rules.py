"""Rules of the dry run itself; what is wrong with the update that is tried stands in the answer."""

from ....exchange.rejection import RejectReason
from ...rule import Rule

KIND_UNKNOWN = Rule(
    "KIND_UNKNOWN",
    "вида сведений с корневым элементом {sent} в регистре нет",
    "Проверьте имя корневого элемента и пространство имён проверяемого запроса",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)
KIND_CHANGES_NOTHING = Rule(
    "KIND_CHANGES_NOTHING",
    "вид сведений {sent} ничего не изменяет",
    "Подайте такой запрос сам по себе: проверяют лишь изменения регистра",
    RejectReason.UNKNOWN_REQUEST_DESCRIPTION,
)

RULES = (KIND_UNKNOWN, KIND_CHANGES_NOTHING)
