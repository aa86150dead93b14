"""The SMEV transform on generated documents: equal to the plain one, indifferent to what must not matter to it."""

import random

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree
from mezhved.signing.canonical import exclusive_c14n, inclusive_c14n
from mezhved.signing.transform import smev_transform
from support.documents import Instruction, Node, Writer, documents, kept_texts, skeletons, texts
from support.plain_transform import plain_transform

choices = st.builds(random.Random, st.integers(0, 2**32))


def parsed(document: str | bytes) -> etree._Element:
    return etree.fromstring(document.encode() if isinstance(document, str) else document)


def transformed(document: str) -> bytes:
    return smev_transform(exclusive_c14n(parsed(document)))


@settings(max_examples=300)
@given(documents | skeletons, choices)
def test_equal_to_the_plain_transform(document: Node, style: random.Random) -> None:
    element = parsed(Writer(style).write(document))
    octets = exclusive_c14n(element)
    assert smev_transform(octets) == plain_transform(octets)
    # Declarations that are not needed, as the node has them where it puts a stranger's element into its own.
    assert smev_transform(inclusive_c14n(element)) == plain_transform(octets)


@settings(max_examples=500)
@given(texts)
def test_texts_are_escaped_as_the_plain_transform_does(text: str) -> None:
    document = Writer(random.Random(0)).write(Node("urn:a", "a", children=(text,)))
    octets = exclusive_c14n(parsed(document))
    assert smev_transform(octets) == plain_transform(octets)


@given(documents | skeletons, choices, choices)
def test_prefixes_white_space_between_elements_and_the_order_of_attributes_do_not_matter(
    document: Node, style: random.Random, another: random.Random
) -> None:
    assert transformed(Writer(style).write(document)) == transformed(Writer(another).write(document))


@given(documents, choices)
def test_a_second_time_changes_nothing(document: Node, style: random.Random) -> None:
    # Texts on both sides of an instruction are judged apart the first time, and are one text the second time.
    assume(not any(isinstance(child, Instruction) for node in _nodes(document) for child in node.children))
    once = transformed(Writer(style).write(document))
    assert transformed(once.decode()) == once


@given(documents, choices)
def test_names_texts_and_values_are_kept(document: Node, style: random.Random) -> None:
    found = list(parsed(transformed(Writer(style).write(document))).iter())
    expected = list(_nodes(document))
    assert [element.tag for element in found] == [f"{{{node.namespace}}}{node.name}" for node in expected]
    for element, node in zip(found, expected, strict=True):
        assert dict(element.attrib) == {
            f"{{{namespace}}}{name}" if namespace else name: value
            for (namespace, name), value in node.attributes.items()
        }
        texts = [element.text, *(child.tail for child in element)]
        assert "".join(text or "" for text in texts) == "".join(kept_texts(node))


def _nodes(node: Node):
    yield node
    for child in node.children:
        if isinstance(child, Node):
            yield from _nodes(child)
