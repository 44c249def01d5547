"""Coordinator and runner: a whole round through their handlers alone, as the state machine calls them."""

import json
from typing import Any

import pytest

from alert_responder.bootstrap import coordinator as coordinator_parts
from alert_responder.bootstrap import runner as runner_parts
from alert_responder.contracts.alert import Alert
from alert_responder.domain.records import Event
from alert_responder.errors import DependencyError, PluginFailedError
from alert_responder.handlers import coordinator, observability, runner
from tests.fakes.installation import Installation
from tests.unit.usecases.test_rounds import by_count, event, note, remember


def attach(made: Installation, monkeypatch: pytest.MonkeyPatch) -> str:
    """Put an installation behind the handlers, deliver an alert, and return its report's id."""
    monkeypatch.setenv("INSTALLATION", "name")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "AlertResponder")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "coordinator")
    observability.metrics.cache_clear()
    parts = {
        coordinator_parts: ("planner", "reviewer", "closer", "sweeper"),
        runner_parts: ("inspection", "delivering"),
    }
    for module, names in parts.items():
        for name in names:
            monkeypatch.setattr(module, name, lambda name=name: getattr(made, f"_{name}"))
    made.receive(event(1, "example.com"))
    return made.heads()[0].report_id


def metric(output: str, name: str) -> list[float]:
    documents = [json.loads(line) for line in output.splitlines() if "_aws" in line]
    return [document[name][0] for document in documents if name in document]


def test_a_round(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    failing = PluginFailedError("no")
    made = Installation(
        {"note": note, "fails": lambda _: failing}, by_count, {"inbox": remember, "broken": lambda _: failing}
    )
    round_ = {"report_id": attach(made, monkeypatch), "round": 1}
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
    assert made.heads()[0].state == "settled"
    output = capsys.readouterr().out
    assert metric(output, "DeliveriesFailed") == [1]
    assert metric(output, "InspectionsFailed") == [1]


def test_a_round_that_is_over_is_told_so_by_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = attach(Installation(), monkeypatch)
    old = {"report_id": report_id, "round": 7}
    steps = [
        coordinator.handler({"step": "plan", **old, "iteration": 1, "deadline": None}, None),
        coordinator.handler({"step": "review", **old, "revision": 1, "replans": 0}, None),
        runner.handler({"step": "inspect", **old, "tasks": ["a/b"], "deadline": 1}, None),
        runner.handler({"step": "emit", **old, "emitter": "inbox"}, None),
    ]
    assert [step["status"] for step in steps] == ["superseded"] * 4
    assert steps[2]["found"] == 0, "the state machine adds it up"


def test_a_sweep_counts_what_it_revived_and_what_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    made = Installation()
    report_id = attach(made, monkeypatch)
    made.workflow.running.clear()
    swept = coordinator.handler({"step": "sweep", "execution": f"{report_id}-1"}, None)
    assert swept == {"status": "swept", "revived": 1, "failed": 0}
    for _ in range(2):
        made.workflow.running.clear()
        swept = coordinator.handler({"step": "sweep"}, None)
    assert swept == {"status": "swept", "revived": 0, "failed": 1}
    output = capsys.readouterr().out
    assert metric(output, "ReportsRevived") == [1, 1, 0]
    assert metric(output, "ReportsFailed") == [0, 0, 1]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.__dict__["report_id"] == report_id, "who is alarmed must find the report"


def test_what_may_pass_is_left_to_the_state_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Installation()
    report_id = attach(made, monkeypatch)

    def broken(*_: object) -> None:
        raise DependencyError("query: ThrottlingException")

    monkeypatch.setattr(made.table, "query", broken)
    with pytest.raises(DependencyError):
        coordinator.handler({"step": "plan", "report_id": report_id, "round": 1, "iteration": 1}, None)


def test_plan_leaves_a_report_alone_that_goes_out_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Installation({"note": note}, by_count, {"inbox": remember})
    report_id = attach(made, monkeypatch)
    before = dict(made.table.items)
    event_ = {
        "step": "plan",
        "report_id": report_id,
        "round": 1,
        "iteration": 1,
        "deadline": None,
        "as_it_stands": True,
    }
    assert coordinator.handler(event_, None) == {"status": "planned", "chunks": []}
    assert made.table.items == before


@pytest.mark.parametrize("words", ['SECRET\n{"level": "ERROR"}', "SECRET\x1b[31m\u2028", "SECRET %s {0} ${x}"])
def test_nothing_an_attacker_wrote_is_logged(
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither what an alert says nor what a plug-in does, however it fails."""
    made = Installation(
        {"raises": lambda _: PluginFailedError(words), "garbage": lambda _: words.encode()},
        lambda _: {"severity": words, "reason": words},
        {"odd": lambda _: {"url": words, "state": words}, "raises": lambda _: PluginFailedError(words)},
    )
    round_ = {"report_id": attach(made, monkeypatch), "round": 1}
    alert = {"detector": words, "rule_id": words, "attributes": [{"type": "other", "value": words}], "body": words}
    made.receive(Event("e2", 2, "2", Alert.model_validate(alert)))
    plan = coordinator.handler({"step": "plan", **round_, "iteration": 1, "deadline": None}, None)
    for chunk in plan["chunks"]:
        runner.handler({"step": "inspect", **round_, "tasks": chunk, "deadline": plan["deadline"]}, None)
    reviewed = coordinator.handler({"step": "review", **round_, "revision": plan["revision"], "replans": 0}, None)
    for emitter in reviewed["deliveries"]:
        runner.handler({"step": "emit", **round_, "emitter": emitter}, None)
    assert "page_fault" not in reviewed
    output = capsys.readouterr()
    assert {record.getMessage() for record in caplog.records} == {
        "the report has no page",
        "a delivery did not succeed",
    }
    assert "SECRET" not in output.out + output.err + str([record.__dict__ for record in caplog.records])
    for line in output.out.splitlines():
        json.loads(line)
