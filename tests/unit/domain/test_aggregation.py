"""Grouping alerts and finding the report they belong to."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.aggregation import (
    MAX_ATTRIBUTES_LENGTH,
    MAX_DESCRIPTION_LENGTH,
    MAX_NAME_LENGTH,
    alert_bodies,
    by_alert_id,
    group_id,
    new_head,
    open_window,
    owner_of,
    size_of,
    summarise,
)
from alert_responder.domain.attributes import MAX_VALUE_LENGTH, identity
from alert_responder.domain.missing_attributes import MAX_OTHER_TYPES
from alert_responder.domain.records import AlertHead, Event, Head, Window
from alert_responder.store import items
from alert_responder.store.reports import MAX_GROUP_BYTES, pack_groups
from tests.unit.domain.builders import attribute, event

WINDOW = 100
_events = st.lists(
    st.builds(
        lambda number, arrival, values, key, native: event(
            number, arrival, *map(attribute, values), alert_key=key
        )._replace(native=native),
        st.integers(1, 9),
        st.integers(0, 500),
        st.lists(st.sampled_from(["a.test", "A.test", "b.test", "c.test"]), max_size=3),
        st.sampled_from(["k", "l"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda made: made.event_id,
)


@given(_events, st.data())
def test_order_and_duplicates_in_a_batch_do_not_change_the_groups(events: list[Event], data: st.DataObject) -> None:
    again = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events)))]))
    groups = by_alert_id(again)
    assert groups == by_alert_id(events)
    assert sorted(one.event_id for group in groups.values() for one in group) == sorted(e.event_id for e in events)
    assert all(list(group) == sorted(group, key=lambda one: one.arrival) for group in groups.values())


@given(_events)
def test_a_summary_has_every_attribute_with_its_alert(events: list[Event]) -> None:
    ordered = sorted(events, key=lambda one: one.arrival)
    summary = summarise(ordered)
    assert [event_id for event_id, _ in summary.events] == [one.event_id for one in ordered]
    assert {identity(found) for found, _ in summary.attributes} == {
        identity(one) for made in events for one in made.alert.attributes
    }
    for position, (_, head) in enumerate(summary.attributes):
        assert position in summary.heads[head].attributes
        assert all(position not in earlier.attributes for earlier in summary.heads[:head])
    assert items.read_group({"sk": f"alerts/{summary.group_id}", **items.group_item(summary)}) == summary


@given(st.lists(st.text(max_size=5), unique=True), st.data())
def test_a_group_id_depends_only_on_its_events(ids: list[str], data: st.DataObject) -> None:
    assert group_id(data.draw(st.permutations(ids))) == group_id(ids)
    assert group_id([*ids, "another one"]) != group_id(ids)


def test_attributes_too_large_to_be_inspected_are_counted() -> None:
    long, longest = attribute("x" * MAX_VALUE_LENGTH, "username"), attribute("x" * (MAX_VALUE_LENGTH + 1), "username")
    summary = summarise([event(1, 0, long, longest)])
    assert ([found for found, _ in summary.attributes], summary.left_out) == ([long], 1)
    fit = MAX_ATTRIBUTES_LENGTH // MAX_VALUE_LENGTH
    many = [attribute(f"{number:04d}".ljust(MAX_VALUE_LENGTH, "x"), "username") for number in range(fit + 3)]
    summary = summarise([event(1, 0, *many)])
    assert (len(summary.attributes), summary.left_out) == (fit, 3)
    assert [(one.why, one.number) for one in summary.missing] == [("much", 3)]


def test_free_text_does_not_prevent_lookups() -> None:
    padded = attribute("a.test", "domain", ["remote", *(f"a{number}" for number in range(500))]).model_copy(
        update={"key": "k" * 100_000}
    )
    many = [padded.model_copy(update={"value": f"{number}.test"}) for number in range(900)]
    summary = summarise([event(1, 0, padded, *many)])
    kept = [found for found, _ in summary.attributes]
    assert [found.value for found in kept] == ["a.test", *(f"{number}.test" for number in range(900))]
    assert all("remote" in found.context for found in kept)
    assert (summary.left_out, summary.missing) == (0, ())
    assert sum(map(size_of, kept)) < MAX_ATTRIBUTES_LENGTH


def test_the_first_missing_attribute_of_each_known_type_is_kept() -> None:
    long = "y" * (MAX_VALUE_LENGTH + 1)
    junk = [attribute(long, f"junk{number}") for number in range(100)]
    evil = [attribute(long, "url"), attribute(long, "url", ["remote", "own-word"])]
    more = (attribute("evil.test", "domain", ["server"]),)
    made = event(1, 0, *junk, *evil)._replace(cut_off=5, beyond=more)
    summary = summarise([made])
    found = {(one.why, one.attribute.type): one for one in summary.missing}
    assert len(found) == MAX_OTHER_TYPES + 2
    assert found["large", "url"].number == 2
    assert found["large", "url"].attribute.context == ("remote",)
    assert len(found["large", "url"].attribute.value) < 1_000
    assert found["many", "domain"].attribute.value == "evil.test"
    assert items.read_group({"sk": f"alerts/{summary.group_id}", **items.group_item(summary)}) == summary


@given(st.lists(st.integers(0, 2_000), min_size=1, max_size=30), st.data())
def test_each_arrival_is_owned_by_one_report_with_an_open_window(arrivals: list[int], data: st.DataObject) -> None:
    heads: dict[str, Head | None] = {}
    newest: Window | None = None
    for number, arrival in enumerate(sorted(arrivals)):
        if newest is None or owner_of(arrival, newest, heads) is None:
            newest, inside = open_window([event(number, arrival)], f"R{number}", WINDOW, newest)
            assert inside
            heads[newest.report_id] = new_head(newest, "a")
    assert newest is not None
    arrival = data.draw(st.integers(-50, 2_200))
    owner = owner_of(arrival, newest, heads)
    ends = sorted(head.ends for head in heads.values() if head)
    if owner is None:
        assert arrival >= ends[-1]
        return
    head = heads[owner]
    assert head is not None
    assert arrival < head.ends
    # A report owns arrivals after the end of the previous one, without a gap.
    assert head.previous_ends is None or arrival >= head.previous_ends


def test_an_expired_report_owns_nothing() -> None:
    first, _ = open_window([event(1, 0)], "R1", WINDOW, None)
    second, _ = open_window([event(2, 500)], "R2", WINDOW, first)
    assert owner_of(50, second, {}) == "R1", "its head must be read"
    assert owner_of(50, second, {"R1": None}) == "R2"


def test_a_window_excludes_its_end() -> None:
    window, inside = open_window([event(1, 0), event(2, WINDOW - 1), event(3, WINDOW)], "R1", WINDOW, None)
    assert [one.event_id for one in inside] == ["e1", "e2"]
    assert (owner_of(WINDOW - 1, window, {}), owner_of(WINDOW, window, {})) == ("R1", None)
    following, _ = open_window([event(3, WINDOW)], "R2", WINDOW, window)
    heads: dict[str, Head | None] = {"R1": new_head(window, "a")}
    assert (owner_of(WINDOW - 1, following, heads), owner_of(WINDOW, following, heads)) == ("R1", "R2")


def test_groups_too_large_for_a_transaction_are_split_in_order() -> None:
    # Hexadecimal digits of hashes do not compress to less than half their size.
    noise = [group_id([str(number)]) for number in range(20_000)]
    events = [event(number, number, body=noise[number * 500 : (number + 1) * 500]) for number in range(40)]
    groups = pack_groups(events)
    assert len(groups) > 1
    assert [one for group in groups for one, _ in group.summary.events] == [one.event_id for one in events]
    assert all(sum(map(len, group.bodies)) <= MAX_GROUP_BYTES for group in groups)
    whole = event(1, 0, body=noise)
    (alone,) = pack_groups([whole])
    assert len(alone.bodies) > 1
    assert items.unpack(b"".join(alone.bodies))[0]["alert"]["body"] == noise


def test_a_batch_is_grouped_by_alert_id() -> None:
    one, other = event(1, 0, alert_key="k"), event(2, 0, alert_key="l")
    assert by_alert_id([other, one]) == {one.alert.alert_id: (one,), other.alert.alert_id: (other,)}


def test_a_new_head_has_all_fields_of_its_window() -> None:
    previous = Window("R0", 1, 40, None, None)
    window, _ = open_window([event(1, 50)], "R1", WINDOW, previous)
    assert window == Window("R1", 50, 150, "R0", 40)
    assert new_head(window, "a") == Head("R1", "a", 1, "open", 1, 0, 50, 150, "R0", 40)


def test_group_ids_never_change() -> None:
    """A replay after a deployment must find the groups that were stored before."""
    expected = hashlib.sha256(b'["e1","e2"]').hexdigest()
    assert group_id(["e2", "e1"]) == expected


def test_bodies_contain_whole_alerts_as_json() -> None:
    made = event(1, 5, attribute("a.test"), timestamp="2026-01-02T03:04:05Z", body={"x": [1]})
    (body,) = items.unpack(items.pack(alert_bodies([made])))
    assert (body["event_id"], body["arrival"]) == ("e1", 5)
    assert body["alert"] == json.loads(made.alert.model_dump_json())


def test_a_summary_shortens_the_texts_of_alerts() -> None:
    long = "x" * 3_000
    made = event(
        1, 5, rule_name=long, severity=long, description=long, timestamp="2026-01-02T03:04:05.678Z", alert_key="k"
    )
    (head,) = summarise([made, event(2, 6)]).heads
    assert head == AlertHead(
        detector="d",
        rule_id="r",
        rule_name=long[:MAX_NAME_LENGTH],
        alert_key="k",
        description=long[:MAX_DESCRIPTION_LENGTH],
        timestamp="2026-01-02T03:04:05.678Z",
        severity=long[:MAX_NAME_LENGTH],
        event=0,
    )


def test_a_summary_has_the_texts_of_the_worst_alerts() -> None:
    severities = ["low", "low", "high", "low", "critical", None]
    made = [event(number, number, severity=severity) for number, severity in enumerate(severities)]
    made.append(event(9, 9, severity="low", body={"outcome": {"result": "SUCCESS"}}))
    summary = summarise(made)
    assert [(head.event, head.severity, head.outcome) for head in summary.heads] == [
        (0, "low", None),
        (1, "low", None),
        (2, "high", None),
        (4, "critical", None),
        (6, "low", "success"),
    ]
    assert items.read_group({"sk": f"alerts/{summary.group_id}", **items.group_item(summary)}) == summary


def test_the_size_of_an_attribute_counts_all_texts() -> None:
    assert size_of(Attribute(type="domain", key="key", value="value", context=("ab", "cde"))) == 13


def test_numbers_of_cut_off_attributes_are_added() -> None:
    events = [event(number, number)._replace(cut_off=number) for number in (1, 2, 3)]
    summary = summarise(events)
    assert (summary.cut_off, summary.left_out) == (6, 0)
    assert items.read_group({"sk": f"alerts/{summary.group_id}", **items.group_item(summary)}) == summary
