"""A report with an answer from which a limit left out a part is not complete, and the answer is not reused."""

from typing import Any

import pytest

from alert_responder.contracts.plugin import InspectorPlugin
from tests.fakes.installation import Installation
from tests.unit.usecases.test_rounds import event

SEEN = {"contents": [{"type": "note", "title": "seen"}]}
CUT = {"incomplete": "flows: max_gb_per_day is used up."}
FINDINGS = [{"what": "findings", "count": 2, "reason": "Limits of the inspectors left out parts of their answers."}]
NOTE = "Incomplete answers, because of limits of the inspectors: logs."


def published(answer: dict[str, Any], review: dict[str, Any] | None = None, batch_size: int = 1) -> Installation:
    """Publish a report with two lookups that get this answer, and a third one that finds something."""

    def one(task: dict[str, Any]) -> dict[str, Any]:
        return SEEN if task["attribute"]["value"] == "c.test" else answer

    def logs(request: dict[str, Any]) -> dict[str, Any]:
        if "tasks" not in request:
            return one(request)
        return {"answers": {task["task_id"]: one(task) for task in request["tasks"]}}

    plugin = InspectorPlugin(
        name="logs", arn="logs", version=1, batch_size=batch_size, cache_seconds=900, cache_empty_seconds=900
    )
    made = Installation(
        {"logs": logs},
        lambda _: review or {"severity": "safe", "reason": "Nothing found."},
        {"inbox": lambda _: None},
        filters=[plugin],
    )
    made.receive(event(1, "a.test", "b.test", "c.test"))
    made.run()
    return made


@pytest.mark.parametrize("batch_size", [1, 5])
@pytest.mark.parametrize(
    ("rest", "outcome"), [(SEEN, "ok"), ({}, "empty"), ({"unknown": "No data."}, "empty"), ({"failed": "x"}, "error")]
)
def test_an_incomplete_answer_makes_its_report_incomplete(rest: dict[str, Any], outcome: str, batch_size: int) -> None:
    report = published({**rest, **CUT}, batch_size=batch_size).report()
    found = {one["attribute_value"]: (one["outcome"], one["contents"] != []) for one in report["findings"]}
    assert found == {"a.test": (outcome, rest is SEEN), "b.test": (outcome, rest is SEEN), "c.test": ("ok", True)}
    assert (report["complete"], report["omissions"]) == (False, FINDINGS)
    assert NOTE in report["notes"]
    assert report["result"]["severity"] == "unclassified"
    assert report["result"]["reviewer_severity"] == "safe"
    assert report["result"]["reason"] == ("The reviewer answered safe, but the report lacks findings. Nothing found.")


@pytest.mark.parametrize("answer", [SEEN, {}, {"unknown": "No data."}, {"failed": "x"}])
def test_other_answers_leave_their_report_complete(answer: dict[str, Any]) -> None:
    report = published(answer).report()
    assert (report["complete"], report["omissions"]) == (True, [])
    assert NOTE not in report["notes"]
    assert report["result"]["severity"] == "safe"


def test_throttled_lookups_are_missing_whatever_else_the_answer_states() -> None:
    report = published({**CUT, "throttled": "come back tomorrow"}).report()
    assert [(one["what"], one["count"]) for one in report["omissions"]] == [("lookups", 2)]
    assert report["result"]["severity"] == "unclassified"


def test_an_incomplete_answer_ends_a_suppression() -> None:
    review = {
        "severity": "urgent",
        "reason": "Our scanner.",
        "suppressed": {"name": "scanner", "owner": "net", "reason": "Our scanner.", "expires": "2099-01-01"},
    }
    for answer, notified in ((SEEN, 0), ({**SEEN, **CUT}, 1)):
        made = published(answer, review)
        assert sum(arn == "inbox" for arn, _ in made.plugins.calls) == notified


@pytest.mark.parametrize(("answer", "asked_again"), [(SEEN, 0), ({}, 0), ({**SEEN, **CUT}, 2), (CUT, 2)])
def test_an_incomplete_answer_is_not_reused(answer: dict[str, Any], asked_again: int) -> None:
    made = published(answer)
    before = sum(arn == "logs" for arn, _ in made.plugins.calls)
    other = event(2, "a.test", "b.test", "c.test")
    made.receive(other._replace(alert=other.alert.model_copy(update={"alert_key": "another"})))
    made.run()
    assert sum(arn == "logs" for arn, _ in made.plugins.calls) - before == asked_again
