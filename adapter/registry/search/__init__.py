"""WorkerSearch: workers by any key and filter, in pages, at a cost that does not depend on the size of the register."""

from .finding import MOST_COUNTED, MOST_ON_PAGE, Count, Found, InvalidCursor, count, find, organisations_of_licence
from .query import NothingToSearchBy, Query

__all__ = [
    "MOST_COUNTED",
    "MOST_ON_PAGE",
    "Count",
    "Found",
    "InvalidCursor",
    "NothingToSearchBy",
    "Query",
    "count",
    "find",
    "organisations_of_licence",
]
