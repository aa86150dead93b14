"""What can be wrong with declared kinds: found when the node starts, not when a message comes."""

from typing import ClassVar


class CatalogueError(Exception):
    """Base of the errors of declared kinds; the text names the file and says what to change."""

    code: ClassVar[str] = "CATALOGUE_ERROR"


class KindUnusable(CatalogueError):  # noqa: N818  named for what is wrong
    """The folder of a kind lacks something, or its description or schema cannot be used."""

    code = "KIND_UNUSABLE"


class KindClash(CatalogueError):  # noqa: N818  named for what is wrong
    """Two kinds have the same name or the same root element: a message could not be told to be one or the other."""

    code = "KIND_CLASH"
