"""The order of requests about the same thing: what a kind names as the key of order, and the keys there are.

Requests with the same key take effect one by one, in the order of acceptance, however many workers there are. Kinds
that write about a person name the person. Kinds that only read name nothing: they tell what the register holds when
they are answered, and nobody waits for anybody; who wants to read what he has written waits for the answer first.
"""

from collections.abc import Callable
from hashlib import sha256

from lxml.etree import _Element as Element

from .check_digits import normalised_snils

OrderKey = Callable[[Element], str | None]
"""Content of a request, valid against its kind's schema, to the key; None: it has no order."""


def person_key(snils: str) -> str:
    """The key of all that is about one person, in whatever spelling the number is.

    A digest, so that lists and logs of a queue show no number. It protects from nobody who can read the database: the
    numbers are few enough to be tried, and the messages stand there anyway.
    """
    return sha256(f"person\n{normalised_snils(snils)}".encode()).hexdigest()


def about_organisation(path: str) -> OrderKey:
    """The key of the organisation whose OID stands at `path`, local names of elements below the root."""
    return _about("organisation", path)


def about_dictionary(path: str) -> OrderKey:
    """The key of the dictionary whose OID stands at `path`, local names of elements below the root."""
    return _about("dictionary", path)


def _about(what: str, path: str) -> OrderKey:
    steps = "/".join(f"{{*}}{name}" for name in path.split("/"))

    def key(content: Element) -> str | None:
        oid = content.findtext(steps)
        return None if oid is None else sha256(f"{what}\n{oid}".encode()).hexdigest()

    return key


def about_person(path: str) -> OrderKey:
    """The key of the person whose СНИЛС stands at `path`, local names of elements below the root."""
    steps = "/".join(f"{{*}}{name}" for name in path.split("/"))

    def key(content: Element) -> str | None:
        snils = content.findtext(steps)
        return None if snils is None else person_key(snils)

    return key
