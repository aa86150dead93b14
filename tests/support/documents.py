"""Documents for property tests: what they say, apart from how they happen to be written."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import strategies as st

NAMESPACES = ["urn:a", "urn:b", "urn:a&b", "http://example.org/c?d=1"]
PREFIXES = ["", "a", "b", "q", "ns1", "ns2", "имя", "a-1.x"]
# The last two sort one way by code points and the other way by UTF-16 code units.
NAMES = ["a", "b", "z-1", "_", "Ещё", "\uf900", "\U00010300"]
SPECIAL = ">]<&\r\n\t \"'?!\x7f\x85\x9f\u00a0\u2028\ufffdaЯ\U0001f600"


@dataclass(frozen=True)
class Instruction:
    data: str


@dataclass(frozen=True)
class Comment:
    data: str


@dataclass(frozen=True)
class Node:
    """`attributes` by namespace (empty: none) and local name."""

    namespace: str
    name: str
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)
    children: tuple[Node | str | Instruction | Comment, ...] = ()


@st.composite
def _sized_texts(draw: st.DrawFn) -> str:
    """Texts of the sizes at which the rules for `>` change, with special characters at those places."""
    size = draw(st.sampled_from([11, 12, 13, 511, 512, 513, 1023, 1024, 1025]))
    characters = ["x"] * size
    for place in [0, 5, 10, 508, 1020]:
        characters[place:place] = draw(st.text(">>]&\U0001f600", max_size=5))
    return "".join(characters)[:size]


texts = (
    st.text(SPECIAL, min_size=1, max_size=14)
    | st.text("\t\n\r ", min_size=1, max_size=4)
    | st.text(">]&x", min_size=1, max_size=14)
    | _sized_texts()
)
attribute_names = st.tuples(st.sampled_from(["", *NAMESPACES]), st.sampled_from(NAMES))
_others = st.builds(Instruction, st.sampled_from(["", "a", '<a b="c">', ' xmlns="u&v" > '])) | st.builds(
    Comment, st.sampled_from(["", "<?a?>", " > "])
)


def _nodes(children: st.SearchStrategy[tuple[Node | str | Instruction | Comment, ...]]) -> st.SearchStrategy[Node]:
    return st.builds(
        Node,
        namespace=st.sampled_from(NAMESPACES),
        name=st.sampled_from(NAMES),
        attributes=st.dictionaries(attribute_names, st.text(SPECIAL, max_size=8), max_size=4),
        children=children,
    )


documents = st.recursive(
    _nodes(st.just(())),
    lambda inner: _nodes(st.lists(inner | texts | _others, max_size=5).map(tuple)),
    max_leaves=12,
)
"""Documents with everything in them."""

_FEW_NAMES = {
    "namespace": st.sampled_from(NAMESPACES[:2]),
    "name": st.sampled_from("ab"),
    "attributes": st.just({}) | st.dictionaries(st.tuples(st.sampled_from(["", "urn:b"]), st.just("z")), st.just("1")),
}
skeletons = st.recursive(
    st.builds(Node, **_FEW_NAMES),
    lambda inner: st.builds(Node, **_FEW_NAMES, children=st.lists(inner, min_size=2, max_size=6).map(tuple)),
    max_leaves=30,
)
"""Documents of elements that resemble each other: the same tag stands in many scopes."""


def kept_texts(node: Node) -> list[str]:
    """The texts among an element's children that are not only white space, as a reader without comments sees them."""
    pieces = [""]
    for child in node.children:
        if isinstance(child, str):
            pieces[-1] += child
        elif not isinstance(child, Comment):
            pieces.append("")
    return [piece for piece in pieces if piece.strip("\t\n\r ")]


class Writer:
    """Writes a document in one of the many ways of writing it; `choices` decides which."""

    def __init__(self, choices: random.Random) -> None:
        self._choices = choices

    def write(self, node: Node, around: dict[str, str] | None = None) -> str:
        """`around` are the namespaces that are declared around the element, by prefix."""
        tag = _Tag(self._choices, around or {})
        name = tag.name(node.namespace, node.name)
        attributes = [
            f'{tag.name(*key, attribute=True)}="{_escaped_value(value)}"' for key, value in node.attributes.items()
        ]
        while self._choices.random() < 0.2 and len(tag.settled) < len(PREFIXES):
            tag.declare(self._choices.choice(NAMESPACES))
        attributes += tag.declarations
        self._choices.shuffle(attributes)
        space = self._space(node)
        inside = space + "".join(self._child(child, tag.scope) + space for child in node.children)
        start = " ".join([name, *attributes])
        if not inside and self._choices.random() < 0.5:
            return f"<{start}/>"
        return f"<{start}>{inside}</{name}>"

    def _child(self, child: Node | str | Instruction | Comment, scope: dict[str, str]) -> str:
        match child:
            case str():
                return _escaped_text(child)
            case Instruction(data):
                return f"<?pi {data}?>"
            case Comment(data):
                return f"<!--{data}-->"
            case Node():
                return self.write(child, scope)

    def _space(self, node: Node) -> str:
        # Beside a text it would become a part of it.
        if any(isinstance(child, str) for child in node.children):
            return ""
        return self._choices.choice(["", "", "\n  ", "\t"])


class _Tag:
    """The prefixes of one start tag: `scope` is what holds inside, `settled` what this tag depends on."""

    def __init__(self, choices: random.Random, around: dict[str, str]) -> None:
        self.scope = dict(around)
        self.settled: set[str] = set()
        self.declarations: list[str] = []
        self._choices = choices

    def name(self, namespace: str, local: str, *, attribute: bool = False) -> str:
        if not namespace:
            return local
        known = [prefix for prefix, uri in self.scope.items() if uri == namespace and (prefix or not attribute)]
        if known and self._choices.random() < 0.8:
            prefix = self._choices.choice(known)
            self.settled.add(prefix)
        else:
            prefix = self.declare(namespace, attribute=attribute)
        return f"{prefix}:{local}" if prefix else local

    def declare(self, namespace: str, *, attribute: bool = False) -> str:
        prefix = self._choices.choice([p for p in PREFIXES if p not in self.settled and (p or not attribute)])
        self.settled.add(prefix)
        self.scope[prefix] = namespace
        self.declarations.append(f'xmlns{":" if prefix else ""}{prefix}="{_escaped_value(namespace)}"')
        return prefix


def _escaped_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _escaped_value(value: str) -> str:
    value = _escaped_text(value).replace('"', "&quot;").replace("\t", "&#9;").replace("\n", "&#10;")
    return value.replace("&gt;", ">")
