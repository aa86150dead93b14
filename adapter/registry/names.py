"""Names of people as they are compared: spellings that mean the same person are the same."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-‐‑–.,]+")
_YO = re.compile("е\u0308+")
"""The letter ё taken apart: е and its dots, however many."""


def folded(name: str) -> str:
    """`name` as it is searched: case, ё and е, hyphens, points and spaces make no difference.

    `Салтыков-Щедрин` and `салтыков  щедрин` fold alike; so do `Семёнова` and `СЕМЕНОВА`.
    """
    apart = unicodedata.normalize("NFD", name.casefold())
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", _YO.sub("е", apart))).strip()


def compact(number: str) -> str:
    """Series or number of a document as it is kept and searched: without spaces, letters in upper case."""
    return "".join(number.split()).upper()
