"""Reasons for a verdict, as data: what speaks against the right to work, and what is missing to decide.

Texts are Russian, without a full stop at the end; the fact that decides, with its period, stands beside them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a verdict comes to, and what a reason leads to."""

    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: its stable code, what it leads to, what it says, and what to do about it."""

    code: str
    outcome: Outcome
    text: str
    remedy: str


def _against(code: str, text: str, remedy: str) -> Reason:
    return Reason(code, Outcome.NOT_ELIGIBLE, text, remedy)


def _missing(code: str, text: str, remedy: str) -> Reason:
    return Reason(code, Outcome.UNKNOWN, text, remedy)


WORKER_NOT_KNOWN = _missing(
    "WORKER_NOT_KNOWN", "к этому дню регистр ещё не знал работника", "Спросите по более позднему знанию"
)
WORKER_DECEASED = _against("WORKER_DECEASED", "работник умер", "Сверьте дату, на которую спрашиваете")
WORKER_MERGED = _against(
    "WORKER_MERGED", "запись объединена с другой записью того же лица", "Спросите о той записи, которая осталась"
)
WORKER_REVOKED = _against("WORKER_REVOKED", "запись работника отозвана", "Обратитесь к оператору регистра")
WORKER_SUSPENDED = _against("WORKER_SUSPENDED", "запись работника приостановлена", "Обратитесь к оператору регистра")

SPECIALTY_NOT_FOR_POST = _against(
    "SPECIALTY_NOT_FOR_POST",
    "по справочнику 2.999.643.40 в этой специальности эту должность не занимают",
    "Сверьте должность и специальность со справочником",
)
CREDENTIAL_ABSENT = _against(
    "CREDENTIAL_ABSENT",
    "нет ни аккредитации, ни сертификата, ни допуска в нужной специальности",
    "Работнику нужно пройти аккредитацию; если она пройдена, её вносит аккредитационный орган",
)
CREDENTIAL_OF_OTHER_SPECIALTY = _against(
    "CREDENTIAL_OF_OTHER_SPECIALTY",
    "право работать есть, но в другой специальности или на другой должности",
    "Сверьте должность и специальность; работнику нужна аккредитация в нужной специальности",
)
CREDENTIAL_EXPIRED = _against(
    "CREDENTIAL_EXPIRED",
    "аккредитация, сертификат или допуск в нужной специальности истекли до этой даты",
    "Работнику нужно пройти периодическую аккредитацию",
)
CREDENTIAL_NOT_YET = _against(
    "CREDENTIAL_NOT_YET",
    "аккредитация, сертификат или допуск в нужной специальности действуют лишь после этой даты",
    "Спросите на более позднюю дату",
)
CREDENTIAL_ANNULLED = _against(
    "CREDENTIAL_ANNULLED", "аккредитация в нужной специальности аннулирована", "Работнику нужно пройти её заново"
)
PRACTICE_SUSPENDED = _against(
    "PRACTICE_SUSPENDED", "допуск к работе приостановлен", "Дождитесь снятия или окончания ограничения"
)
POST_FORBIDDEN = _against(
    "POST_FORBIDDEN", "работнику запрещено занимать эту должность", "Дождитесь снятия или окончания ограничения"
)

PERSON_CARD_NOT_FOUND = _against(
    "PERSON_CARD_NOT_FOUND",
    "в этой организации работник не числится",
    "Внесите приём на работу; о человеке, которого ещё не приняли, спрашивайте с BeforeHire",
)
PERSON_CARD_ENDED = _against(
    "PERSON_CARD_ENDED", "работа в этой организации окончилась до этой даты", "Сверьте дату, на которую спрашиваете"
)
PERSON_CARD_NOT_YET = _against(
    "PERSON_CARD_NOT_YET", "работа в этой организации начинается после этой даты", "Сверьте дату приёма на работу"
)
POST_MISMATCH = _against(
    "POST_MISMATCH",
    "в этой организации работник занимает другую должность",
    "Сверьте должность с приказом; перевод вносит работодатель",
)

NO_ORG_ON_DATE = _against("NO_ORG_ON_DATE", "на эту дату организация не действует", "Сверьте OID организации и дату")
LICENCE_NOT_VALID = _against(
    "LICENCE_NOT_VALID",
    "лицензия организации приостановлена, аннулирована или прекращена",
    "Организации нужна действующая лицензия",
)
LICENCE_NOT_ON_DATE = _against(
    "LICENCE_NOT_ON_DATE", "на эту дату ни одна лицензия организации не действует", "Сверьте срок лицензии и дату"
)
LICENCE_ACTIVITY_ABSENT = _against(
    "LICENCE_ACTIVITY_ABSENT",
    "действующая лицензия организации не разрешает деятельность, к которой относится должность",
    "Сверьте должность; организации нужна лицензия на эту деятельность",
)

REQUIREMENTS_UNKNOWN = _missing(
    "REQUIREMENTS_UNKNOWN",
    "справочник 2.999.643.40 не говорит, в каких специальностях занимают эту должность",
    "Укажите специальность и сверьте её с квалификационными требованиями сами",
)
CARE_LIMITED = _missing(
    "CARE_LIMITED",
    "есть ограничение, о котором регистр не знает, касается ли оно этой работы",
    "Посмотрите ограничение в RestrictionList",
)
PATIENTS_LIMITED = _missing(
    "PATIENTS_LIMITED",
    "допуск дан к работе лишь с одной категорией пациентов",
    "Посмотрите допуск в карточке работника",
)
ORG_NOT_FOUND = _missing("ORG_NOT_FOUND", "организации с этим OID в регистре нет", "Проверьте OID организации")
LICENCE_UNKNOWN = _missing(
    "LICENCE_UNKNOWN", "о лицензиях организации регистр не знает", "Сверьтесь с реестром лицензий"
)
LICENCE_ACTIVITY_UNKNOWN = _missing(
    "LICENCE_ACTIVITY_UNKNOWN",
    "регистр не знает, какую деятельность разрешает лицензия организации",
    "Сверьтесь с реестром лицензий",
)
SECTION_WITHHELD = _missing(
    "SECTION_WITHHELD",
    "нужный раздел записи не открыт ролям вашей системы",
    "Обратитесь к оператору узла за ролью, если она вам положена",
)

REASONS = tuple(value for value in globals().values() if isinstance(value, Reason))
"""All reasons, in the order above."""
