"""Schemas that an operator has put into a folder: nothing outside of it is read, whatever they say."""

from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element

from .errors import KindUnusable

_XS = "{http://www.w3.org/2001/XMLSchema}"
_LINKS = tuple(f"{_XS}{name}" for name in ("include", "import", "redefine", "override"))


def read_schemas(path: Path, folder: Path) -> list[Element]:
    """The roots of a schema and of all those that it links to, itself first; `folder` must hold them all.

    They are checked before any library follows the links. Raises KindUnusable or OSError.
    """
    known: dict[Path, Element] = {}
    waiting = [path]
    while waiting:
        file = waiting.pop(0)
        if file.resolve() in known:
            continue
        root = known[file.resolve()] = _root(file)
        for link in root.iter(*_LINKS):
            location = link.get("schemaLocation")
            if location is None:
                raise KindUnusable(f"{file}: line {link.sourceline}: an import must say where (schemaLocation)")
            waiting.append(_within(file, location, folder))
    return list(known.values())


def declared_roots(schemas: list[Element], namespace: str) -> set[str]:
    """Local names of the global elements of a namespace: of its schema and of those that it includes."""
    return {
        element.get("name", "")
        for schema in schemas
        if schema.get("targetNamespace", namespace) == namespace
        for element in schema.iterchildren(f"{_XS}element")
    }


def _root(path: Path) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.fromstring(path.read_bytes(), parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise KindUnusable(f"{path}: not XML: {error}") from error
    if tree.docinfo.internalDTD is not None:
        raise KindUnusable(f"{path}: a schema must not have a DTD")
    root = tree.getroot()
    if root.tag != f"{_XS}schema":
        raise KindUnusable(f"{path}: its root is {root.tag}, not xs:schema")
    return root


def _within(file: Path, location: str, folder: Path) -> Path:
    target = file.parent / location
    # A URL ends up as a strange path that is not there, and is never fetched.
    if not target.resolve().is_relative_to(folder.resolve()):
        raise KindUnusable(f"{file}: links to {location}, outside of {folder}; put what it needs into the folder")
    if not target.is_file():
        raise KindUnusable(f"{file}: links to {location}, which is not there")
    return target
