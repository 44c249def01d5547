"""Calls receptor, coordinator and runner with an in-memory installation, as the stream and the state machine do."""

import json
from typing import Any

import pytest

from alert_responder.bootstrap import coordinator as coordinator_parts
from alert_responder.bootstrap import receptor as receptor_parts
from alert_responder.bootstrap import runner as runner_parts
from alert_responder.domain.origin import NO_RULES
from alert_responder.formats.registry import CODED_FORMATS
from alert_responder.handlers import coordinator, observability, runner
from alert_responder_cli.aws.in_memory import SerialExecutor
from tests.fakes.installation import Installation


def attach(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connect the handlers to an installation."""
    monkeypatch.setenv("INSTALLATION", "name")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "AlertResponder")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "coordinator")
    observability.metrics.cache_clear()
    parts = {
        coordinator_parts: ("planner", "reviewer", "closer", "sweeper"),
        runner_parts: ("inspection", "deliverer"),
    }
    for module, names in parts.items():
        for name in names:
            monkeypatch.setattr(module, name, lambda name=name: getattr(installation, f"_{name}"))
    executor = SerialExecutor()
    monkeypatch.setattr(receptor_parts, "receptor", lambda: (installation.receiver, executor))
    monkeypatch.setattr(receptor_parts, "archive", lambda: installation.archive)
    monkeypatch.setattr(receptor_parts, "formats", lambda: (CODED_FORMATS, ()))
    monkeypatch.setattr(receptor_parts, "rules", lambda: NO_RULES)


def run_round(round_: dict[str, Any]) -> None:
    """Run a round through the handlers; `round_` is the execution's input."""
    about = {name: value for name, value in round_.items() if name != "as_it_stands"}
    as_it_stands = {"as_it_stands": round_.get("as_it_stands", False)}
    plan = coordinator.handler({"step": "plan", **about, **as_it_stands, "iteration": 1, "deadline": None}, None)
    for chunk in plan["chunks"]:
        runner.handler({"step": "inspect", **about, "tasks": chunk, "deadline": plan["deadline"]}, None)
    revision = plan.get("revision", 0)
    review = {"step": "review", **about, **as_it_stands, "revision": revision, "replans": 0, "planned_at": None}
    reviewed = coordinator.handler(review, None)
    for emitter in reviewed["deliveries"]:
        runner.handler({"step": "emit", **about, "emitter": emitter}, None)
    coordinator.handler({"step": "close", **about, "revision": reviewed["revision"], "unsettled": 0}, None)


def metric(output: str, name: str, plugin: str | None = None) -> list[float]:
    """Read a metric's values, for the installation as a whole or for a plug-in."""
    documents = [json.loads(line) for line in output.splitlines() if "_aws" in line]
    return [document[name][0] for document in documents if name in document and document.get("plugin") == plugin]
