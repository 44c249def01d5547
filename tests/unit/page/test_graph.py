"""The graph: children are right of their parents, and nodes do not overlap."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.page.bounds import BOUNDS
from alert_responder.page.graph import NODE_HEIGHT, NODE_WIDTH, Graph, Node, graph
from tests.fakes.reports import a_report, an_attribute
from tests.unit.page.builders import attribute, finding

CHAIN = [attribute("a"), attribute("b", 1, "a"), attribute("c", 2, "b"), attribute("d", 1, "a"), attribute("e")]


def drawn(attributes: list[dict[str, Any]], findings: list[dict[str, Any]] | None = None, **bounds: int) -> Graph:
    made = graph(a_report(attributes=attributes, findings=findings or []), {}, replace(BOUNDS[0], **bounds))
    assert made is not None
    return made


def by_value(made: Graph) -> dict[str, Node]:
    return {node.value: node for node in made.nodes}


def test_children_are_right_of_their_parents() -> None:
    made = drawn(CHAIN)
    nodes = by_value(made)
    assert nodes["a"].x < nodes["b"].x == nodes["d"].x < nodes["c"].x
    assert nodes["a"].x == nodes["e"].x
    assert [child.value for child in nodes["a"].children] == ["b", "d"]
    assert {(edge.x1, edge.y1) for edge in made.edges} == {
        (nodes[one].x + NODE_WIDTH, nodes[one].y + NODE_HEIGHT // 2) for one in "ab"
    }
    assert len(made.edges) == 3
    assert [root.value for root in made.roots] == ["a", "e"]


@given(st.data())
def test_nodes_do_not_overlap_and_are_inside_the_drawing(data: st.DataObject) -> None:
    attributes: list[dict[str, Any]] = []
    for number in range(data.draw(st.integers(1, 40))):
        parent = data.draw(st.sampled_from([None, *attributes]))
        depth = parent["depth"] + 1 if parent else 0
        attributes.append(attribute(f"v{number}", depth, parent["value"] if parent else None))
    made = drawn(attributes)
    assert sorted(node.whole for node in made.nodes) == sorted(each["value"] for each in attributes)
    places = [(node.x, node.y) for node in made.nodes]
    for x, y in places:
        assert x + NODE_WIDTH <= made.width
        assert y + NODE_HEIGHT <= made.height
        assert not [(a, b) for a, b in places if (a, b) != (x, y) and a == x and abs(b - y) < NODE_HEIGHT]
    assert len(set(places)) == len(places)


def test_the_worst_attributes_are_kept_with_their_ancestors() -> None:
    others = [attribute(f"x{n}") for n in range(100)]
    made = drawn([*others, *CHAIN], [finding("c", "malicious"), finding("x7", "suspicious")], nodes=4)
    assert [node.value for node in made.nodes] == ["a", "b", "c", "x7"]
    assert by_value(made)["c"].verdict == "malicious"
    assert made.more == 101


def test_false_origins_do_not_create_a_cycle() -> None:
    made = drawn([attribute("a", 1, "b"), attribute("b", 1, "a"), attribute("c", 0, "c")])
    assert len(made.nodes) == 3
    assert made.edges == ()
    assert graph(a_report(attributes=[]), {}, BOUNDS[0]) is None


def test_a_host_is_right_of_the_url_from_which_it_is_derived() -> None:
    url = "https://a.example/x"
    origin = {"inspector": None, "attribute_type": "url", "attribute_value": url}
    made = drawn(
        [
            an_attribute(url, id=url, type="url"),
            an_attribute("a.example", id="a.example", type="domain", origin=origin),
            an_attribute("ftp://a.example/", id="ftp", type="url", origin=origin),
        ]
    )
    (host,) = made.nodes[0].children
    assert (host.whole, host.found_by) == ("a.example", None)
    assert [root.whole for root in made.roots] == [url, "ftp://a.example/"]


def test_a_long_chain_is_wide() -> None:
    chain = [attribute("0"), *(attribute(str(n), n, str(n - 1)) for n in range(1, 6))]
    assert drawn(chain).is_wide
    assert not drawn(CHAIN).is_wide
