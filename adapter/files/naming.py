"""What a file of the store may be called. Names come from outside and become paths: none may lead elsewhere."""

import unicodedata
from urllib.parse import quote

from ..exchange.message_id import InvalidMessageId, MessageId

_LONGEST = 255
"""Octets of a name, as file systems have it."""


class BadName(ValueError):  # noqa: N818  named for what is wrong
    """A file or its directory cannot have this name; the text is Russian, for an exchange partner."""

    code = "BAD_FILE_NAME"


def checked_file_id(text: str) -> str:
    """The directory of a file: a UUID of version 1 in lower case, like a MessageID (MR 3.3, section 5).

    Raises BadName.
    """
    try:
        return MessageId.parse(text).text
    except InvalidMessageId as error:
        raise BadName("каталог файла должен называться UUID версии 1 строчными буквами") from error


def checked_name(text: str) -> str:
    """The name of a file itself. Raises BadName; also for U+FFFD, which stands where a name was not UTF-8."""
    if not text or text in {".", ".."} or len(text.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise BadName(f"имя файла должно иметь от 1 до {_LONGEST} байт в UTF-8 и не быть «.» или «..»")
    if any(one in text for one in "/\\\ufffd") or any(
        unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in text
    ):
        raise BadName("в имени файла не должно быть «/», «\\» и управляющих знаков")
    return text


def folder_name(text: str) -> str:
    """A name for a folder of our own, whatever characters `text` has: two different ones never get the same."""
    return "".join(quote(one, safe="") if one in "%/\\" or one < " " else one for one in text).replace(".", "%2E")
