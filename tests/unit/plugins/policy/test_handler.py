"""The function: its answer, log and metric, with a table in memory."""

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest

from alert_responder_plugins.policy import handler as module
from alert_responder_plugins.policy.review import UnusablePolicyError
from alert_responder_plugins.policy.table import PolicyTable
from tests.unit.plugins.policy.builders import report
from tests.unit.plugins.policy.test_review import URGENT, Item

REPORT = report(title='x" level=ERROR <script>').model_dump(mode="json")


@pytest.fixture
def holding(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[Any], Item]:
    # Loggers of one service share a stream, which differs for each test.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    for name, value in {"INSTALLATION": "prod", "PLUGIN_NAME": "policy", "TABLE_NAME": "t"}.items():
        monkeypatch.setenv(name, value)
    module._settings.cache_clear()  # pyright: ignore[reportPrivateUsage]
    module._logger.cache_clear()  # pyright: ignore[reportPrivateUsage]

    def hold(policy: Any) -> Item:
        item = Item(policy)
        table = PolicyTable(item, "policy", clock=lambda: item.now, log=item.logged.append)  # type: ignore[arg-type]
        monkeypatch.setattr(module, "_table", lambda: table)
        return item

    return hold


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_rated_report_writes_neither_log_nor_metric(
    holding: Callable[[Any], Item], capsys: pytest.CaptureFixture[str]
) -> None:
    holding(URGENT)
    answer = module.handler(REPORT, None)
    assert answer == {"severity": "urgent", "reason": "The rule all matches.", "rule": "all", "labels": ["soc"]}
    assert lines(capsys) == []
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_faults_are_logged_and_counted_without_text_of_the_report(
    holding: Callable[[Any], Item], capsys: pytest.CaptureFixture[str]
) -> None:
    holding({"rules": [{"name": "broken", "severity": "urgent", "when": "abs(title)"}]})
    answer = module.handler(REPORT, None)
    assert answer
    assert answer["severity"] == "unclassified"
    logged, metric = lines(capsys)
    assert (logged["level"], logged["message"], logged["report_id"]) == ("WARNING", "policy fault", REPORT["id"])
    assert (metric["PolicyFaults"], metric["installation"], metric["plugin"]) == ([1.0], "prod", "policy")
    assert "script" not in json.dumps([logged, metric])


def test_a_missing_policy_fails_the_function_and_is_logged_and_counted(
    holding: Callable[[Any], Item], capsys: pytest.CaptureFixture[str]
) -> None:
    holding(URGENT).item = None
    with pytest.raises(UnusablePolicyError, match="The policy cannot be used: policy is required in the item"):
        module.handler(REPORT, None)
    logged, metric = lines(capsys)
    assert logged["message"] == "policy fault"
    assert metric["PolicyFaults"] == [1.0]
