"""The SMEV transform on the published examples, to the octet."""

from lxml import etree
from mezhved.signing.canonical import exclusive_c14n
from mezhved.signing.transform import smev_transform
from shared_vectors import shared_dir
from support.plain_transform import plain_transform


def test_every_published_example() -> None:
    folder = shared_dir() / "vectors" / "transform"
    examples = sorted(folder.glob("*.in.xml"))
    assert examples
    for example in examples:
        octets = exclusive_c14n(etree.parse(example).getroot())
        expected = example.with_name(example.name.removesuffix(".in.xml") + ".expected").read_bytes()
        assert smev_transform(octets) == expected, example.name
        assert plain_transform(octets) == expected, example.name
