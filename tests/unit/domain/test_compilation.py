"""How reports are compiled from their stored parts."""

from typing import Any

import pytest

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.contracts.report import Result
from alert_responder.domain.aggregation import new_head, open_window, summarise
from alert_responder.domain.alert_ranking import SHOWN_WORST
from alert_responder.domain.attributes import identity
from alert_responder.domain.compilation import compile_report
from alert_responder.domain.directory import STALE_AFTER_MS, AccountFacts, Directory
from alert_responder.domain.lookup_plan import Agenda, Limits, Lookup, agenda, known_attributes, lookup_record
from alert_responder.domain.material import SHOWN_ALERTS, SHOWN_SKIPPED, Material, arrivals, shown_alerts
from alert_responder.domain.memory_limits import Answers, Bodies
from alert_responder.domain.records import AlertOrigin, DeliveryRecord, Event, GroupSummary, LookupRecord, Window
from alert_responder.domain.skipped_attributes import unasked
from alert_responder.domain.truncation import truncate
from tests.unit.domain.builders import attribute, event

RESULT = Result(severity="urgent", reason="because", reviewer="arn:r")
INSPECTOR = InspectorPlugin(name="x", arn="arn:x", version=1)
NOTE = {"type": "note", "title": "n"}


def material(*events: Event, **changes: Any) -> Material:
    """Build material with a group for each event, planned but without lookups made."""
    groups = [summarise([one]) for one in events]
    window, _ = open_window([events[0]], "R1", 1_000, Window("R0", 0, 1, None, None))
    return Material(
        **{
            "head": new_head(window, "alert")._replace(round=2),
            "groups": groups,
            "counted": (),
            "lookups": (),
            "known": known_attributes(groups, changes.get("lookups", ())),
            "agenda": Agenda((), (), ()),
            "limits": Limits(1, 7),
            "bodies": Bodies({one.event_id: one.alert.model_dump(mode="json") for one in events}, 0),
            "answers": Answers({}, frozenset()),
            "deliveries": (),
            "first_planned": None,
            "now": 9_000,
            **changes,
        }
    )


def task_for(groups: list[GroupSummary], **changes: Any) -> LookupRecord:
    return lookup_record("R1", Lookup(INSPECTOR, known_attributes(groups, [])[0]), 1)._replace(**changes)


def test_a_report_contains_all_fields() -> None:
    first, second = event(1, 1_000, rule_name="first"), event(2, 2_000, rule_name="second")
    report = compile_report(material(first, second), RESULT)
    assert report.model_dump(exclude={"alerts", "timeline"}) == {
        "id": "R1",
        "alert_id": "alert",
        "previous_report_id": "R0",
        "round": 2,
        "title": "first",
        "status": "active",
        "alert_count": 2,
        "native_alerts": 0,
        "sources": ({"product": "d", "region": None, "standards": ()},),
        "overflow": None,
        "overview": {
            "severity": None,
            "outcome": None,
            "first_seen": None,
            "last_seen": None,
            "occurrences": None,
            "accounts": (),
            "directory_read_at": None,
            "regions": (),
        },
        "attributes": (),
        "findings": (),
        "result": RESULT.model_dump(),
        "emissions": (),
        "notes": (),
        "created_at": "1970-01-01T00:00:01.000Z",
        "updated_at": "1970-01-01T00:00:09.000Z",
        "truncated": False,
        "complete": True,
        "omissions": (),
        "test": False,
    }


def test_alerts_are_whole_with_their_arrival() -> None:
    made = event(1, 1_500, attribute("a.test"), body={"x": 1}, description="d", severity="s")
    (alert,) = compile_report(material(made), RESULT).alerts
    stored = made.alert.model_dump(mode="json")
    assert alert.model_dump(mode="json") == {
        **stored,
        "event_id": "e1",
        "arrived_at": "1970-01-01T00:00:01.500Z",
        "native": False,
        "origin": None,
    }


def test_native_alerts_are_marked_and_counted_even_if_they_are_not_shown() -> None:
    events = [event(number, number)._replace(native=number in {0, 15}) for number in range(40)]
    hidden = event(50, 50)._replace(native=True)
    made = material(*events)._replace(counted=[summarise([hidden]).counted()])
    report = compile_report(made, RESULT)
    assert [alert.event_id for alert in report.alerts if alert.native] == ["e0"]
    assert (report.alert_count, report.native_alerts) == (41, 3)


def test_no_field_of_a_stored_alert_marks_it_as_native() -> None:
    made = event(1, 1_000)._replace(native=True)
    bodies = Bodies({"e1": made.alert.model_dump(mode="json") | {"native": False, "event_id": "x"}}, 0)
    (alert,) = compile_report(material(made, bodies=bodies), RESULT).alerts
    assert (alert.native, alert.event_id) == (True, "e1")


def test_the_overview_summarises_all_groups() -> None:
    account = Attribute(type="account", value="111122223333", key="account", context=("local",))
    asked = Attribute(type="account", value="444455556666", key="account", context=("local",))
    worse = event(2, 2_000, attribute("b.test"), severity="CRITICAL", timestamp="2026-01-31T12:00:00Z")
    first = event(1, 1_000, account, severity="low", timestamp="2026-01-31T10:00:00Z", source={"product": "p"})
    made = material(first, worse)
    task = task_for(list(made.groups), outcome="ok", new_attributes=(asked,))
    found = compile_report(made._replace(known=known_attributes(made.groups, [task])), RESULT).overview
    assert found is not None
    assert (found.severity, found.first_seen, found.last_seen) == (
        "Critical",
        "2026-01-31T10:00:00.000Z",
        "2026-01-31T12:00:00.000Z",
    )
    # Attributes that inspectors found are not affected resources.
    assert [each.id for each in found.accounts] == ["111122223333"]


def test_truncation_keeps_the_overview() -> None:
    body = {
        "service": {"eventFirstSeen": "2026-01-31T10:00:00Z", "count": 7},
        "accountId": "1" * 12,
        "x": "y" * 6_000_000,
    }
    report = compile_report(material(event(1, 1_000, body=body)), RESULT)
    cut = truncate(report)
    assert cut.alerts[0].body is None
    assert cut.overview == report.overview
    assert cut.overview is not None
    assert cut.overview.occurrences == 7


def test_an_alert_stored_twice_counts_once_at_its_first_arrival() -> None:
    groups = [summarise([event(1, 5), event(2, 6)]), summarise([event(1, 4)]), summarise([event(3, 1)])]
    assert arrivals(groups) == [
        (1, "e3", groups[2].group_id),
        (4, "e1", groups[1].group_id),
        (6, "e2", groups[0].group_id),
    ]


def test_the_oldest_and_the_newest_are_shown() -> None:
    events = [event(number, number, severity="low") for number in range(2 * SHOWN_ALERTS + SHOWN_WORST + 1)]
    few, many = [summarise(events[:-1])], [summarise(events)]
    assert shown_alerts(arrivals(few), few) == arrivals(few)
    assert shown_alerts(arrivals(many), many) == arrivals(many)[:SHOWN_ALERTS] + arrivals(many)[-SHOWN_ALERTS:]


@pytest.mark.parametrize("group_size", [1, 40])
def test_the_worst_of_the_other_alerts_are_shown(group_size: int) -> None:
    severities = {15: "high", 17: "critical", 18: "medium", 20: "High", 22: "Informational", 23: "medium", 25: "fatal"}
    events = [event(number, number, severity=severities.get(number, "low")) for number in range(40)]
    groups = [summarise(events[at : at + group_size]) for at in range(0, 40, group_size)]
    chosen = [event_id for _, event_id, _ in shown_alerts(arrivals(groups), groups)]
    ends = [*range(SHOWN_ALERTS), *range(40 - SHOWN_ALERTS, 40)]
    assert chosen == [f"e{number}" for number in sorted([*ends, 15, 17, 18, 20, 25])]


def test_a_successful_attempt_is_worse_than_a_failed_one() -> None:
    results = ["FAILURE"] * 40
    results[14] = "SUCCESS"
    events = [event(number, number, body={"outcome": {"result": result}}) for number, result in enumerate(results)]
    groups = [summarise(events)]
    assert "e14" in [event_id for _, event_id, _ in shown_alerts(arrivals(groups), groups)]


@pytest.mark.parametrize("verified", [1, 4, 24])
def test_no_number_of_claims_displaces_a_verified_alert(verified: int) -> None:
    """Claims of the worst severity before and after verified alerts of the mildest, each of which names another key."""
    claims = [event(number, number, attribute("claim.test"), severity="critical") for number in range(200)]
    origin = AlertOrigin("444455556666", "us-east-1", verified=True)
    trusted = [
        event(1_000 + number, 50 + number, attribute(f"{number}.test"), severity="low")._replace(origin=origin)
        for number in range(verified)
    ]
    groups = [summarise(claims[:100]), summarise(trusted), summarise(claims[100:])]
    chosen = [event_id for _, event_id, _ in shown_alerts(arrivals(groups), groups)]
    assert {each.event_id for each in trusted} <= set(chosen)
    assert len(chosen) == len(set(chosen)) <= 2 * SHOWN_ALERTS + SHOWN_WORST
    if verified < 10:
        assert {"e0", "e199"} <= set(chosen)


def test_attributes_have_their_origin() -> None:
    made = event(1, 1_000, attribute("A.test", context=["remote"]), attribute("no domain"))
    task = task_for([summarise([made])], outcome="ok", new_attributes=(attribute("b.test"),))
    report = compile_report(material(made, lookups=(task,)), RESULT)
    whole = {"key": "", "timestamp": None}
    nowhere = {"inspector": None, "attribute_type": None, "attribute_value": None}
    assert [one.model_dump() for one in report.attributes] == [
        {
            **whole,
            "id": identity(attribute("a.test")),
            "type": "domain",
            "value": "A.test",
            "context": ("remote",),
            "valid": True,
            "depth": 0,
            "origin": nowhere,
        },
        {
            **whole,
            "id": identity(attribute("no domain")),
            "type": "domain",
            "value": "no domain",
            "context": (),
            "valid": False,
            "depth": 0,
            "origin": nowhere,
        },
        {
            **whole,
            "id": identity(attribute("b.test")),
            "type": "domain",
            "value": "b.test",
            "context": ("local",),
            "valid": True,
            "depth": 1,
            "origin": {"inspector": "x", "attribute_type": "domain", "attribute_value": "A.test"},
        },
    ]
    assert report.notes == ("1 attributes do not fit their type and were not looked up.",)


def test_notes_count_the_activities_that_answers_lost() -> None:
    answers = Answers({}, frozenset({"a", "b"}), 1_200)
    report = compile_report(material(event(1, 1_000), answers=answers), RESULT)
    assert (
        "Left out because they need too much memory: the details of 2 answers, and 1,200 of their activities."
        in report.notes
    )


def test_findings_have_contents_and_duration() -> None:
    made = event(1, 1_000, attribute("A.test"))
    groups = [summarise([made])]
    answered = task_for(groups, claimed=2_000, ended=3_500, outcome="ok")
    failed = answered._replace(inspector="w", outcome="timeout", reason="slow", claimed=None, depth=1)
    still_open = answered._replace(inspector="y", outcome=None, ended=None)
    answers = Answers({answered.task_id: (NOTE,)}, frozenset())
    report = compile_report(material(made, lookups=(failed, still_open, answered), answers=answers), RESULT)
    about = {
        "attribute_id": identity(attribute("a.test")),
        "attribute_type": "domain",
        "attribute_value": "a.test",
        "no_turn": False,
    }
    found = [one.model_dump(exclude={"contents"}) for one in report.findings]
    assert found == [
        {**about, "inspector": "x", "depth": 0, "outcome": "ok", "reason": None, "seconds": 1.5, "no_turn": False},
        {
            **about,
            "inspector": "w",
            "depth": 1,
            "outcome": "timeout",
            "reason": "slow",
            "seconds": None,
            "no_turn": False,
        },
    ]
    assert [len(one.contents) for one in report.findings] == [1, 0]
    assert report.findings[0].contents[0].model_dump(exclude_defaults=True) == NOTE
    assert report.notes == ("Without an answer: w: timeout.",)


def test_lookups_that_could_not_be_made_are_listed_and_counted() -> None:
    inspectors = [
        INSPECTOR,
        INSPECTOR.model_copy(update={"name": "addresses", "attribute_types": ("ipaddr",)}),
        INSPECTOR.model_copy(update={"name": "off", "enabled": False}),
        INSPECTOR.model_copy(update={"name": "others", "detectors": ("another",)}),
    ]
    made = event(1, 1_000, attribute("999.1.1.1", "ipaddr"), attribute("a.test"), attribute("z" * 5_000, "username"))
    groups = [summarise([made])]
    known = known_attributes(groups, [])
    report = compile_report(material(made, unasked=unasked(known, groups, inspectors)), RESULT)
    assert [(one.inspector, one.attribute_type, one.outcome, one.depth) for one in report.findings] == [
        ("x", "username", "skipped", 0),
        ("addresses", "ipaddr", "skipped", 0),
        ("x", "ipaddr", "skipped", 0),
    ]
    assert [one.reason for one in report.findings] == [
        "The value is longer than 4,096 characters.",
        "The value does not fit its type.",
        "The value does not fit its type.",
    ]
    assert report.findings[1].attribute_id == known[0].id


def test_the_list_of_lookups_that_could_not_be_made_is_limited() -> None:
    made = event(1, 1_000, *(attribute(f"no domain {number}") for number in range(SHOWN_SKIPPED + 5)))
    groups = [summarise([made])]
    found = unasked(known_attributes(groups, []), groups, [INSPECTOR])
    report = compile_report(material(made, unasked=found), RESULT)
    assert len(report.findings) == SHOWN_SKIPPED
    assert f"{SHOWN_SKIPPED} of {SHOWN_SKIPPED + 5} lookups that could not be made are listed." in report.notes


def test_findings_are_sorted_by_depth_and_task() -> None:
    made = event(1, 1_000, attribute("a.test"))
    base = task_for([summarise([made])], outcome="ok")
    tasks = [base._replace(inspector=name, depth=depth) for name, depth in (("c", 0), ("a", 1), ("b", 0))]
    report = compile_report(material(made, lookups=tasks), RESULT)
    assert [(one.inspector, one.depth) for one in report.findings] == [("b", 0), ("c", 0), ("a", 1)]


def test_lookups_excluded_by_a_limit_are_listed_and_counted() -> None:
    made = event(1, 1_000, *(attribute(f"{number}.test") for number in range(SHOWN_SKIPPED)))
    known = known_attributes([summarise([made])], [])
    deep = [one._replace(depth=2) for one in known[:2]]
    planned = agenda(
        [*deep, *known[2:]], [INSPECTOR], [task_for([summarise([event(2, 0, attribute("done.test"))])])], Limits(1, 1)
    )
    report = compile_report(material(made, agenda=planned), RESULT)
    assert len(report.findings) == SHOWN_SKIPPED
    assert {(one.outcome, one.seconds, one.contents) for one in report.findings} == {("skipped", None, ())}
    assert report.findings[0].model_dump(
        include={"inspector", "attribute_id", "attribute_type", "reason", "depth"}
    ) == {
        "inspector": "x",
        "attribute_id": deep[0].id,
        "attribute_type": "domain",
        "depth": 2,
        "reason": "Deeper than max_inspection_depth (1).",
    }
    assert report.findings[0].attribute_value == "0.test"
    assert report.findings[2].reason == "Beyond max_inspections_per_report (7)."
    assert report.notes == (
        "2 lookups were skipped: max_inspection_depth is 1.",
        "98 lookups were skipped: max_inspections_per_report is 7.",
    )
    twice = planned._replace(over_budget=planned.over_budget * 2)
    assert len(compile_report(material(made, agenda=twice), RESULT).findings) == SHOWN_SKIPPED


def test_notes_describe_what_is_left_out() -> None:
    long = attribute("x" * 5_000, "username")
    few = 2 * SHOWN_ALERTS + SHOWN_WORST
    events = [event(number, 1_000 + number) for number in range(few)]
    events.append(event(99, 2_000, long)._replace(cut_off=1_234))
    tasks = [
        task_for([summarise([event(1, 0, attribute("a.test"))])], inspector=name, outcome=outcome)
        for name, outcome in (
            ("b", "invalid"),
            ("a", "error"),
            ("a", "error"),
            ("c", "ok"),
            ("d", "empty"),
            ("e", "cached"),
        )
    ]
    assert compile_report(material(*events, lookups=tasks), RESULT).notes == (
        "Of 26 alerts, the 10 oldest, the 10 newest, and up to 5 of the others with the worst severity are shown.",
        "Attributes that are too large to be looked up were left out; only the alerts contain them.",
        "1,234 attributes exceed an alert's limit and were left out; they are archived under rejected/.",
        "Without an answer: a: error, b: invalid.",
    )
    assert compile_report(material(*events[:few]), RESULT).notes == ()


def test_omissions_make_a_report_incomplete() -> None:
    wide = event(1, 1_000, attribute("x" * 5_000, "username"), attribute("b.test"))._replace(cut_off=12)
    known = known_attributes([summarise([wide])], [])
    planned = agenda(known, [INSPECTOR], [], Limits(1, 0))
    report = compile_report(material(wide, agenda=planned), RESULT)
    assert not report.complete
    assert [(each.what, each.count) for each in report.omissions] == [
        ("attributes", 1),
        ("attributes", 12),
        ("lookups", 1),
    ]


def test_depth_limits_and_plugin_failures_leave_a_report_complete() -> None:
    made = event(1, 1_000, attribute("a.test"), attribute("no domain"))
    known = known_attributes([summarise([made])], [])
    deep = agenda([one._replace(depth=2) for one in known], [INSPECTOR], [], Limits(1, 7))
    tasks = [task_for([summarise([made])], inspector=outcome, outcome=outcome) for outcome in ("error", "skipped")]
    report = compile_report(material(made, agenda=deep, lookups=tasks), RESULT)
    assert {finding.outcome for finding in report.findings} == {"error", "skipped"}
    assert (report.complete, report.omissions) == (True, ())


@pytest.mark.parametrize(("outcome", "shown_as"), [(None, "pending"), ("ok", "ok"), ("failed", "failed")])
def test_earlier_deliveries_are_listed_in_order(outcome: str | None, shown_as: str) -> None:
    one = DeliveryRecord("b", 1, "arn", "digest", "snapshot", 0, outcome=outcome, reason="why", url="https://x")
    one = one._replace(ended=7_000 if outcome else None)
    deliveries = (one._replace(round=2, emitter="a"), one, one._replace(emitter="a"))
    report = compile_report(material(event(1, 1_000), deliveries=deliveries), RESULT)
    assert [(each.emitter, each.round) for each in report.emissions] == [("a", 1), ("b", 1), ("a", 2)]
    assert report.emissions[1].model_dump() == {
        "emitter": "b",
        "round": 1,
        "outcome": shown_as,
        "reason": "why",
        "url": "https://x",
        "at": "1970-01-01T00:00:07.000Z" if outcome else None,
    }


def test_the_timeline_is_sorted_by_time() -> None:
    first, second, third = event(1, 1_000, attribute("a.test")), event(2, 1_500), event(3, 7_000)
    base = task_for([summarise([first])])
    tasks = [
        base._replace(inspector=name, claimed=claimed, ended=ended)
        for name, claimed, ended in (("a", 4_000, 5_000), ("b", 3_000, 6_000), ("c", None, None))
    ]
    report = compile_report(material(first, second, third, lookups=tasks, first_planned=2_000), RESULT)
    assert [(entry.at[17:19], entry.what) for entry in report.timeline] == [
        ("01", "The first alert came in; the report was opened."),
        ("02", "Round 2 was planned."),
        ("03", "The first inspector was called."),
        ("06", "The last lookup ended."),
        ("07", "The newest of 3 alerts came in."),
        ("09", "Round 2 was compiled for review."),
    ]
    alone = compile_report(material(first), RESULT)
    assert [entry.at[17:19] for entry in alone.timeline] == ["01", "09"]


SHOP = AccountFacts(id="111122223333", name="shop", status="active", kind="member", unit="Root/Shop")


def test_a_stale_or_unreadable_directory_is_noted_where_it_matters() -> None:
    def noted(account: str, directory: Directory | None, fault: str | None = None) -> list[str]:
        one = event(1, 1_000, attribute(account, "account"))
        found = compile_report(material(one, directory=directory, directory_fault=fault, now=2 * day), RESULT)
        return [note for note in found.notes if "directory of accounts" in note]

    day = STALE_AFTER_MS
    stale, fresh = Directory(accounts=(SHOP,), read_at=1), Directory(accounts=(SHOP,), read_at=day)
    assert [note.partition(":")[0] for note in noted(SHOP.id, stale)] == [
        "The directory of accounts is older than 24 hours"
    ]
    assert [note.partition(":")[0] for note in noted(SHOP.id, None, "table: the call failed")] == [
        "The directory of accounts could not be read"
    ]
    assert noted(SHOP.id, fresh) == noted(SHOP.id, None) == noted("444455556666", stale) == []
