"""Rules of rights: for all kinds the same, and judged before anything of a person is read."""

from ..exchange.rejection import RejectReason
from .rule import Rule

_DENIED = RejectReason.ACCESS_DENIED

ROLE_NOT_PERMITTED = Rule(
    "ROLE_NOT_PERMITTED",
    "системе {sender} этот вид сведений не разрешён: он доступен ролям {roles}",
    "Обратитесь к оператору узла за ролью, если она вам положена",
    _DENIED,
)
ORG_NOT_PERMITTED = Rule(
    "ORG_NOT_PERMITTED",
    "система {sender} не вправе обращаться от имени организации {sent}",
    "Обратитесь к оператору узла за полномочиями или исправьте OID организации",
    _DENIED,
)
PURPOSE_UNKNOWN = Rule(
    "PURPOSE_UNKNOWN",
    "цели обращения {sent} нет в справочнике {dictionary} на дату {day}",
    "Укажите код цели, действующий на дату обращения",
    _DENIED,
)
CONSENT_ABSENT = Rule(
    "CONSENT_ABSENT",
    "работник не давал согласия на передачу своих сведений, а без согласия они вашей роли не выдаются",
    "Получите согласие работника: он вносит его через личный кабинет или работодателя",
    _DENIED,
)

SIGNATURE_MISSING = Rule(
    "SIGNATURE_MISSING",
    "под содержанием сообщения нет подписи должностного лица",
    "Подпишите корневой элемент содержания, дав ему атрибут Id, и поместите подпись в PersonalSignature",
    _DENIED,
)
SIGNATURE_INVALID = Rule(
    "SIGNATURE_INVALID",
    "подпись должностного лица не принята: {why}",
    "Исправьте причину и отправьте сообщение, подписанное заново",
    _DENIED,
)
OFFICIAL_UNKNOWN = Rule(
    "OFFICIAL_UNKNOWN",
    "сертификат {sent} не принадлежит должностному лицу, известному регистру",
    "Передайте сертификат и полномочия должностного лица оператору узла",
    _DENIED,
)
OFFICIAL_NOT_OF_SENDER = Rule(
    "OFFICIAL_NOT_OF_SENDER",
    "должностное лицо с сертификатом {sent} не действует через систему {sender}",
    "Отправьте сообщение через систему должностного лица или обратитесь к оператору узла",
    _DENIED,
)
OFFICIAL_NOT_IN_OFFICE = Rule(
    "OFFICIAL_NOT_IN_OFFICE",
    "полномочия должностного лица с сертификатом {sent} на дату {day} не действуют",
    "Подпишите сообщение лицом с действующими полномочиями или продлите их у оператора узла",
    _DENIED,
)
OFFICIAL_NOT_OF_ORGANISATION = Rule(
    "OFFICIAL_NOT_OF_ORGANISATION",
    "должностное лицо с сертификатом {sent} подписывает только за организации {own}, а это сообщение не от их имени",
    "Подпишите сообщение лицом, которое вправе это делать, или исправьте OID организации",
    _DENIED,
)

SIGNATURE_RULES = (
    SIGNATURE_MISSING,
    SIGNATURE_INVALID,
    OFFICIAL_UNKNOWN,
    OFFICIAL_NOT_OF_SENDER,
    OFFICIAL_NOT_IN_OFFICE,
    OFFICIAL_NOT_OF_ORGANISATION,
)
