"""Planning: each lookup once, by depth, within the limits, regardless of the order of the input."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.inspection import InspectionTask
from alert_responder.contracts.plugin import External, InspectorPlugin, InstallationSettings
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.attributes import identity
from alert_responder.domain.free_text import MAX_CONTEXTS
from alert_responder.domain.identifiers import sequence
from alert_responder.domain.internal import internal_estate
from alert_responder.domain.lookup_plan import (
    MAX_SUMMARY_ATTRIBUTES,
    MAX_SUMMARY_LENGTH,
    KnownAttribute,
    Limits,
    Lookup,
    agenda,
    forbidden,
    in_chunks,
    known_attributes,
    left_empty,
    lookup_record,
    redacted_task,
    skipped_record,
    wants,
)
from alert_responder.domain.lookup_shares import RESERVE
from alert_responder.domain.records import CHUNK_SIZE, GroupSummary, LookupRecord, Origin
from tests.unit.domain.builders import attribute, event

_values = st.sampled_from(["a.test", "A.TEST", "b.test", "c.test", "d[.]test", "d.test", "no domain"])
_attributes = st.builds(
    attribute, _values, st.sampled_from(["domain", "username"]), st.sampled_from([(), ("remote",), ("local", "file")])
)
_inspectors = st.lists(
    st.builds(
        InspectorPlugin,
        name=st.sampled_from("xyz"),
        arn=st.just("arn"),
        version=st.just(1),
        enabled=st.booleans(),
        attribute_types=st.sampled_from([(), ("domain",)]),
        contexts=st.sampled_from([(), ("remote",)]),
        detectors=st.sampled_from([(), ("d",), ("other",)]),
    ),
    max_size=3,
    unique_by=lambda inspector: inspector.name,
)
_limits = st.builds(Limits, st.integers(0, 3), st.integers(1, 12))
_groups = st.lists(st.lists(_attributes, max_size=4).map(tuple), min_size=1, max_size=3).map(
    lambda lists: [summarise([event(number, number, *found)]) for number, found in enumerate(lists)]
)


def run(
    groups: list[GroupSummary], inspectors: list[InspectorPlugin], limits: Limits, answers: list[list[Attribute]]
) -> list[LookupRecord]:
    """Plan and answer until nothing is left; the n-th task returns the n-th of `answers`."""
    return run_noting(groups, inspectors, limits, answers)[0]


def run_noting(
    groups: list[GroupSummary], inspectors: list[InspectorPlugin], limits: Limits, answers: list[list[Attribute]]
) -> tuple[list[LookupRecord], dict[str, int]]:
    """Plan and answer in rounds until nothing is left; also return the alerts without lookups."""
    tasks: list[LookupRecord] = []
    seen: dict[str, int] = {}
    for round_ in range(1, 20):
        for iteration in range(1, limits.max_depth + 3):
            mine = sequence(round_, iteration)
            planned = agenda(known_attributes(groups, tasks), inspectors, tasks, limits, plan=mine, seen=seen)
            seen |= dict.fromkeys(left_empty(planned, tasks, seen), planned.wave)
            for lookup in planned.lookups:
                found = tuple(answers[len(tasks) % len(answers)]) if answers else ()
                task = lookup_record("R1", lookup, mine, wave=planned.wave)
                tasks.append(task._replace(outcome="ok", new_attributes=found))
        if not planned.deferred:
            return tasks, seen
    raise AssertionError("rounds follow each other for ever")


@given(groups=_groups, inspectors=_inspectors, limits=_limits, answers=st.lists(st.lists(_attributes, max_size=3)))
def test_planning_keeps_its_limits_and_plans_each_lookup_once(
    groups: list[GroupSummary], inspectors: list[InspectorPlugin], limits: Limits, answers: list[list[Attribute]]
) -> None:
    tasks, seen = run_noting(groups, inspectors, limits, answers)
    known = known_attributes(groups, tasks)
    left = agenda(known, inspectors, tasks, limits, plan=sequence(30, 1), seen=seen)
    assert left.lookups == ()
    assert len({task.task_id for task in tasks}) == len(tasks) <= limits.max_tasks
    assert all(task.depth <= limits.max_depth for task in tasks)
    wanted = {f"{one.name}/{attribute.id}" for attribute in known for one in inspectors if wants(one, attribute)}
    skipped = {lookup.task_id for lookup in (*left.too_deep, *left.over_budget)}
    done = {task.task_id for task in tasks}
    assert wanted - done <= skipped
    assert not done & skipped
    if left.over_budget:
        assert len(tasks) >= limits.max_tasks - limits.max_tasks // RESERVE


@given(groups=_groups, inspectors=_inspectors, answers=st.lists(st.lists(_attributes, max_size=3)), data=st.data())
def test_planning_does_not_depend_on_the_order_of_its_input(
    groups: list[GroupSummary], inspectors: list[InspectorPlugin], answers: list[list[Attribute]], data: st.DataObject
) -> None:
    tasks = run(groups, inspectors, Limits(2, 50), answers)
    shuffled = data.draw(st.permutations(groups)), data.draw(st.permutations(tasks))
    known = known_attributes(*shuffled)
    assert known == known_attributes(groups, tasks)
    mixed = agenda(data.draw(st.permutations(known)), inspectors, [], Limits(2, 3))
    for part in (mixed.lookups, mixed.deferred, mixed.over_budget):
        depths = [lookup.known.depth for lookup in part]
        assert depths == sorted(depths)
    turned = list(reversed(inspectors))
    assert agenda(known, turned, [], Limits(2, 3)) == agenda(known, inspectors, [], Limits(2, 3))


@given(groups=_groups, answers=st.lists(st.lists(_attributes, max_size=3)))
def test_each_attribute_is_known_once_at_its_smallest_depth(
    groups: list[GroupSummary], answers: list[list[Attribute]]
) -> None:
    everyone = [InspectorPlugin(name="x", arn="arn", version=1)]
    tasks = run(groups, everyone, Limits(3, 50), answers)
    known = {one.id: one for one in known_attributes(groups, tasks)}
    assert len(known) == len(known_attributes(groups, tasks))
    for task in tasks:
        assert task.depth == known[task.attribute_id].depth
    for one in known.values():
        assert (one.depth == 0) is (one.origin is None)
        if one.origin is not None:
            assert known[one.origin.attribute_id].depth == one.depth - 1


def test_shallow_attributes_come_before_deep_ones_when_the_budget_is_short() -> None:
    groups = [summarise([event(1, 0, attribute("a.test"))])]
    (first,) = run(groups, [InspectorPlugin(name="x", arn="arn", version=1)], Limits(2, 1), [])
    found = first._replace(new_attributes=(attribute("found.test"),))
    groups.append(summarise([event(2, 1, attribute("late.test"))]))
    planned = agenda(
        known_attributes(groups, [found]),
        [InspectorPlugin(name="x", arn="arn", version=1)],
        [found],
        Limits(2, 2),
    )
    assert [lookup.known.attribute.value for lookup in planned.lookups] == ["late.test"]
    assert [lookup.known.attribute.value for lookup in planned.over_budget] == ["found.test"]


def test_a_task_contains_the_first_alert_with_the_attribute() -> None:
    many = [attribute(f"{number}.test") for number in range(50)]
    events = [event(1, 0, rule_name="first"), event(2, 1, *many, rule_name="second"), event(3, 2, many[0])]
    groups = [summarise(events[2:]), summarise(events[:2])]
    task = run(groups, [InspectorPlugin(name="x", arn="arn", version=1)], Limits(0, 1), [])[0].task
    assert task["alert"]["rule_name"] == "second"
    assert len(task["alert"]["attributes"]) == MAX_SUMMARY_ATTRIBUTES


@given(st.sets(st.text(max_size=5)))
def test_chunks_contain_each_task_once_in_order(ids: set[str]) -> None:
    chunks = in_chunks(LookupRecord("i", each, "arn", 1001, 0, {}) for each in ids)
    assert [one for chunk in chunks for one in chunk] == sorted(f"i/{each}" for each in ids)
    assert all(1 <= len(chunk) <= CHUNK_SIZE for chunk in chunks)


def known_from(**fields: Any) -> KnownAttribute:
    groups = [summarise([event(1, 0, attribute("a.test", context=["remote", "server"]), **fields)])]
    return known_attributes(groups, [])[0]


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"attribute_types": ["ipaddr", "domain"]}, True),
        ({"attribute_types": ["ipaddr"]}, False),
        ({"contexts": ["local", "server"]}, True),
        ({"contexts": ["local"]}, False),
        ({"detectors": ["edr", "d"]}, True),
        ({"detectors": ["edr"]}, False),
        ({"attribute_types": ["domain"], "contexts": ["remote"], "detectors": ["d"]}, True),
        ({"attribute_types": ["ipaddr"], "contexts": ["remote"], "detectors": ["d"]}, False),
        ({"attribute_types": ["domain"], "contexts": ["local"], "detectors": ["d"]}, False),
        ({"attribute_types": ["domain"], "contexts": ["remote"], "detectors": ["edr"]}, False),
        ({"attribute_types": ["domain"], "contexts": ["remote"], "detectors": ["d"], "enabled": False}, False),
    ],
)
def test_an_inspector_gets_attributes_that_match_all_filters(filters: dict[str, Any], wanted: bool) -> None:
    inspector = InspectorPlugin.model_validate({"name": "x", "arn": "arn", "version": 1, **filters})
    assert wants(inspector, known_from()) is wanted


def test_no_inspector_gets_an_invalid_value() -> None:
    groups = [summarise([event(1, 0, attribute("no domain"))])]
    (known,) = known_attributes(groups, [])
    assert known.valid is False
    assert not wants(InspectorPlugin(name="x", arn="arn", version=1), known)


def test_a_task_contains_all_fields() -> None:
    inspector = InspectorPlugin(
        name="x", arn="arn:x", version=1, cache_seconds=60, cache_empty_seconds=6, max_per_minute=4
    )
    many = [f"w{number:03d}" for number in range(MAX_CONTEXTS + 5)]
    found = attribute("A.test", context=many).model_copy(update={"timestamp": datetime(2026, 1, 2, tzinfo=UTC)})
    groups = [summarise([event(1, 0, found, description="what", severity="high", timestamp="2026-01-02T03:04:05Z")])]
    record = lookup_record("R1", Lookup(inspector, known_attributes(groups, [])[0]), 1002)
    told = {
        "type": "domain",
        "key": "",
        "value": "a.test",
        "context": ["local", *many[: MAX_CONTEXTS - 1]],
        "timestamp": "2026-01-02T00:00:00Z",
    }
    assert record == LookupRecord(
        inspector="x",
        attribute_id=identity(found),
        arn="arn:x",
        sequence=1002,
        depth=0,
        cache_seconds=60,
        cache_empty_seconds=6,
        max_per_minute=4,
        carrier=groups[0].carrier(0),
        wave=100_200,
        task={
            "report_id": "R1",
            "task_id": f"x/{identity(found)}",
            "inspector": "x",
            "attribute": told,
            "spelling": "A.test",
            "alert": {
                "detector": "d",
                "rule_id": "r",
                "rule_name": "r",
                "alert_key": "k",
                "description": "what",
                "timestamp": "2026-01-02T03:04:05.000Z",
                "severity": "high",
                "account": None,
                "region": None,
                "attributes": [{**told, "context": ["local", *many[:MAX_CONTEXTS]]}],
            },
            "depth": 0,
        },
    )


def test_a_found_attribute_has_its_origin() -> None:
    inspector = InspectorPlugin(name="x", arn="arn", version=1)
    groups = [summarise([event(1, 0, attribute("a.test"))])]
    task = lookup_record("R1", Lookup(inspector, known_attributes(groups, [])[0]), 1)
    _, found = known_attributes(groups, [task._replace(new_attributes=(attribute("b.test"), attribute("A.test")))])
    assert (found.id, found.depth, found.valid) == (identity(attribute("b.test")), 1, True)
    assert found.origin == Origin("x", identity(attribute("a.test")))
    assert found.alert == task.task["alert"]


def test_the_alert_in_a_task_contains_only_attributes_that_fit() -> None:
    length = MAX_SUMMARY_LENGTH // 10
    fits = [attribute(f"{number}".ljust(length, "x"), "username") for number in range(10)]
    groups = [summarise([event(1, 0, *fits, attribute("u", "username"))])]
    (first, *_) = run(groups, [InspectorPlugin(name="x", arn="arn", version=1)], Limits(0, 1), [])
    assert [one["value"][0] for one in first.task["alert"]["attributes"]] == list("0123456789")


def test_lookups_at_the_limits_of_depth_and_budget_are_planned() -> None:
    inspectors = [InspectorPlugin(name="x", arn="arn", version=1)]
    known = known_from()._replace(depth=2)
    assert agenda([known], inspectors, [], Limits(2, 1)).lookups == (Lookup(inspectors[0], known),)
    assert agenda([known], inspectors, [], Limits(2, 1)).too_deep == ()
    assert agenda([known], inspectors, [], Limits(1, 1)).too_deep == (Lookup(inspectors[0], known),)
    open_ = lookup_record("R1", Lookup(inspectors[0], known), 1)
    ended = [open_._replace(inspector=f"y{number}", outcome="ok") for number in range(2)]
    for done in ([ended[0]], ended):
        spent = agenda([known], inspectors, done, Limits(2, 1))
        assert (spent.lookups, spent.over_budget) == ((), (Lookup(inspectors[0], known),))


OUTSIDE = InspectorPlugin(
    name="outside", arn="arn:o", version=1, external=External(), cache_seconds=9, max_per_minute=4
)
INSIDE = InspectorPlugin(name="inside", arn="arn:i", version=1, detectors=("d",))
MINE = internal_estate(InstallationSettings(internal_domains=("corp.com",)))


def test_forbidden_lookups_do_not_use_the_budget() -> None:
    found = [attribute(value) for value in ("a.corp.com", "b.corp.com", "c.corp.com", "a.com", "b.com", "c.com")]
    known = known_attributes([summarise([event(1, 0, *found)])], [])
    planned = agenda(known, [OUTSIDE], [], Limits(2, 2), MINE)
    assert [lookup.known.attribute.value for lookup in planned.lookups] == ["a.com", "b.com"]
    assert [(lookup.known.attribute.value, rule) for lookup, rule in planned.refused] == [
        ("a.corp.com", "internal_domains"),
        ("b.corp.com", "internal_domains"),
    ]
    assert [lookup.known.attribute.value for lookup in planned.over_budget] == ["c.com"]
    assert [lookup.known.attribute.value for lookup, _ in planned.unlisted] == ["c.corp.com"]
    skipped = [skipped_record("R1", lookup, rule, 1001, 7) for lookup, rule in planned.refused]
    written = [lookup_record("R1", lookup, 1001, MINE) for lookup in planned.lookups]
    again = agenda(known, [OUTSIDE], [*skipped, *written], Limits(2, 2), MINE)
    assert (again.lookups, again.refused, again.over_budget) == ((), (), planned.over_budget)
    more = agenda(known, [OUTSIDE], skipped, Limits(2, 3), MINE)
    assert (len(more.lookups), len(more.refused), more.over_budget) == (3, 1, ())


def test_depth_is_checked_before_egress_rules() -> None:
    known = [one._replace(depth=3) for one in known_attributes([summarise([event(1, 0, attribute("a.corp.com"))])], [])]
    planned = agenda(known, [OUTSIDE], [], Limits(2, 9), MINE)
    assert (len(planned.too_deep), planned.refused) == (1, ())


def test_a_skipped_lookup_has_ended_and_contains_no_alert_data() -> None:
    found = attribute("A.corp.com", context=["own-word", "remote"])
    known = known_attributes([summarise([event(1, 0, found, description="what")])], [])
    record = skipped_record("R1", Lookup(OUTSIDE, known[0]), "internal_domains", 1001, 7)
    assert (record.outcome, record.ended, record.claimed, record.sequence) == ("skipped", 7, None, 1001)
    assert (record.cache_seconds, record.max_per_minute, record.answer) == (0, 0, None)
    assert "Egress rule internal_domains: " in (record.reason or "")
    assert record.task["attribute"]["value"] == "a.corp.com"
    assert record.task["alert"]["description"] == ""
    InspectionTask.model_validate(record.task)


def test_an_external_inspector_gets_a_redacted_task() -> None:
    found = [attribute("Evil[.]COM", context=["own-word", "remote"]), attribute("alice", "username")]
    groups = [summarise([event(1, 0, *found, description="alice", rule_name="alice")])]
    known = known_attributes(groups, [])
    record = lookup_record("R1", Lookup(OUTSIDE, known[0]), 1001, MINE)
    told = {"type": "domain", "key": "", "value": "evil.com", "context": ["remote"], "timestamp": None}
    assert record.task["attribute"] == told
    assert record.task["alert"]["attributes"] == [told]
    assert "alice" not in str(record.task)
    assert record.attribute_id == identity(found[0]), "the same attribute, in the report and in the cache"
    InspectionTask.model_validate(record.task)
    assert (forbidden(record, OUTSIDE, MINE), redacted_task(record, OUTSIDE, MINE)) == (None, record.task)


def test_attributes_from_external_inspectors_have_the_whole_alert() -> None:
    groups = [summarise([event(1, 0, attribute("evil.com"), description="what")])]
    known = known_attributes(groups, [])
    task = lookup_record("R1", Lookup(OUTSIDE, known[0]), 1001, MINE)
    answered = task._replace(outcome="ok", new_attributes=(attribute("found.com"), attribute("x.corp.com")))
    planned = agenda(known_attributes(groups, [answered]), [INSIDE, OUTSIDE], [answered], Limits(2, 9), MINE)
    assert {(lookup.inspector.name, lookup.known.attribute.value) for lookup in planned.lookups} == {
        ("inside", "evil.com"),
        ("inside", "found.com"),
        ("inside", "x.corp.com"),
        ("outside", "found.com"),
    }
    assert [(lookup.known.attribute.value, rule) for lookup, rule in planned.refused] == [
        ("x.corp.com", "internal_domains")
    ]
    inside = next(lookup for lookup in planned.lookups if lookup.known.attribute.value == "found.com")
    assert lookup_record("R1", inside, 1002, MINE).task["alert"]["description"] == "what"


def test_the_current_rules_apply_to_earlier_tasks() -> None:
    groups = [summarise([event(1, 0, attribute("a.com"), attribute("alice", "username"), description="what")])]
    inside = OUTSIDE.model_copy(update={"external": None})
    lookup = Lookup(inside, known_attributes(groups, [])[0])
    written_for_inside = lookup_record("R1", lookup, 1001, MINE)
    assert redacted_task(written_for_inside, inside, MINE) == written_for_inside.task
    written = lookup_record("R1", lookup._replace(inspector=OUTSIDE), 1001, MINE)
    assert redacted_task(written_for_inside, OUTSIDE, MINE) == written.task
    stricter = internal_estate(InstallationSettings(internal_domains=("a.com",)))
    assert forbidden(written, OUTSIDE, stricter) == "internal_domains"
    assert redacted_task(written, OUTSIDE, stricter)["alert"]["attributes"] == []
    allowed = OUTSIDE.model_copy(update={"external": External(allow_internal=True)})
    assert (forbidden(written, allowed, stricter), redacted_task(written, allowed, stricter)) == (None, written.task)
    assert forbidden(written, inside, stricter) is None, "internal inspectors may receive everything"
