"""The primitives, by name: the least that can be done for each step of a message's way, with nothing around it."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count

import psycopg
from lxml import etree
from lxml.etree import _Element as Element
from sqlalchemy import make_url

from ...signing.canonical import exclusive_c14n
from ...signing.keys import SigningKey
from ...signing.providers import provider_for
from ...signing.transform import smev_transform
from ...xsd.validation import Schema
from .measuring import Work

PARSE = "parse"
SCHEMA = "XSD"
C14N = "exclusive c14n"
TRANSFORM = "SMEV transform"
DIGEST = "digest"
VERIFY = "verify"
SIGN = "sign"
COMMIT = "durable commit"
NAMES = (PARSE, SCHEMA, C14N, TRANSFORM, DIGEST, VERIFY, SIGN, COMMIT)
"""Every primitive, in the order in which a message meets them."""

_SIGNED_INFO = 800
"""About as many octets has a SignedInfo, which is what is signed and verified."""
_OCTETS = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def plain_parse(octets: bytes) -> Element:
    """A parse by lxml, as safe as the node's own, and nothing else."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root: Element = etree.fromstring(octets, parser)
    return root


def on_document(octets: bytes, signed: Element, schemas: Mapping[str, tuple[Schema, Element]]) -> dict[str, Work]:
    """The primitives that know no keys: `signed` is the element under a signature; each schema, by a name for it, has
    the element that it judges."""
    canonical = exclusive_c14n(signed)
    judging = {f"{SCHEMA}, {name}": partial(schema.errors, element) for name, (schema, element) in schemas.items()}
    return {
        PARSE: lambda: plain_parse(octets),
        **judging,
        C14N: lambda: exclusive_c14n(signed),
        TRANSFORM: lambda: smev_transform(canonical),
    }


def with_key(key: SigningKey, signed: Element) -> dict[str, Work]:
    """The primitives of a key: the digest is of the whole signed element, signing and verifying of a SignedInfo."""
    provider = provider_for(key.algorithm)
    transformed = smev_transform(exclusive_c14n(signed))
    info = transformed[:_SIGNED_INFO]
    value = key.sign(info)
    return {
        DIGEST: lambda: provider.digest(key.algorithm.digest, transformed),
        VERIFY: lambda: provider.verify(key.algorithm, key.certificate, info, value),
        SIGN: lambda: key.sign(info),
    }


@contextmanager
def durable_commit(url: str, octets: bytes) -> Iterator[Work]:
    """One row of `octets` put into a table of its own and committed to the disk, by the database's own driver."""
    target = make_url(url)
    numbers = count()
    mark = "?" if target.get_backend_name() == "sqlite" else "%s"
    connection = _connected(url)
    try:
        connection.execute("DROP TABLE IF EXISTS bench_commit")
        columns = f"id BIGINT PRIMARY KEY, body {_OCTETS[target.get_backend_name()]} NOT NULL"
        connection.execute(f"CREATE TABLE bench_commit ({columns})")
        connection.commit()
        insert = f"INSERT INTO bench_commit VALUES ({mark}, {mark})"  # noqa: S608 – nothing in it comes from outside

        def work() -> None:
            connection.execute(insert, (next(numbers), octets))
            connection.commit()

        yield work
        connection.execute("DROP TABLE bench_commit")
        connection.commit()
    finally:
        connection.close()


def _connected(url: str) -> "sqlite3.Connection | psycopg.Connection[tuple[object, ...]]":
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(target.database))
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        return connection
    return psycopg.connect(target.set(drivername="postgresql").render_as_string(hide_password=False))
