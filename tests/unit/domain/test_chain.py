"""The states of findings: their order, their bounds, and what a report continues."""

import itertools
from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.body_details import extract_details
from alert_responder.domain.chain import (
    MAX_DELAY_MS,
    MAX_FINDINGS,
    Continuation,
    Previous,
    continuation,
    finding_state,
    states_of,
    united_states,
)
from alert_responder.domain.records import Event, FindingState, Head, Meta
from alert_responder.store import items, keys

HEAD = Head("r2", "a", 1, "open", 1, 1, 0, 10, "r1", 5)


def state(finding: str = "f", at: int = 1, *, resolved: bool = False, substance: str = "s") -> FindingState:
    return FindingState(finding, at, at, resolved, substance)


def previous(*states: FindingState, **fields: Any) -> Previous:
    meta = Meta("r1", "a", "t", "d", "r", "", "", "urgent", "", 1, 1, snapshot="s", digest="d", states=states)
    return Previous(HEAD._replace(report_id="r1", state="settled"), meta._replace(**fields), [], {})


def continued(own: list[FindingState], before: Previous | None, *, whole: bool = True) -> Continuation:
    return continuation(united_states(own), before, round_=1, whole=whole, is_newest=lambda: True)


def of_alert(arrival: int, **fields: Any) -> FindingState:
    alert = Alert.model_validate({"detector": "d", "rule_id": "r", **fields})
    return finding_state(alert, arrival, extract_details(alert.body), ())


def test_the_order_of_storing_makes_no_difference() -> None:
    found = [
        state(at=1),
        state(at=3, resolved=True),
        state(at=3),
        state("g", at=2, substance="t"),
        state("g", at=2, substance="u"),
        state("g", at=1, resolved=True),
    ]
    results = {tuple(sorted(united_states(each).values())) for each in itertools.permutations(found)}
    results |= {tuple(sorted(united_states([*united_states(found[:3]).values(), *found[2:]]).values()))}
    assert len(results) == 1
    ((first, second),) = results
    assert (first.at, first.resolved, first.mixed) == (3, False, True), "of equal ones the active one counts"
    assert (second.substance, second.mixed) == ("u", True)


def test_a_time_counts_within_the_hour_before_the_arrival() -> None:
    arrival = 1_767_225_600_000
    for timestamp, at in (
        (None, arrival),
        ("2026-01-01T00:00:00Z", arrival),
        ("2025-12-31T23:59:58Z", arrival - 2_000),
        ("2030-01-01T00:00:00Z", arrival),
        ("1970-01-01T00:00:00Z", arrival - MAX_DELAY_MS),
    ):
        assert of_alert(arrival, timestamp=timestamp).at == at


def test_findings_of_different_incidents_differ() -> None:
    alerts: list[dict[str, Any]] = [
        {"finding_id": "f"},
        {"finding_id": "f", "alert_key": "k"},
        {"finding_id": "f", "rule_id": "other"},
        {"finding_id": "f", "detector": "other"},
        {"finding_id": "kf"},
        {"alert_key": "kf"},
        {},
    ]
    assert len({of_alert(1, **alert).finding for alert in alerts}) == len(alerts)


def test_alerts_without_a_finding_id_have_no_substance() -> None:
    assert of_alert(1).substance == ""
    assert of_alert(1, finding_id="f").substance
    again = continued([state(substance="")], previous(state(substance="")))
    assert (again.inherits, again.known_only) == (False, False)


def test_a_further_alert_of_an_incident_is_a_change() -> None:
    def incident(count: int) -> dict[str, Any]:
        return {"properties": {"incidentNumber": 7, "additionalData": {"alertsCount": count}}}

    bodies = [incident(1), incident(2), {"object": incident(1)}, {"object": incident(2)}]
    first, second, posted, further = (of_alert(1, finding_id="f", body=body).substance for body in bodies)
    assert first == posted != second == further


def test_states_are_unknown_if_alerts_are_only_counted_or_too_many() -> None:
    def events(number: int) -> list[Event]:
        alerts = [Alert.model_validate({"detector": "d", "rule_id": "r", "finding_id": f"{n}"}) for n in range(number)]
        return [Event(f"e{n}", 1, "1", alert) for n, alert in enumerate(alerts)]

    most = summarise(events(MAX_FINDINGS))
    assert len(states_of([most], HEAD) or ()) == MAX_FINDINGS
    assert states_of([most, most.counted()], HEAD) is None
    assert states_of([most], HEAD._replace(held=HEAD.held._replace(more=True))) is None
    assert summarise(events(MAX_FINDINGS + 1)).states is None
    other = summarise([Event("e", 1, "1", Alert.model_validate({"detector": "d", "rule_id": "r"}))])
    assert states_of([most, other], HEAD) is None


def test_a_group_of_an_earlier_version_is_news() -> None:
    group = summarise([Event("e", 1, "1", Alert.model_validate({"detector": "d", "rule_id": "r"}))])
    item: dict[str, Any] = {**items.group_item(group), "sk": f"{keys.GROUPS}{group.group_id}"}
    assert items.read_group(item) == group
    summary = items.unpack(item["summary"])
    del summary["states"]
    read = items.read_group({**item, "summary": items.pack(summary)})
    assert read == group._replace(states=None)
    assert states_of([read], HEAD) is None
    assert continuation(None, previous(state()), round_=1, whole=True, is_newest=lambda: True) == Continuation()


def test_a_report_before_of_an_earlier_version_is_not_continued() -> None:
    for before in (previous(states=None), previous(state(), snapshot=None), None):
        assert not continued([state()], before).inherits
        over = continued([state(resolved=True)], before)
        assert (over.status, over.inherits, over.known_only) == ("resolved", False, True)


def test_a_resolved_alert_that_is_older_than_the_published_one_changes_nothing() -> None:
    chain = continued([state(at=1, resolved=True, substance="r")], previous(state(at=2)))
    assert (chain.status, chain.inherits, chain.known_only, chain.changed) == ("active", True, True, False)


def test_a_report_that_lacks_something_is_news_and_so_is_the_next() -> None:
    first = continued([state()], previous(state()), whole=False)
    assert (first.inherits, [each.substance for each in first.states or ()]) == (False, [""])
    assert not continued([state(at=2)], previous(*(first.states or ()))).inherits


def test_news_leaves_the_findings_of_the_report_before_behind() -> None:
    news = continued([state("g", at=2)], previous(state("f")))
    assert [each.finding for each in news.states or ()] == ["g"]
    unchanged = continued([state("g", at=2)], previous(state("f"), state("g")))
    assert {each.finding for each in unchanged.states or ()} == {"f", "g"}


def test_of_too_many_findings_the_oldest_resolved_ones_are_left_out() -> None:
    resolved = [state(f"r{number:03}", at=number, resolved=True) for number in range(MAX_FINDINGS)]
    kept = continued([state("new", at=999, resolved=True)], previous(*resolved)).states or ()
    assert len(kept) == MAX_FINDINGS
    assert "r000" not in {each.finding for each in kept}
    active = [state(f"a{number:03}") for number in range(MAX_FINDINGS)]
    over = continued([state("new", at=999, resolved=True)], previous(*active))
    assert (over.states, over.changed) == (None, False)


def test_a_meta_with_states_fits_its_item_and_is_read_again() -> None:
    digits = "0123456789abcdef"
    found = tuple(
        FindingState((digits[n % 16] + f"{n:03}") * 10, n, n, False, f"{n * 7919:040x}") for n in range(MAX_FINDINGS)
    )
    meta = previous(*found, status="resolved").meta._replace(created_at="2026-01-01T00:00:00Z")
    item = items.meta_item(meta)
    assert items.read_meta(item) == meta
    assert len(item["states"]) < 10_000
    plain = items.meta_item(meta._replace(states=None, status="active"))
    assert not {"states", "status", "labels", "suppressed", "breakthrough"} & plain.keys()


def test_a_meta_has_labels_and_the_suppression() -> None:
    meta = previous().meta._replace(created_at="2026-01-01T00:00:00Z", labels=("b", "a"), suppressed="scanner")
    assert items.read_meta(items.meta_item(meta)) == meta
    assert meta.is_suppressed
    broken = meta._replace(breakthrough="A reason.")
    assert items.read_meta(items.meta_item(broken)) == broken
    assert not broken.is_suppressed
