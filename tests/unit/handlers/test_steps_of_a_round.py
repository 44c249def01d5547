"""Coordinator and runner: a whole round through their handlers, called as the state machine does."""

import json
from typing import Any

import pytest

from alert_responder.errors import DependencyError, PluginFailedError
from alert_responder.handlers import coordinator, runner
from tests.fakes.installation import Installation
from tests.unit.handlers.functions import attach, metric
from tests.unit.usecases.test_rounds import by_count, event, note, remember


def received(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> str:
    """Connect the handlers to an installation, deliver an alert, and return its report's id."""
    attach(installation, monkeypatch)
    installation.receive(event(1, "example.com"))
    return installation.heads()[0].report_id


def test_a_round_is_planned_inspected_reviewed_delivered_and_closed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    failing = PluginFailedError("no")
    installation = Installation(
        {"note": note, "fails": lambda _: failing}, by_count, {"inbox": remember, "broken": lambda _: failing}
    )
    round_ = {"report_id": received(installation, monkeypatch), "round": 1}
    plan = coordinator.handler({"step": "plan", **round_, "iteration": 1, "deadline": None}, None)
    assert plan["status"] == "planned"
    json.dumps(plan)
    ((*chunk,),) = plan["chunks"]
    inspect = {"step": "inspect", **round_, "tasks": chunk, "deadline": plan["deadline"]}
    assert runner.handler(inspect, None) == {"status": "inspected", "found": 0}
    review: dict[str, Any] = {
        "step": "review",
        **round_,
        "revision": plan["revision"],
        "replans": 0,
        "planned_at": plan["planned_at"],
        "as_it_stands": False,
    }
    reviewed = coordinator.handler(review, None)
    assert (reviewed["status"], reviewed["deliveries"]) == ("published", ["broken", "inbox"])
    assert runner.handler({"step": "emit", **round_, "emitter": "inbox"}, None)["outcome"] == "ok"
    assert runner.handler({"step": "emit", **round_, "emitter": "broken"}, None)["outcome"] == "failed"
    close = {"step": "close", **round_, "revision": plan["revision"], "unsettled": 0}
    assert coordinator.handler(close, None) == {"status": "closed"}
    assert installation.heads()[0].state == "settled"
    output = capsys.readouterr().out
    assert metric(output, "DeliveriesFailed") == metric(output, "DeliveriesFailed", "broken") == [1]
    assert metric(output, "InspectionsFailed") == metric(output, "InspectionsFailed", "fails") == [1]
    (line,) = [vars(record) for record in caplog.records if record.message == "report reviewed"]
    assert metric(output, "TimeToReview") == [line["milliseconds"]]


def test_every_step_reports_that_a_round_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = received(Installation(), monkeypatch)
    old = {"report_id": report_id, "round": 7}
    steps = [
        coordinator.handler({"step": "plan", **old, "iteration": 1, "deadline": None}, None),
        coordinator.handler({"step": "review", **old, "revision": 1, "replans": 0}, None),
        runner.handler({"step": "inspect", **old, "tasks": ["a/b"], "deadline": 1}, None),
        runner.handler({"step": "emit", **old, "emitter": "inbox"}, None),
    ]
    assert [step["status"] for step in steps] == ["superseded"] * 4
    assert steps[2]["found"] == 0, "the state machine adds it up"


def test_a_sweep_counts_revived_and_failed_reports(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    installation = Installation()
    report_id = received(installation, monkeypatch)
    installation.workflow.running.clear()
    swept = coordinator.handler({"step": "sweep", "execution": f"{report_id}-1"}, None)
    assert swept == {"status": "swept", "revived": 1, "failed": 0}
    for _ in range(2):
        installation.workflow.running.clear()
        swept = coordinator.handler({"step": "sweep"}, None)
    assert swept == {"status": "swept", "revived": 0, "failed": 1}
    output = capsys.readouterr().out
    assert metric(output, "ReportsRevived") == [1, 1]
    assert metric(output, "ReportsFailed") == [1]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.__dict__["report_id"] == report_id, "an operator must find the report"


def test_temporary_errors_are_left_to_the_state_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation()
    report_id = received(installation, monkeypatch)

    def broken(*_: object) -> None:
        raise DependencyError("query: ThrottlingException")

    monkeypatch.setattr(installation.table, "query", broken)
    with pytest.raises(DependencyError):
        coordinator.handler({"step": "plan", "report_id": report_id, "round": 1, "iteration": 1}, None)


def test_nothing_is_planned_for_a_report_without_a_review(monkeypatch: pytest.MonkeyPatch) -> None:
    installation = Installation({"note": note}, by_count, {"inbox": remember})
    report_id = received(installation, monkeypatch)
    before = dict(installation.table.items)
    event_ = {
        "step": "plan",
        "report_id": report_id,
        "round": 1,
        "iteration": 1,
        "deadline": None,
        "as_it_stands": True,
    }
    assert coordinator.handler(event_, None) == {"status": "planned", "chunks": []}
    assert installation.table.items == before
