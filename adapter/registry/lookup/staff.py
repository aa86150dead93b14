"""Categories of staff: to which of them a post belongs, by the dictionary of posts."""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import Connection

from ..dictionaries import POSTS, look_up

_DEEPEST = 5
"""Levels of the dictionary of posts that are climbed."""


class StaffCategory(StrEnum):
    """Categories of staff: the codes at the top of the dictionary of posts."""

    DOCTORS = "1"
    NURSES = "2"
    PHARMACISTS = "3"


def staff_categories(conn: Connection, posts: Collection[str]) -> dict[str, StaffCategory]:
    """The category at the top of each post, one query a level; a post that leads to none is left out."""
    categories = set(StaffCategory)
    top = {post: post for post in posts}
    for _ in range(_DEEPEST):
        codes = {(POSTS, code) for code in top.values() if code not in categories}
        if not codes:
            break
        found = look_up(conn, codes)
        parents = {code: periods[-1].parent for _, code in codes if (periods := found.periods(POSTS, code))}
        top = {post: parents.get(code) or code for post, code in top.items()}
    return {post: StaffCategory(code) for post, code in top.items() if code in categories}
