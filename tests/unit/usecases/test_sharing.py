"""A flood of attributes does not prevent the lookups of other alerts, in rounds."""

from collections import Counter
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from tests.fakes.installation import Installation

MOST = 200


def alert(number: int, *values: str, arrival: int | None = None) -> Event:
    attributes = [{"type": "domain", "value": value} for value in values]
    made = Alert.model_validate({"detector": "d", "rule_id": "r", "alert_key": "k", "attributes": attributes})
    return Event(f"e{number}", number if arrival is None else arrival, str(number), made)


def flood(count: int, prefix: str = "junk") -> list[str]:
    return [f"{prefix}{number}.example.org" for number in range(count)]


def reputation(task: dict[str, Any]) -> Any:
    if task["attribute"]["value"] == "evil.example.net":
        return {"contents": [{"type": "host", "verdict": "malicious"}]}
    return None


def rate(report: dict[str, Any]) -> dict[str, Any]:
    verdicts = {content["verdict"] for finding in report["findings"] for content in finding["contents"]}
    return {"severity": "urgent" if "malicious" in verdicts else "safe", "reason": "by verdict"}


def installation(most: int = MOST, **more: Any) -> Installation:
    return Installation({"reputation": reputation}, rate, {"inbox": lambda _: None}, limits=Limits(2, most), **more)


def looked_up(made: Installation) -> list[str]:
    return [call["attribute"]["value"] for arn, call in made.plugins.calls if arn == "reputation"]


@pytest.mark.parametrize("at_once", [True, False], ids=["in one batch", "later"])
@pytest.mark.parametrize(
    "hostile",
    [
        [flood(1_000)],
        [flood(150)],
        [[value] for value in flood(400)],
        [flood(30, f"part{part}") for part in range(30)],
        [[*flood(1_000), "evil.example.net"]],
    ],
    ids=["one alert", "exactly its part", "one attribute each", "many alerts", "the attribute behind the junk"],
)
def test_the_attribute_of_a_small_alert_is_looked_up_after_any_flood(hostile: list[list[str]], at_once: bool) -> None:
    made = installation()
    events = [alert(number, *values, arrival=0) for number, values in enumerate(hostile)]
    small = alert(900, "evil.example.net", arrival=1)
    if at_once and len(hostile) < 150:
        made.receive(*events, small)
    else:
        made.receive(*events)
        made.run()
        made.receive(small)
    made.run()
    assert made.report()["result"]["severity"] == "urgent"
    assert len(looked_up(made)) == len(set(looked_up(made))) <= MOST
    assert made.heads()[0].state == "settled"


def test_an_alert_that_arrives_during_the_lookups_of_a_flood_is_looked_up_in_the_same_round() -> None:
    late = [alert(2, "evil.example.net")]

    def overtake(step: str) -> None:
        if step == "review" and late:
            made.receive(late.pop())

    made = installation(between=overtake)
    made.receive(alert(1, *flood(149)))
    made.run()
    assert (made.report()["round"], made.report()["result"]["severity"]) == (1, "urgent")


def test_deferred_lookups_are_made_in_a_round_that_starts_automatically() -> None:
    made = installation(40)
    rounds: list[list[str]] = []

    def note_round(step: str) -> None:
        if step == "close":
            rounds.append([finding["reason"] or finding["outcome"] for finding in made.report()["findings"]])

    made.between = note_round
    made.receive(alert(1, *flood(25)), alert(2, "small.example.org"))
    made.run()
    (head,) = made.heads()
    assert (head.state, head.round) == ("settled", 2)
    deferred = "Deferred to the next round: the lookups of this round are shared with other alerts."
    assert [Counter(reasons) for reasons in rounds] == [{"empty": 23, deferred: 3}, {"empty": 26}]
    assert sorted(looked_up(made)) == sorted([*flood(25), "small.example.org"])


def test_a_repeated_review_and_close_start_the_next_round_for_deferred_lookups() -> None:
    made = installation(40)
    made.receive(alert(1, *flood(25)), alert(2, "small.example.org"))
    steps: list[str] = []

    def repeat(step: str) -> None:
        steps.append(step)
        if step == "close" and steps.count("close") == 1:
            # The call before was given up when it had begun the next round.
            made.steps.closer.close(made.heads()[0].report_id, 1, 1, 0, lookups_left=True)

    made.between = repeat
    made.run()
    (head,) = made.heads()
    assert (head.state, head.round, steps.count("close")) == ("settled", 2, 2)
    assert len(looked_up(made)) == 26


def test_a_report_that_is_published_without_review_starts_no_round_for_deferred_lookups() -> None:
    made = installation(40)
    made.receive(alert(1, *flood(25)), alert(2, "small.example.org"))
    for _ in range(3):
        made.workflow.running.clear()
        made.now += 100_000
        made.sweep()
    made.run()
    (head,) = made.heads()
    assert (head.state, head.round) == ("failed", 4)
    assert made.workflow.running == set()


def test_no_round_follows_if_the_inspector_was_detached() -> None:
    made = installation(40)
    made.receive(alert(1, *flood(25)), alert(2, "small.example.org"))

    def detach(step: str) -> None:
        if step == "close":
            made.registry.attached = made.registry.attached.model_copy(update={"inspectors": ()})

    made.between = detach
    made.run()
    (head,) = made.heads()
    assert (head.state, head.round) == ("settled", 2)
    assert len(looked_up(made)) == 23


def test_a_deferred_lookup_without_findings_notifies_no_emitter() -> None:
    made = Installation(
        {"reputation": reputation}, lambda _: {"severity": "urgent"}, {"inbox": lambda _: None}, limits=Limits(2, 40)
    )
    made.receive(alert(1, *flood(25)), alert(2, "small.example.org"))
    made.run()
    assert (made.heads()[0].round, set(made.deliveries())) == (2, {("inbox", 1)})


def test_a_report_is_not_complete_while_lookups_are_deferred() -> None:
    found: list[tuple[bool, str]] = []

    def note(report: dict[str, Any]) -> dict[str, Any]:
        found.append((report["complete"], " ".join(each["reason"] for each in report["omissions"])))
        return {"severity": "safe"}

    made = Installation({"reputation": reputation}, note, {}, limits=Limits(2, 40))
    made.receive(alert(1, *flood(25)), alert(2, "small.example.org"))
    made.run()
    assert found == [
        (False, "They are deferred to the next round, because alerts share the lookups of a round."),
        (True, ""),
    ]
    assert made.report()["result"]["severity"] == "safe"
