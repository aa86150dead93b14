"""The SMEV transform rule by rule, on documents small enough to check by eye."""

import pytest
from lxml import etree
from mezhved.signing.canonical import exclusive_c14n, inclusive_c14n
from mezhved.signing.errors import TransformError
from mezhved.signing.transform import smev_transform
from support.plain_transform import plain_transform


def transformed(document: str) -> str:
    octets = exclusive_c14n(etree.fromstring(document.encode()))
    found = smev_transform(octets)
    assert found == plain_transform(octets)
    return found.decode()


def text_of(text: str) -> str:
    """How a text is written, the text given as a reader of XML sees it."""
    element = etree.Element("{urn:a}a")
    element.text = text
    octets = exclusive_c14n(element)
    assert smev_transform(octets) == plain_transform(octets)
    return smev_transform(octets).decode().removeprefix('<ns1:a xmlns:ns1="urn:a">').removesuffix("</ns1:a>")


def test_a_namespace_is_declared_where_it_is_first_used_under_the_next_number() -> None:
    assert transformed('<a xmlns="urn:a" xmlns:b="urn:b" xmlns:c="urn:c"><c:d/><b:e><c:f/></b:e><c:g/></a>') == (
        '<ns1:a xmlns:ns1="urn:a"><ns2:d xmlns:ns2="urn:c"></ns2:d>'
        '<ns3:e xmlns:ns3="urn:b"><ns4:f xmlns:ns4="urn:c"></ns4:f></ns3:e><ns5:g xmlns:ns5="urn:c"></ns5:g></ns1:a>'
    )


def test_a_prefix_means_what_its_nearest_declaration_says() -> None:
    assert transformed('<p:a xmlns:p="urn:a"><p:b xmlns:p="urn:b"><p:c/></p:b><p:d/></p:a>') == (
        '<ns1:a xmlns:ns1="urn:a"><ns2:b xmlns:ns2="urn:b"><ns2:c></ns2:c></ns2:b><ns1:d></ns1:d></ns1:a>'
    )


def test_two_prefixes_of_one_namespace_become_one() -> None:
    assert transformed('<p:a xmlns:p="urn:a" xmlns:q="urn:a"><q:b><p:c q:d="1"/></q:b></p:a>') == (
        '<ns1:a xmlns:ns1="urn:a"><ns1:b><ns1:c ns1:d="1"></ns1:c></ns1:b></ns1:a>'
    )


def test_attributes_with_a_namespace_come_first_by_it_and_their_declarations_in_that_order() -> None:
    assert transformed('<a xmlns="urn:m" xmlns:p="urn:z" xmlns:q="urn:b" z="1" p:a="2" q:b="3" q:a="4" b="5"/>') == (
        '<ns1:a xmlns:ns1="urn:m" xmlns:ns2="urn:b" xmlns:ns3="urn:z"'
        ' ns2:a="4" ns2:b="3" ns3:a="2" b="5" z="1"></ns1:a>'
    )


@pytest.mark.parametrize(
    "document",
    [
        '<a xmlns="urn:a"><b/><b \uf900="1" \U00010300="2"/></a>',
        '<a xmlns="urn:a" \uf900="1" \U00010300="2"/>',
        '<a xmlns="urn:a" xmlns:p="urn:p" p:\uf900="1" p:\U00010300="2"/>',
    ],
)
def test_names_are_ordered_by_utf16_units_not_by_code_points(document: str) -> None:
    assert transformed(document).index("\U00010300") < transformed(document).index("\uf900")


def test_white_space_between_elements_goes_and_every_other_text_stays_whole() -> None:
    assert transformed('<a xmlns="urn:a">\n\t<b> </b> <c> x\n</c>&#13;\n<d>\u00a0</d>t </a>') == (
        '<ns1:a xmlns:ns1="urn:a"><ns1:b></ns1:b><ns1:c> x\n</ns1:c><ns1:d>\u00a0</ns1:d>t </ns1:a>'
    )


def test_an_instruction_parts_two_texts_and_a_comment_does_not() -> None:
    assert transformed('<a xmlns="urn:a"> <?p x>y?>t<?p?> <!-- c --> </a>') == '<ns1:a xmlns:ns1="urn:a">t</ns1:a>'
    assert transformed('<a xmlns="urn:a">t<!-- c --> </a>') == '<ns1:a xmlns:ns1="urn:a">t </ns1:a>'


def test_comments_in_the_octets_are_dropped_too() -> None:
    assert smev_transform(b'<?x?><a xmlns="urn:a"><!-- <b> --> <b></b></a>') == (
        b'<ns1:a xmlns:ns1="urn:a"><ns1:b></ns1:b></ns1:a>'
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<&\"'", "&lt;&amp;\"'"),
        ("a\r\nb\tc", "a&#xd;\nb\tc"),
        ("\x7f\x80\x9f\u00a0\u0085", "&#x7f;&#x80;&#x9f;\u00a0&#x85;"),
        (">>a", "&gt;>a"),
        ("a>b", "a>b"),
        ("]]>a", "]]&gt;a"),
        ("&>&>", "&amp;>&amp;>"),
        # Twelve units and more.
        (">>a34567890", "&gt;>a34567890"),
        (">>a345678901", "&gt;&gt;a345678901"),
        ("123456789&>>a>", "123456789&amp;&gt;&gt;a>"),
        ("123456789]>>a>", "123456789]&gt;&gt;a>"),
        ("12345678901\x85>", "12345678901&#x85;&gt;"),
        # A character beyond U+FFFF counts twice.
        ("\U0001f600>>&>678901", "\U0001f600>>&amp;&gt;678901"),
        ("\U0001f600>>&>67890", "\U0001f600>>&amp;>67890"),
    ],
)
def test_which_characters_of_a_text_are_escaped(text: str, written: str) -> None:
    assert text_of(text) == written


def test_long_texts_are_written_in_blocks_of_512_units() -> None:
    assert text_of("x" * 511 + ">>") == "x" * 511 + ">&gt;"
    assert text_of("x" * 512 + ">>") == "x" * 512 + "&gt;&gt;"
    assert text_of("x" * 513 + ">") == "x" * 513 + ">"
    assert text_of("\U0001f600" * 256 + ">") == "\U0001f600" * 256 + "&gt;"
    # Half of the character stands in the next block, before the `>`.
    assert text_of("x" * 511 + "\U0001f600>") == "x" * 511 + "\U0001f600>"


def test_values_of_attributes_keep_their_brackets() -> None:
    document = '<a xmlns="urn:a" b="a>b> &lt;&amp;&quot;\'&#9;&#10;&#13;" c="x=&quot;"><d e="&gt;">t</d>&gt;</a>'
    assert transformed(document) == (
        '<ns1:a xmlns:ns1="urn:a" b="a>b> &lt;&amp;&quot;\'&#x9;&#xa;&#xd;" c="x=&quot;">'
        '<ns1:d e=">">t</ns1:d>&gt;</ns1:a>'
    )


def test_namespaces_keep_their_ampersands() -> None:
    assert transformed('<a xmlns="urn:a?b&amp;c" xmlns:d="urn:d&amp;" d:e="xmlns=&quot;&amp;"/>') == (
        '<ns1:a xmlns:ns1="urn:a?b&amp;c" xmlns:ns2="urn:d&amp;" ns2:e="xmlns=&quot;&amp;"></ns1:a>'
    )


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("<a/>", "the element a is in no namespace"),
        ('<p:a xmlns:p="urn:a"><b/></p:a>', "the element b is in no namespace"),
        ('<a xmlns="urn:a"><b xmlns=""/></a>', "the element b is in no namespace"),
        ('<a xmlns="urn:a"><b/><b xml:lang="ru"/></a>', "xml:lang"),
        ('<a xmlns="urn:a" xml:space="preserve"> </a>', "xml:space"),
        ('<xml:a xmlns="urn:a"/>', "xml:a"),
    ],
)
def test_what_the_format_has_no_rule_for_is_refused_by_name(document: str, words: str) -> None:
    octets = exclusive_c14n(etree.fromstring(document))
    with pytest.raises(TransformError, match=words):
        smev_transform(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"text",
        b'<a xmlns="urn:a">',
        b'<a xmlns="urn:a"/>',
        b'<a xmlns="urn:a"></a></a>',
        b'<a xmlns="urn:a"></a>text',
        b'text<a xmlns="urn:a"></a>',
        b'<a xmlns="urn:a"><></a>',
        b'<a xmlns="urn:a">a > b</a>',
        b'<a xmlns="urn:a"><![CDATA[a]]></a>',
        b'<!DOCTYPE a><a xmlns="urn:a"></a>',
        b"<a xmlns='urn:a'></a>",
        b'<a xmlns="urn:a"><p:b></p:b></a>',
        b'<a xmlns="urn:a">\0</a>',
        b'<a xmlns="urn:a">\xff&gt;</a>',
    ],
)
def test_octets_that_are_not_canonical_are_refused(octets: bytes) -> None:
    with pytest.raises(TransformError):
        smev_transform(octets)


def test_an_element_that_has_no_canonical_form_is_refused() -> None:
    with pytest.raises(TransformError, match="<a> has no canonical form"):
        exclusive_c14n(etree.fromstring('<a xmlns="relative"/>'))


def test_inclusive_c14n_inherits_namespaces_and_xml_attributes() -> None:
    document = etree.fromstring(
        '<r xmlns="urn:r" xmlns:p="urn:p" xml:lang="ru" xml:space="preserve"><m xml:lang="en"><p:a xml:space="default">'
        "<b/></p:a>tail</m></r>"
    )
    assert inclusive_c14n(document[0][0]).decode() == (
        '<p:a xmlns="urn:r" xmlns:p="urn:p" xml:lang="en" xml:space="default"><b></b></p:a>'
    )
    assert document[0][0].items() == [("{http://www.w3.org/XML/1998/namespace}space", "default")]
