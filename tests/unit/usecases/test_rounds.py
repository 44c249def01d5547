"""Rounds as a whole: outcomes of plug-ins, notifications, and faults, which lose and repeat nothing."""

import json
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from alert_responder.errors import (
    PluginFailedError,
    PluginThrottledError,
    PluginTimeoutError,
    PluginUnreachableError,
)
from alert_responder.formats import parse_record
from alert_responder.store import keys
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash, Faults, MemoryTable


def event(number: int, *values: str, arrival: int | None = None) -> Event:
    attributes = [{"type": "domain", "value": value, "key": "name", "context": ["remote"]} for value in values]
    alert = Alert.model_validate({"detector": "d", "rule_id": "r", "alert_key": "k", "attributes": attributes})
    return Event(f"e{number}", number if arrival is None else arrival, str(number), alert)


def note(_: dict[str, Any]) -> dict[str, Any]:
    return {"contents": [{"type": "note", "title": "seen"}]}


def by_count(report: dict[str, Any]) -> dict[str, Any]:
    return {"severity": "safe" if report["alert_count"] > 1 else "urgent", "reason": "by count"}


def remember(emission: dict[str, Any]) -> dict[str, Any]:
    return {"state": {"notified": (emission["state"] or {"notified": 0})["notified"] + 1}}


OUTCOMES = {
    "ok": (note, "ok", None),
    "empty": (lambda _: None, "empty", None),
    "raises": (lambda _: PluginFailedError("it raised"), "error", "it raised"),
    "throttled": (lambda _: PluginThrottledError("refused"), "throttled", "refused"),
    "slow": (lambda _: PluginTimeoutError("no answer"), "timeout", "no answer"),
    "deleted": (lambda _: PluginUnreachableError("gone"), "error", "gone"),
    "garbage": (lambda _: b"<html>", "invalid", "not JSON"),
    "array": (lambda _: [1], "invalid", "an array"),
    "schema": (
        lambda _: {"contents": [{"type": "host", "ipaddr": "x"}]},
        "invalid",
        "contents[0].host.ipaddr must be an array",
    ),
    "large": (lambda _: b'"' + b"x" * 5_000_000 + b'"', "invalid", "5,000,002 bytes"),
}


def test_every_outcome_of_an_inspector_is_reported_and_affects_no_other() -> None:
    made = Installation({name: plugin for name, (plugin, _, _) in OUTCOMES.items()}, by_count, {"inbox": remember})
    made.receive(event(1, "example.com"))
    made.run()
    findings = made.findings()
    for name, (_, outcome, words) in OUTCOMES.items():
        found, reason = findings[name, "example.com"]
        assert (name, found) == (name, outcome)
        assert reason is None if words is None else words in (reason or "")
    assert made.deliveries()["inbox", 1].outcome == "ok"


@pytest.mark.parametrize(
    ("reviewer", "words"),
    [
        (None, "No reviewer"),
        (lambda _: PluginFailedError("it raised"), "it raised"),
        (lambda _: PluginTimeoutError("no answer"), "timeout"),
        (lambda _: {"severity": "terrible"}, "severity"),
        (lambda _: None, "empty"),
    ],
)
def test_without_a_usable_review_the_severity_is_unclassified(reviewer: Any, words: str) -> None:
    made = Installation({"note": note}, reviewer, {"inbox": remember})
    made.receive(event(1, "example.com"))
    made.run()
    result = made.report()["result"]
    assert (result["severity"], result["reviewer"]) == ("unclassified", None)
    assert words in result["reason"]
    assert made.deliveries()["inbox", 1].outcome == "ok"


def test_an_emitter_that_fails_does_not_affect_others() -> None:
    made = Installation(
        {},
        by_count,
        {
            "fails": lambda _: PluginFailedError("no"),
            "hangs": lambda _: PluginTimeoutError("no answer"),
            "gone": lambda _: PluginUnreachableError("gone"),
            "odd": lambda _: [1],
            "inbox": remember,
        },
    )
    made.receive(event(1))
    made.run()
    found = {name: (one.outcome, one.attempts) for (name, _), one in made.deliveries().items()}
    assert found == {
        "fails": ("failed", 3),
        "hangs": ("unknown", 1),
        "gone": ("failed", 1),
        "odd": ("ok", 1),
        "inbox": ("ok", 1),
    }
    ids = {call["emission_id"] for arn, call in made.plugins.calls if arn == "fails"}
    assert len(ids) == 1


def test_the_all_clear_reaches_an_emitter_filtered_to_urgent_with_its_state() -> None:
    urgent = EmitterPlugin(name="pager", arn="pager", version=1, severities=("urgent",))
    made = Installation({}, by_count, {"pager": remember}, filters=[urgent])
    made.receive(event(1))
    made.run()
    made.receive(event(2))
    made.run()
    delivered = [
        (call["report"]["result"]["severity"], call["state"]) for arn, call in made.plugins.calls if arn == "pager"
    ]
    assert delivered == [("urgent", None), ("safe", {"notified": 1})]


def test_an_emitter_whose_filter_never_matched_is_not_notified() -> None:
    urgent = EmitterPlugin(name="pager", arn="pager", version=1, severities=("urgent",))
    made = Installation({}, lambda _: {"severity": "safe"}, {"pager": remember}, filters=[urgent])
    made.receive(event(1))
    made.run()
    assert made.deliveries() == {}


def test_a_round_without_news_notifies_no_emitter() -> None:
    made = Installation({"note": note}, lambda _: {"severity": "safe"}, {"inbox": remember})
    made.receive(event(1, "example.com"))
    made.run()
    made.receive(event(2, "example.com"))
    made.run()
    assert set(made.deliveries()) == {("inbox", 1)}
    assert made.report()["alert_count"] == 2
    assert sum(arn == "note" for arn, _ in made.plugins.calls) == 1, "the lookup is done"


def endless(task: dict[str, Any]) -> dict[str, Any]:
    return {"new_attributes": [{"type": "domain", "value": "x." + task["attribute"]["value"], "key": "next"}]}


def test_lookups_stop_at_the_maximum_depth() -> None:
    made = Installation({"endless": endless}, limits=Limits(2, 200))
    made.receive(event(1, "example.com"))
    made.run()
    assert [outcome for outcome, _ in made.findings().values()] == ["ok", "ok", "ok", "skipped"]
    assert [one["origin"]["inspector"] for one in made.report()["attributes"]] == [None, *["endless"] * 3]
    assert any("max_inspection_depth" in text for text in made.report()["notes"])


def test_lookups_stop_at_the_budget() -> None:
    def wide(task: dict[str, Any]) -> dict[str, Any]:
        value = task["attribute"]["value"]
        return {"new_attributes": [{"type": "domain", "value": f"x{n}.{value}", "key": "next"} for n in range(9)]}

    made = Installation({"wide": wide}, limits=Limits(5, 15))
    made.receive(event(1, "example.com"))
    made.run()
    assert sum(arn == "wide" for arn, _ in made.plugins.calls) == 12, "a quarter is kept for later alerts"
    assert any("max_inspections_per_report is 15" in text for text in made.report()["notes"])


def test_an_alert_between_plan_and_review_is_inspected_in_the_same_round() -> None:
    made = Installation({"note": note})
    late = [event(2, "late.example.com")]

    def between(step: str) -> None:
        if step == "review" and late:
            made.receive(late.pop())

    made.between = between
    made.receive(event(1, "example.com"))
    made.run()
    assert made.report()["round"] == 1
    assert set(made.findings()) == {("note", "example.com"), ("note", "late.example.com")}


def test_an_alert_between_review_and_close_starts_the_next_round() -> None:
    made = Installation({"note": note})
    late = [event(2, "late.example.com")]

    def between(step: str) -> None:
        if step == "close" and late:
            made.receive(late.pop())

    made.between = between
    made.receive(event(1, "example.com"))
    made.run()
    assert (made.report()["round"], made.report()["alert_count"]) == (2, 2)
    assert made.heads()[0].state == "settled"


def test_answers_are_reused_in_other_reports_until_they_expire() -> None:
    cached = InspectorPlugin(name="note", arn="note", version=1, cache_seconds=100)
    made = Installation({"note": note}, filters=[cached])
    made.receive(event(1, "example.com"))
    made.run()
    made.receive(event(2, "example.com", arrival=5_000))
    made.run()
    assert made.findings()["note", "example.com"] == ("cached", None)
    assert len(made.plugins.calls) == 1
    made.now += 200_000
    made.receive(event(3, "example.com", arrival=9_000))
    made.run()
    assert len(made.plugins.calls) == 2


def listed(task: dict[str, Any]) -> dict[str, Any] | None:
    """Find each type by one exact value."""
    known = {"198.51.100.22", "bad.example.org", "https://bad.example.org/a", "c" * 40, "bob@example.org"}
    return {"contents": [{"type": "note", "title": "listed"}]} if task["attribute"]["value"] in known else None


@pytest.mark.parametrize(
    ("type_", "odd", "plain"),
    [
        ("ipaddr", "[::FFFF:198.51.100.22]", "198.51.100.22"),
        ("domain", "Bad(.)Example\uff0eorg", "bad.example.org"),
        ("url", "hxxps[:]//BAD.example.org:443/a", "https://bad.example.org/a"),
        ("filehashvalue", "sha1=" + "C" * 40, "c" * 40),
        ("email", "Bob <mailto:bob@EXAMPLE.org>", "bob@example.org"),
    ],
)
def test_an_unusual_spelling_is_looked_up_by_its_canonical_value(type_: str, odd: str, plain: str) -> None:
    cached = InspectorPlugin(name="listed", arn="listed", version=1, cache_seconds=100, attribute_types=(type_,))
    made = Installation({"listed": listed}, filters=[cached])
    for number, value in enumerate((odd, plain), start=1):
        found = Alert.model_validate(
            {"detector": "d", "rule_id": f"r{number}", "attributes": [{"type": type_, "value": value}]}
        )
        made.receive(Event(f"e{number}", 100 * number, str(number), found))
        made.run()
        assert made.findings() == {("listed", plain): ("ok" if number == 1 else "cached", None)}
        assert made.report()["findings"][0]["contents"], "the answer is there, asked or reused"
    ((_, task),) = made.plugins.calls
    assert (task["attribute"]["value"], task["spelling"]) == (plain, odd)
    assert task["alert"]["attributes"][0]["value"] == plain


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ([{"type": "ipaddr", "value": "10.0.0.999"}], "does not fit its type"),
        ([{"type": "url", "value": "https://a.org/" + "p" * 4_090}], "longer than 4,096 characters"),
        (
            [
                *({"type": "x", "value": f"{n:03d}" * 1_333} for n in range(25)),
                {"type": "domain", "value": "b" * 20 + ".org"},
            ],
            "together",
        ),
        (
            [*({"type": f"t{n}", "value": f"{n}"} for n in range(1_000)), {"type": "domain", "value": "b.org"}],
            "more than 1,000 attributes",
        ),
    ],
)
def test_attributes_that_an_inspector_does_not_get_are_in_the_report(
    attributes: list[dict[str, str]], reason: str
) -> None:
    wanted = InspectorPlugin(name="i", arn="i", version=1, attribute_types=("domain", "ipaddr", "url"))
    others = InspectorPlugin(name="other", arn="other", version=1, attribute_types=("account",))
    made = Installation({"i": note, "other": note}, filters=[wanted, others])
    decoy = {"type": "domain", "value": "decoy.org"}
    data = {"detector": "d", "rule_id": "r", "attributes": [decoy, *attributes]}
    parsed, _ = parse_record(json.dumps(data).encode())
    made.receive(*(Event("e", 100, "1", one.alert, one.cut_off, one.beyond) for one in parsed))
    made.run()
    skipped = [found for found in made.report()["findings"] if found["outcome"] == "skipped"]
    assert [(found["inspector"], reason in found["reason"]) for found in skipped] == [("i", True)]
    assert made.findings()["i", "decoy.org"][0] == "ok"


def test_an_empty_answer_is_reused_for_cache_empty_seconds() -> None:
    def twice(**seconds: int) -> list[str]:
        plugin = InspectorPlugin.model_validate({"name": "i", "arn": "i", "version": 1, **seconds})
        made = Installation({"i": lambda task: None}, filters=[plugin])
        for number in (1, 2):
            made.receive(event(number, "example.com", arrival=5_000 * number))
            made.run()
        return [outcome for outcome, _ in made.findings().values()]

    assert twice(cache_seconds=100) == ["empty"]
    assert twice(cache_seconds=100, cache_empty_seconds=100) == ["cached"]
    assert twice(cache_empty_seconds=100) == ["cached"]


def test_a_cached_empty_answer_is_not_used_after_cache_empty_seconds_becomes_0() -> None:
    def attach(seconds: int) -> InspectorPlugin:
        return InspectorPlugin(name="i", arn="i", version=1, cache_seconds=100, cache_empty_seconds=seconds)

    made = Installation({"i": lambda task: None}, filters=[attach(100)])
    made.receive(event(1, "example.com"))
    made.run()
    made.registry.attached = made.registry.attached.model_copy(update={"inspectors": (attach(0),)})
    made.receive(event(2, "example.com", arrival=5_000))
    made.run()
    assert made.findings() == {("i", "example.com"): ("empty", None)}


def test_after_three_dead_rounds_a_report_is_published_without_review() -> None:
    made = Installation({"note": note}, by_count, {"inbox": remember})
    made.receive(event(1, "example.com"))
    for _ in range(3):
        made.workflow.running.clear()
        made.sweep()
    made.run()
    assert made.heads()[0].state == "failed"
    assert "published without a review" in made.report()["result"]["reason"]
    assert made.deliveries()["inbox", 4].outcome == "ok"
    made.receive(event(2, "example.com"))
    made.run()
    assert (made.heads()[0].state, made.report()["result"]["severity"]) == ("settled", "safe")


class Unreadable(MemoryTable):
    """A table that kills the process when alerts or lookups of a report are read."""

    def query(self, pk: str, first: str, last: str) -> list[Any]:
        """Read other items."""
        found = super().query(pk, first, last)
        if any(item["sk"].startswith((keys.GROUPS, keys.BODIES, keys.LOOKUPS)) for item in found):
            raise Crash
        return found


def test_a_report_that_kills_its_readers_is_still_delivered() -> None:
    delivered: list[Any] = []
    made = Installation({"note": note}, by_count, {"inbox": delivered.append}, table=Unreadable())
    made.receive(event(1, "example.com"), event(2, "example.net"))
    made.run_and_sweep()
    (head,) = made.heads()
    assert (head.state, head.round) == ("failed", 4)
    (request,) = delivered
    report = request["report"]
    assert (report["result"]["severity"], report["complete"]) == ("unclassified", False)
    assert (report["title"], report["alert_count"], report["alerts"]) == ("r", 2, [])
    assert "published without a review" in report["result"]["reason"]
    assert [delivery.outcome for delivery in made.deliveries().values()] == ["ok"]


def test_a_single_fault_in_a_round_changes_only_recorded_outcomes() -> None:
    def clean() -> Installation:
        made = Installation({"note": note, "endless": endless}, by_count, {"inbox": remember}, limits=Limits(1, 50))
        made.receive(event(1, "example.com"))
        return made

    calm, counted = clean(), Faults()
    calm.strike(counted)
    calm.run()
    substance = _substance(calm.report())
    for call in range(1, counted.calls + 1):
        for faults in (Faults(crash_before=call), Faults(lose_after=call)):
            made = clean()
            made.strike(faults)
            made.run_and_sweep()
            last = made.report()
            assert _substance(last) == substance, f"call {call}"
            delivered = [one for (name, _), one in made.deliveries().items() if name == "inbox"]
            assert [one.outcome for one in delivered] == ["ok"], f"call {call}: {delivered}"
            sent = [number for number, (arn, _) in enumerate(made.plugins.calls) if arn == "inbox"]
            assert len(sent) <= delivered[0].attempts, f"call {call}"


def _substance(report: dict[str, Any]) -> str:
    findings = [(one["inspector"], one["attribute_value"], one["outcome"]) for one in report["findings"]]
    return json.dumps([report["result"], sorted(findings), report["alert_count"]])
