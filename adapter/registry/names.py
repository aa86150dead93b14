"""Names of people as they are compared: spellings that mean the same person are the same."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐‑–.,]+")
_TO_YE = str.maketrans({"ё": "е"})


def folded(name: str) -> str:
    """`name` as it is searched: case, ё and е, hyphens, points and spaces make no difference.

    `Салтыков-Щедрин` and `салтыков  щедрин` fold alike; so do `Семёнова` and `СЕМЕНОВА`.
    """
    whole = unicodedata.normalize("NFC", name).casefold().translate(_TO_YE)
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", whole)).strip()


def compact(number: str) -> str:
    """Series or number of a document as it is kept and searched: without spaces, letters in upper case."""
    return "".join(number.split()).upper()
