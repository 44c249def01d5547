"""Logs and metrics of the functions: they follow a report's life and contain no text of alerts."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.lookup_plan import Limits
from alert_responder.errors import DependencyError, PluginFailedError, PluginThrottledError, UnexpectedError
from alert_responder.handlers import coordinator, receptor
from alert_responder.handlers.observability import UNITS, logger
from alert_responder.usecases import batch
from tests.fakes.installation import Installation
from tests.unit.handlers.functions import attach, metric, run_round
from tests.unit.handlers.test_receptor import alert, record
from tests.unit.usecases.test_rounds import by_count, note, remember

Lines = Callable[[], list[dict[str, Any]]]
RAISED = PluginFailedError("no")
ATTRIBUTE = {"type": "domain", "value": "example.com"}


@pytest.fixture(name="lines")
def _lines() -> Iterator[Lines]:
    """Read the log so far; every line must be JSON."""
    handler, stream = logger().registered_handler, io.StringIO()
    assert isinstance(handler, logging.StreamHandler)
    # Assigned rather than set: `setStream` flushes the old stream, which another test's capture may have closed.
    before, handler.stream = handler.stream, stream
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    handler.stream = before


def delivered(*records: dict[str, Any]) -> None:
    receptor.handler({"Records": list(records)}, None)


def round_of(installation: Installation) -> dict[str, Any]:
    """Return the input of the newest execution."""
    head = max(installation.heads(), key=lambda head: head.report_id)
    return {
        "report_id": head.report_id,
        "alert_id": head.alert_id,
        "round": head.round,
        "as_it_stands": head.as_it_stands,
    }


def test_the_log_describes_the_life_of_a_report(monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    installation = Installation(
        {"note": note, "fails": lambda _: RAISED}, lambda _: RAISED, {"inbox": remember, "broken": lambda _: RAISED}
    )
    attach(installation, monkeypatch)
    delivered(record(1, alert("a", attributes=[ATTRIBUTE])), record(2, alert("other")))
    report = next(head for head in installation.heads() if head.revision and head.report_id.endswith("1"))
    about = {"report_id": report.report_id, "alert_id": report.alert_id}
    run_round({**about, "round": 1})
    delivered(record(3, alert("a")))
    installation.workflow.running.clear()
    coordinator.handler({"step": "sweep"}, None)

    logged = [line for line in lines() if line.get("report_id") == report.report_id]
    assert [(line["message"], line["round"], line.get("plugin")) for line in logged] == [
        ("report opened", 1, None),
        ("lookups planned", 1, None),
        ("lookups completed", 1, "fails"),
        ("lookups completed", 1, "note"),
        ("reviewer returned no usable answer", 1, "reviewer"),
        ("report reviewed", 1, None),
        ("delivery ended", 1, "broken"),
        ("delivery ended", 1, "inbox"),
        ("round closed", 1, None),
        ("alerts added to report", 2, None),
        ("dead round, next round started", 2, None),
    ]
    assert {line["alert_id"] for line in logged} == {report.alert_id}
    by_level = {line["message"]: line["level"] for line in logged if line.get("plugin") in {None, "broken", "reviewer"}}
    assert {message for message, level in by_level.items() if level == "WARNING"} == {
        "dead round, next round started",
        "delivery ended",
        "reviewer returned no usable answer",
    }
    reviewed = logged[5]
    assert (reviewed["severity"], reviewed["alerts"], reviewed["deliveries"]) == (
        "unclassified",
        1,
        ["broken", "inbox"],
    )
    assert logged[2]["outcomes"] == {"error": 1}


def test_the_log_names_a_suppression_and_what_was_left_out_of_a_review(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    suppression = {"name": "scanner", "owner": "o", "reason": "r", "expires": "2099-01-01"}
    answer = {"severity": "safe", "reason": "known", "labels": ["NOT VALID"], "suppressed": suppression}
    installation = Installation({}, lambda _: answer, {"inbox": remember})
    attach(installation, monkeypatch)
    delivered(record(1, alert("a")))
    run_round(round_of(installation))

    logged = {line["message"]: line for line in lines()}
    assert logged["parts of the review left out"]["level"] == "WARNING"
    reviewed = logged["report reviewed"]
    assert (reviewed["suppressed"], reviewed["deliveries"]) == ("scanner", [])
    assert "NOT VALID" not in str(logged)


def test_a_failed_step_logs_its_report(monkeypatch: pytest.MonkeyPatch, lines: Lines) -> None:
    installation = Installation()
    attach(installation, monkeypatch)
    delivered(record(1, alert("a")))
    about = round_of(installation)

    def struck(*_: object) -> None:
        raise DependencyError("query: ThrottlingException")

    monkeypatch.setattr(installation.table, "query", struck)
    with pytest.raises(DependencyError):
        coordinator.handler({"step": "plan", **about, "iteration": 1}, None)
    last = lines()[-1]
    assert last["message"] == "call failed"
    assert (last["error"], last["cause"]) == ("DependencyError", "query: ThrottlingException")
    assert {name: last[name] for name in ("report_id", "alert_id", "round", "step")} == {
        "report_id": about["report_id"],
        "alert_id": about["alert_id"],
        "round": 1,
        "step": "plan",
    }


def test_fields_of_a_round_do_not_appear_in_logs_of_the_next_call(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    installation = Installation()
    attach(installation, monkeypatch)
    delivered(record(1, alert("a")))
    run_round(round_of(installation))
    delivered(record(2, b"{"))
    assert lines()[-1]["archived"].startswith("rejected/")
    assert not {"report_id", "alert_id", "round", "plugin"} & set(lines()[-1])


def test_an_execution_of_an_earlier_version_without_alert_id_continues(
    monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    installation = Installation({"note": note}, by_count, {"inbox": remember})
    attach(installation, monkeypatch)
    delivered(record(1, alert("a", attributes=[ATTRIBUTE])))
    run_round({name: value for name, value in round_of(installation).items() if name != "alert_id"})
    assert installation.heads()[0].state == "settled"
    assert {line["report_id"] for line in lines()} == {installation.heads()[0].report_id}


def test_every_metric_is_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    installation = Installation(
        {"fails": lambda _: RAISED, "slow": lambda _: PluginThrottledError("no")},
        lambda _: RAISED,
        {"broken": lambda _: RAISED},
        admission=AdmissionLimits(2, None),
    )
    attach(installation, monkeypatch)
    delivered(record(1, alert("a", attributes=[ATTRIBUTE])), record(2, alert("a")), record(3, b"{"))
    run_round(round_of(installation))
    delivered(record(4, alert("b")))
    for _ in range(3):
        installation.workflow.running.clear()
        coordinator.handler({"step": "sweep"}, None)
    delivered(record(5, alert("c")), record(6, alert("d")), record(7, alert("a")))
    monkeypatch.setattr(batch, "parse_record", lambda *_: 1 // 0)
    delivered(record(5, alert("c")))
    output = capsys.readouterr().out
    written = {name: metric(output, name) for name in UNITS}
    assert {name: values for name, values in written.items() if not any(values)} == {}
    assert written["AlertsReceived"] == [2, 1, 3]
    assert written["OverflowAlerts"] == [2]
    assert written["AlertsPerReport"] == [2]
    assert written["ReportsOpened"] == [1, 1, 1]
    assert written["InspectionsFailed"] == metric(output, "InspectionsFailed", "fails") == [1]
    assert written["InspectionsThrottled"] == metric(output, "InspectionsThrottled", "slow") == [1]
    assert (sum(written["ReportsRevived"]), sum(written["ReportsFailed"])) == (2, 1)


def test_the_time_to_review_starts_with_the_first_alert_and_ends_with_a_successful_round(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = Installation()
    attach(installation, monkeypatch)
    delivered(record(1, alert("a"), arrival=1.5))
    installation.workflow.running.clear()
    coordinator.handler({"step": "sweep"}, None)
    installation.now = 61_500
    run_round(round_of(installation))
    (took,) = metric(capsys.readouterr().out, "TimeToReview")
    assert 60_000 <= took < 61_000, "the time of a dead round must count"
    installation.now = 1_000_000
    delivered(record(2, alert("a"), arrival=1.6))
    run_round(round_of(installation))
    assert metric(capsys.readouterr().out, "TimeToReview") == [], "the first alert has been reviewed"


def test_a_delivery_whose_runner_died_is_counted_with_its_outcome(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = Installation({}, by_count, {"inbox": remember})
    attach(installation, monkeypatch)
    delivered(record(1, alert("a")))
    about = round_of(installation)
    plan = coordinator.handler({"step": "plan", **about, "iteration": 1}, None)
    coordinator.handler({"step": "review", **about, "revision": plan["revision"], "replans": 0}, None)
    coordinator.handler({"step": "close", **about, "revision": plan["revision"], "unsettled": 1}, None)
    assert metric(capsys.readouterr().out, "DeliveriesFailed", "inbox") == [1]
    assert installation.deliveries()["inbox", 1].outcome == "failed"


HOSTILE = ['CANARY\n{"level": "ERROR"}', "CANARY\x1b[31m\u2028", "CANARY %s {0} ${x}"]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_of_an_attacker_is_logged(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: Lines
) -> None:
    """This includes all fields of alerts and all answers and errors of plug-ins."""
    found = {"type": "note", "title": words, "text": words, "source": words, "data": {words: words}}
    installation = Installation(
        {
            "raises": lambda _: PluginFailedError(words),
            "garbage": lambda _: words.encode(),
            "finds": lambda _: {"contents": [found], "new_attributes": [{"type": "other", "value": words + "2"}]},
            "refuses": lambda _: {"throttled": words},
        },
        lambda _: {"severity": words, "reason": words},
        {"odd": lambda _: {"url": words, "state": words}, "raises": lambda _: PluginFailedError(words)},
        limits=Limits(1, 50),
    )
    attach(installation, monkeypatch)
    attribute = {"type": "other", "key": words, "value": words, "context": ["remote"]}
    texts = ("detector", "rule_id", "rule_name", "alert_key", "description", "severity")
    document = {**dict.fromkeys(texts, words), "attributes": [attribute], "body": {words: [words]}}
    whole = json.dumps(document).encode()
    of_another_type = json.dumps({**document, "detector": {words: words}}).encode()
    delivered(record(1, whole), record(2, whole[:-1]), record(3, of_another_type), record(4, words.encode()))
    assert installation.heads()
    run_round(round_of(installation))
    messages = {line["message"] for line in lines()}
    assert messages >= {"report opened", "record rejected", "lookups completed", "report reviewed", "delivery ended"}
    output = capsys.readouterr()
    assert "CANARY" not in output.out + output.err + json.dumps(lines())


@pytest.mark.parametrize("words", HOSTILE)
def test_an_unexpected_error_is_logged_without_its_message(
    words: str, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    installation = Installation()
    attach(installation, monkeypatch)
    delivered(record(1, alert("a")))

    def raise_key_error(*_: object) -> None:
        raise KeyError(words)

    monkeypatch.setattr(installation.table, "query", raise_key_error)
    with pytest.raises(UnexpectedError) as met:
        run_round(round_of(installation))
    assert str(met.value).startswith("KeyError at test_observability.py:")
    assert met.value.__cause__ is None
    assert met.value.__suppress_context__, "the runtime would log it"
    assert "CANARY" not in json.dumps(lines())
    assert lines()[-1]["error"] == str(met.value)
