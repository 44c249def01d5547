"""The graph of attributes, as coordinates.

An attribute that an inspector returned has one parent, the attribute that was looked up: the graph is a forest, drawn
from left to right with one column for each depth. Attributes without parent and children are drawn below it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from alert_responder.contracts.report import Report, ReportedAttribute
from alert_responder.domain.sanitize import ellipsize, spell_out
from alert_responder.page.bounds import Bounds
from alert_responder.page.findings import NO_VERDICT, by_attribute, verdict_of

NODE_WIDTH, NODE_HEIGHT = 244, 46
"""Size of a node [px]."""

_GAP_X, _GAP_Y = 64, 12
_COLUMNS = 4
"""Number of nodes without children in a row."""

_MAX_CHARACTERS = 28
"""Characters that fit the width of a node."""

_DERIVED_FROM = frozenset({"url", "email"})
_BADNESS = ("malicious", "suspicious", "unknown", NO_VERDICT, "harmless")


@dataclass(frozen=True, slots=True)
class Node:
    """An attribute in the drawing; `anchor` links to its findings."""

    x: int
    y: int
    type: str
    value: str
    whole: str
    verdict: str
    found_by: str | None
    anchor: str | None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """A curve from an attribute to a child."""

    x1: int
    y1: int
    x2: int
    y2: int
    bend: int


@dataclass(frozen=True, slots=True)
class Graph:
    """The drawing [px].

    Attributes
    ----------
    roots
        The same nodes as a tree, for narrow screens and screen readers.
    more
        Number of attributes left out.
    is_wide
        Whether it is wider than a page.
    """

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[Node, ...]
    more: int
    is_wide: bool


def graph(report: Report, anchors: Mapping[str, str], bounds: Bounds) -> Graph | None:
    """Lay out the graph; return None for a report without attributes.

    Parameters
    ----------
    anchors
        Anchors of the attributes with findings, by attribute id.
    """
    if not report.attributes:
        return None
    findings = by_attribute(report)
    verdicts = {attribute.id: verdict_of(findings.get(attribute.id, ())) for attribute in report.attributes}
    chosen = _chosen(report.attributes, verdicts, bounds.nodes)
    drawing = _Drawing(chosen, verdicts, anchors)
    trees = [root for root in drawing.roots if drawing.children(root)]
    single = [root for root in drawing.roots if not drawing.children(root)]
    roots, y = [], 0
    for root in trees:
        node, y = drawing.tree(root, 0, y)
        roots.append(node)
    columns = max(max((_depth(node) for node in roots), default=1), min(_COLUMNS, len(single)))
    for number, attribute in enumerate(single):
        row, column = divmod(number, columns)
        roots.append(drawing.node(attribute, column, y + row * (NODE_HEIGHT + _GAP_Y), ()))
    if single:
        y += -(-len(single) // columns) * (NODE_HEIGHT + _GAP_Y)
    nodes = tuple(node for root in roots for node in _all(root))
    return Graph(
        width=columns * (NODE_WIDTH + _GAP_X) - _GAP_X,
        height=y - _GAP_Y,
        nodes=nodes,
        edges=tuple(_edge(node, child) for node in nodes for child in node.children),
        roots=tuple(roots),
        more=len(report.attributes) - len(chosen),
        is_wide=columns > _COLUMNS,
    )


def _chosen(
    attributes: Sequence[ReportedAttribute], verdicts: Mapping[str, str], most: int
) -> tuple[ReportedAttribute, ...]:
    """Select the attributes with the worst verdicts and their ancestors, then others in the report's order."""
    if len(attributes) <= most:
        return tuple(attributes)
    by_value = {(attribute.type, attribute.value): attribute for attribute in attributes}
    kept: dict[str, ReportedAttribute] = {}
    # The sort is stable: equals keep the report's order, in which children follow their parents.
    for attribute in sorted(attributes, key=lambda each: (_BADNESS.index(verdicts[each.id]), -each.depth)):
        line = []
        link: ReportedAttribute | None = attribute
        while link is not None and link.id not in kept and link not in line:
            line.append(link)
            link = by_value.get((link.origin.attribute_type or "", link.origin.attribute_value or ""))
        if len(kept) + len(line) <= most:
            kept |= {each.id: each for each in line}
        if len(kept) == most:
            break
    return tuple(attribute for attribute in attributes if attribute.id in kept)


class _Drawing:
    """Places nodes. An origin names the parent of an attribute by type and value."""

    def __init__(
        self, attributes: Sequence[ReportedAttribute], verdicts: Mapping[str, str], anchors: Mapping[str, str]
    ) -> None:
        self._verdicts = verdicts
        self._anchors = anchors
        self._children: dict[tuple[str, str], list[ReportedAttribute]] = {}
        known = {(attribute.type, attribute.value): attribute.depth for attribute in attributes}
        roots = []
        for attribute in attributes:
            parent = (attribute.origin.attribute_type or "", attribute.origin.attribute_value or "")
            # A parent must be less deep, so that no report can contain a cycle. A host is as deep as its URL, but never
            # the parent of one of this depth.
            is_derived = parent[0] in _DERIVED_FROM and attribute.type not in _DERIVED_FROM
            if parent in known and known[parent] < attribute.depth + is_derived:
                self._children.setdefault(parent, []).append(attribute)
            else:
                roots.append(attribute)
        self.roots = tuple(roots)

    def children(self, attribute: ReportedAttribute) -> Sequence[ReportedAttribute]:
        """List the children of an attribute."""
        return self._children.get((attribute.type, attribute.value), ())

    def tree(self, attribute: ReportedAttribute, column: int, y: int) -> tuple[Node, int]:
        """Place an attribute and its descendants; return the position of the next."""
        placed: list[Node] = []
        below = y
        for child in self.children(attribute):
            node, below = self.tree(child, column + 1, below)
            placed.append(node)
        if not placed:
            return self.node(attribute, column, y, ()), y + NODE_HEIGHT + _GAP_Y
        middle = (placed[0].y + placed[-1].y) // 2
        return self.node(attribute, column, middle, tuple(placed)), below

    def node(self, attribute: ReportedAttribute, column: int, y: int, children: tuple[Node, ...]) -> Node:
        """Build the node of an attribute."""
        inspector = attribute.origin.inspector
        return Node(
            x=column * (NODE_WIDTH + _GAP_X),
            y=y,
            type=ellipsize(attribute.type, 32),
            value=ellipsize(spell_out(attribute.value[: 2 * _MAX_CHARACTERS]), _MAX_CHARACTERS),
            whole=ellipsize(attribute.value, 200),
            verdict=self._verdicts[attribute.id],
            found_by=ellipsize(inspector, 24) if inspector else None,
            anchor=self._anchors.get(attribute.id),
            children=children,
        )


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in node.children), default=0)


def _edge(node: Node, child: Node) -> Edge:
    middle = NODE_HEIGHT // 2
    x1 = node.x + NODE_WIDTH
    return Edge(x1, node.y + middle, child.x, child.y + middle, (x1 + child.x) // 2)
