"""Expressions evaluate as in JMESPath, with work linear in the bytes of the document for every format."""

import copy
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jmespath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.formats import parse_record
from alert_responder.formats.alert_builder import Notes
from alert_responder.formats.evaluation import Evaluation, Expression, needed, needed_to_hold, prepare
from alert_responder.formats.jmespath_functions import OPTIONS
from alert_responder.formats.registry import FormatRegistry, vendor_formats
from tests.unit.formats.test_bounds import MOST_CALLS_A_BYTE
from tests.unit.formats.test_mapping import PIECES, format_of

EVENTS = Path(__file__).parents[2] / "events"
SAMPLES = {path.stem: json.loads(path.read_bytes()) for path in sorted(EVENTS.rglob("*.json"))}
FORMATS = FormatRegistry()


def evaluated(text: str, document: Any, *, drops_null: bool = False) -> Any:
    return Evaluation(document).search(Expression(text, prepare(jmespath.compile(text).parsed, drops_null=drops_null)))


def without_nulls(found: Any) -> Any:
    """Leave out nulls, and lists of only nulls, at any depth, as for values of attributes."""
    if isinstance(found, list):
        return [each for item in found for each in without_nulls(item)]
    return [] if found is None else [found]


EXPRESSIONS = [
    *("evidence[].a", "evidence[].[a, b][]", "evidence[].[a, b]", "evidence[?a].b", "evidence[?a == 'x'].b"),
    *("evidence[?a != 'x'].b", "evidence[?a || b][].a", "evidence[?type(a) == 'string'].a", "[evidence][].a | [0]"),
    *("evidence[].[a, b][] | [0]", "evidence[*].a.b", "evidence[].a[].b[]", "evidence[].a[?b].c", "evidence[].[a][].b"),
    *("evidence[].a | [?@ != 'x']", "evidence[].a || b", "evidence[].(a || b)", "evidence[].to_string(@)", "*.a[]"),
    *("evidence[].{x: a}", "evidence[].not_null(a, b)", "length(evidence[])", "evidence[][].a", "evidence[].a && b"),
    *("evidence[1:].a", "evidence[::-1].a", "sort(evidence[].b)", "evidence[?!a].b", "evidence[?a == `null`].b"),
    *(
        "evidence[?a == 'x' && b].b",
        "evidence[?'x' == a && b && c]",
        "evidence[?a == 'x' || b].b",
        "evidence[?a == '']",
    ),
    *(
        "evidence[?a == 'x'][?b == 'x'].c",
        "evidence[].a[?b == 'x'].c",
        "evidence[?a.b == 'x'].c",
        "evidence[?a == `2`].b",
    ),
    *("evidence[?type(a) == 'null'].b", "evidence[?b > `1`].b", "evidence[].b | [1]", "[evidence, evidence][][].a"),
]
small = st.recursive(
    st.sampled_from([None, True, 0, 2, "x", ""]),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=25,
)


@pytest.mark.parametrize("text", EXPRESSIONS)
@settings(max_examples=15)
@given(st.lists(small, max_size=14) | small, small)
def test_expressions_evaluate_as_in_jmespath(text: str, evidence: Any, b: Any) -> None:
    document = {"evidence": evidence, "b": b}
    before = copy.deepcopy(document)
    try:
        wanted = jmespath.search(text, document)
    except Exception:  # noqa: BLE001 - JMESPath raises what Python raises
        return
    assert evaluated(text, document) == wanted
    assert without_nulls(evaluated(text, document, drops_null=True)) == without_nulls(wanted)
    assert document == before


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax")
@settings(max_examples=50)
@given(st.lists(PIECES, min_size=1, max_size=10).map("".join), small)
def test_any_expression_evaluates_as_in_jmespath(text: str, document: Any) -> None:
    try:
        compiled = jmespath.compile(text)
        wanted = compiled.search(document, options=OPTIONS)
    except Exception:  # noqa: BLE001 - JMESPath raises what Python raises
        return
    assert evaluated(text, document) == wanted


@pytest.mark.parametrize("name", SAMPLES)
def test_every_vendor_expression_evaluates_as_in_jmespath(name: str) -> None:
    document = SAMPLES[name]
    for each in [each for each in vendor_formats() if isinstance(document, dict) and each.recognises(document)]:
        for attribute, expression in each._attributes:
            # JMESPath may fail on elements that are not visited here.
            wanted = found = Evaluation(document).search(expression)
            with suppress(Exception):
                wanted = jmespath.compile(expression.text).search(document, options=OPTIONS)
            if attribute.type == "json":
                assert found == wanted
            assert without_nulls(found) == without_nulls(wanted)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", {"a"}),
        ("a.b", {"a"}),
        ("a || b", {"a", "b"}),
        ("a && b", {"a"}),
        ("a.to_string(@)", None),
        ("to_string(a)", None),
        ("a[].b", {"a"}),
        ("'x'", None),
        ("!a", None),
        ("@", None),
        ("[a, b]", None),
        ("a || 'x'", None),
    ],
)
def test_fields_of_which_an_expression_needs_one(text: str, fields: set[str] | None) -> None:
    assert needed(jmespath.compile(text).parsed) == fields


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a && longer", {"longer"}),
        ("a == 'x'", {"a"}),
        ("'x' == a", {"a"}),
        ("a == `null`", None),
        ("a != 'x'", None),
        ("type(a) == 'object'", {"a"}),
        ("type(a) == 'null'", None),
        ("a && (bb || cc)", {"bb", "cc"}),
        ("a || !b", None),
        ("a | b == 'x' && c", {"a"}),
        ("a | !b", None),
        ("a | b | c", {"a"}),
        ("a | b | !c", None),
        ("a || b | c", {"a", "b"}),
        ("contains(a, 'x') && b", {"b"}),
    ],
)
def test_fields_of_which_a_condition_needs_one(text: str, fields: set[str] | None) -> None:
    assert needed_to_hold(jmespath.compile(text).parsed) == fields


def test_vendor_formats_are_found_by_field_in_order() -> None:
    for document in SAMPLES.values():
        if isinstance(document, dict):
            asked = [each for each in FORMATS.candidates(document) if each.recognises(document)]
            assert asked == [each for each in FORMATS if each.recognises(document)]
    assert all(each.needs for each in vendor_formats())


def lists(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths of lists, and of strings that an expression may split."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        if isinstance(value, list):
            yield (*path, key)
        yield from lists(value, (*path, key))


def grown(document: Any, path: tuple[Any, ...], value: Any) -> bytes:
    made = copy.deepcopy(document)
    node = made
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return json.dumps(made, separators=(",", ":")).encode()


def calls(data: bytes) -> int:
    parse_record(data, FORMATS)
    count = 0

    def tick(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        parse_record(data, FORMATS)
    finally:
        sys.setprofile(before)
    return count


def elements(value: Any) -> list[Any]:
    """Build short elements: an empty one, and one for each field of the real one with little content."""
    first = value[0] if value else {}
    fields = list(first) if isinstance(first, dict) else []
    return [{}, *({name: {}} for name in fields[:1]), *({name: "x"} for name in fields[:2]), *([] if fields else ["x"])]


@pytest.mark.parametrize("name", [path.stem for path in sorted((EVENTS / "vendors").glob("*.json"))])
def test_work_is_linear_in_the_bytes_for_every_vendor(name: str) -> None:
    document = SAMPLES[name]
    for path in list(lists(document))[:3]:
        value = document
        for part in path:
            value = value[part]
        for element in elements(value):
            small_, large = (grown(document, path, [element] * count) for count in (100, 300))
            more = len(large) - len(small_)
            assert calls(large) - calls(small_) < MOST_CALLS_A_BYTE * more, (path, element)


@pytest.mark.parametrize("part", ["1:2->", "a,", "->", ":"])
@pytest.mark.parametrize("name", ["falco_connection", "crowdstrike_epp_detection", "suricata_alert"])
def test_work_is_linear_in_the_length_of_strings(name: str, part: str) -> None:
    document = SAMPLES[name]

    def texts(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        for key, value in node.items():
            if isinstance(value, str):
                yield (*path, key)
            elif isinstance(value, dict):
                yield from texts(value, (*path, key))

    for path in list(texts(document))[:20]:
        small_, large = (grown(document, path, part * count) for count in (100, 200))
        assert calls(large) - calls(small_) < MOST_CALLS_A_BYTE * (len(large) - len(small_)), path


def test_an_expression_with_too_much_work_costs_only_its_field() -> None:
    slow = f"x[].[{', '.join(['to_string(@)'] * 20)}][]"
    attributes = [{"type": "other", "value": slow}, {"type": "ipaddr", "value": "ip"}]
    mapping = format_of(match="x", rule_id="'r'", attributes=attributes)
    notes = Notes()
    found = mapping.to_alert({"x": [1] * 5_000, "ip": "192.0.2.1"}, notes)
    assert (found.rule_id, found.attributes) == ("r", ())
    assert notes.count == 2
    assert all("needs more work than the size of the event allows" in text for text in notes.texts)
    assert mapping.to_alert({"x": [1] * 500, "ip": "192.0.2.1"}).attributes[-1].value == "192.0.2.1"


def test_a_match_with_too_much_work_does_not_hold() -> None:
    slow = f"x[].[{', '.join(['to_string(@)'] * 20)}]"
    mapping = format_of(match=slow)
    assert mapping.recognises({"x": [1] * 10})
    assert not mapping.recognises({"x": [1] * 20_000})
