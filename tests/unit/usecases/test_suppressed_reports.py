"""Reviews with rules, labels, notes and suppressions, from the reviewer's answer to the deliveries."""

from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.domain.records import Event, Meta
from alert_responder.errors import PluginFailedError
from alert_responder.store import keys
from alert_responder.store.items import read_meta
from tests.fakes.installation import Installation

SUPPRESSION = {"name": "scanner", "owner": "net-team@example.com", "reason": "SEC-1", "expires": "2027-03-01"}
REVIEW = {"severity": "safe", "reason": "because"}


def event(number: int, **fields: Any) -> Event:
    alert = {"detector": "d", "rule_id": "r", "alert_key": "k", "severity": "low", **fields}
    return Event(f"e{number}", number, str(number), Alert.model_validate(alert))


def meta(made: Installation) -> Meta:
    return read_meta(made.table.get(keys.meta(made.report()["id"])))


def test_a_suppressed_report_is_stored_and_notifies_no_emitter() -> None:
    answer = REVIEW | {"suppressed": SUPPRESSION, "labels": ["network", "b", "network"], "rule": "known"}
    made = Installation({}, lambda _: answer, {"inbox": lambda _: None})
    made.receive(event(1))
    made.run()
    assert made.deliveries() == {}
    result = made.report()["result"]
    assert result["suppressed"] == SUPPRESSION | {"despite": []}
    assert (result["rule"], result["labels"], result["breakthrough"]) == ("known", ["network", "b"], None)
    assert (meta(made).suppressed, meta(made).labels, meta(made).is_suppressed) == ("scanner", ("network", "b"), True)


def test_a_breakthrough_in_a_later_round_is_delivered() -> None:
    made = Installation({}, lambda _: REVIEW | {"suppressed": SUPPRESSION}, {"inbox": lambda _: None})
    made.receive(event(1))
    made.run()
    made.receive(event(2, severity="high"))
    made.run()
    assert [round_ for _, round_ in made.deliveries()] == [2]
    [(_, call)] = [each for each in made.plugins.calls if each[0] == "inbox"]
    assert call["report"]["result"]["breakthrough"].startswith("The detector raised its severity")
    assert call["report"]["result"]["severity"] == "unclassified"
    assert (meta(made).suppressed, meta(made).is_suppressed) == ("scanner", False)


def test_a_suppressed_round_leaves_an_emitter_that_was_notified_alone() -> None:
    answers = iter([REVIEW, REVIEW | {"suppressed": SUPPRESSION}, REVIEW])
    made = Installation({}, lambda _: next(answers), {"inbox": lambda _: None})
    for number in (1, 2, 3):
        made.receive(event(number))
        made.run()
    assert [round_ for _, round_ in made.deliveries()] == [1], "the third round is as the first"


@pytest.mark.parametrize(
    ("reviewer", "notified"),
    [
        (lambda _: REVIEW | {"labels": ["network"]}, ["all", "network"]),
        (lambda _: REVIEW | {"labels": ["other", "identity"]}, ["all", "identity"]),
        (lambda _: REVIEW, ["all"]),
        (lambda _: PluginFailedError("broken"), ["all", "identity", "network"]),
        (None, ["all", "identity", "network"]),
    ],
)
def test_labels_select_emitters_and_without_a_review_all_are_notified(reviewer: Any, notified: list[str]) -> None:
    teams = [
        EmitterPlugin(name=name, arn=name, version=1, labels=() if name == "all" else (name,))
        for name in ("all", "identity", "network")
    ]
    made = Installation({}, reviewer, {team.name: lambda _: None for team in teams}, filters=teams)
    made.receive(event(1))
    made.run()
    assert sorted(name for name, _ in made.deliveries()) == notified


def test_the_reviewer_s_notes_follow_those_of_the_report() -> None:
    made = Installation(
        {"whois": lambda _: PluginFailedError("no")}, lambda _: REVIEW | {"notes": ["One.", "x" * 1001]}
    )
    made.receive(event(1, attributes=[{"type": "domain", "value": "example.com"}]))
    made.run()
    own, fault, note = made.report()["notes"]
    assert own.startswith("Without an answer: whois")
    assert fault.startswith("Parts of the reviewer's answer were left out: notes[1] must have at most 1000 characters")
    assert note == "One."


def test_a_resolved_report_keeps_its_labels() -> None:
    made = Installation({}, lambda _: REVIEW | {"labels": ["network"]}, {"inbox": lambda _: None})
    made.receive(event(1, finding_id="f"))
    made.run()
    made.receive(event(2, finding_id="f", status="resolved"))
    made.run()
    assert (made.report()["status"], made.report()["result"]["labels"]) == ("resolved", ["network"])
