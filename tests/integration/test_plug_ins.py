"""Faults of reviewers and emitters, and which notifications emitters receive."""

from functools import partial
from typing import Any

import pytest

from tests.integration.conftest import VARIABLES
from tests.integration.pipeline import Pipeline, only
from tools.report_reader import ReportStatus

MISBEHAVING_REVIEWERS = {
    "times out": ("import time\ndef handler(report, context):\n    time.sleep(60)", "timeout"),
    "raises": ("def handler(report, context):\n    raise ValueError('no policy')", "no policy"),
    "nonsense": ("def handler(report, context):\n    return {'severity': 'terrible'}", "severity"),
    "null": ("def handler(report, context):\n    return None", "empty"),
}


@pytest.mark.parametrize("what", MISBEHAVING_REVIEWERS)
def test_without_a_valid_review_the_report_is_unclassified(pipeline: Pipeline, what: str) -> None:
    code, words = MISBEHAVING_REVIEWERS[what]
    with pipeline.attached("reviewer", code, timeout=3):
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert(f"review-{what}")])
        (status,) = pipeline.settled(f"review-{what}")

    assert status.severity == "unclassified"
    assert words in status.reason
    assert [delivery.outcome for delivery in status.deliveries] == ["ok"]


def test_without_a_reviewer_the_report_is_unclassified(pipeline: Pipeline) -> None:
    with pipeline.without_reviewer():
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("no-reviewer")])
        (status,) = pipeline.settled("no-reviewer")

    assert status.severity == "unclassified"
    assert "No reviewer" in status.reason
    assert [delivery.outcome for delivery in status.deliveries] == ["ok"]


def test_emitters_fail_independently_and_notified_emitters_get_the_all_clear(pipeline: Pipeline) -> None:
    severities: dict[str, Any] = {"severities": {"L": [{"S": "urgent"}]}}
    network: dict[str, Any] = {"labels": {"L": [{"S": "network"}, {"S": "mail"}]}}
    identity: dict[str, Any] = {"labels": {"L": [{"S": "identity"}]}}
    fails = "def handler(emission, context):\n    raise ValueError('no')"
    hangs = "import time\ndef handler(emission, context):\n    time.sleep(60)"
    remembers = "def handler(emission, context):\n    return {'state': emission['report']['result']['severity']}"
    policy = (
        "def handler(report, context):\n"
        "    safe = report['alert_count'] > 1\n"
        "    return {'severity': 'safe' if safe else 'urgent', 'reason': 'by count', 'labels': ['network']}"
    )
    with (
        pipeline.attached("emitter", fails) as failing,
        pipeline.attached("emitter", hangs, timeout=2) as hanging,
        pipeline.attached("emitter", remembers, **severities) as urgent_only,
        pipeline.attached("emitter", remembers, **network) as of_network,
        pipeline.attached("emitter", remembers, **identity) as of_identity,
        pipeline.attached("reviewer", policy),
    ):
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("emitters")])
        (first,) = pipeline.settled("emitters")
        pipeline.send([pipeline.alert("emitters")])
        pipeline.wait(lambda: (s := pipeline.of_key("emitters")[0]).settled and s.head.round == 2, "a second round")
        (second,) = pipeline.of_key("emitters")

    outcomes = {delivery.emitter: delivery.outcome for delivery in first.deliveries}
    notified = dict.fromkeys((urgent_only, of_network, "inbox", "pager"), "ok")
    assert outcomes == {failing: "failed", hanging: "unknown", **notified}
    assert of_identity not in outcomes
    assert {d.emitter: d.attempts for d in first.deliveries}[failing] == 3
    assert "no" in next(d.reason or "" for d in first.deliveries if d.emitter == failing)
    told_of_safe = {d.emitter for d in second.deliveries if d.round == 2 and d.outcome == "ok"}
    assert {urgent_only, of_network, "inbox", "pager"} <= told_of_safe
    assert pipeline.report(second)["result"]["severity"] == "safe"


def test_endless_attributes_stop_at_the_depth_limit_which_the_report_notes(pipeline: Pipeline) -> None:
    code = (
        "def handler(task, context):\n"
        "    value = task['attribute']['value'] + '+'\n"
        "    return {'new_attributes': [{'type': 'x-endless', 'key': 'next', 'value': value}]}"
    )
    with pipeline.attached("inspector", code, **only(["x-endless"])) as name:
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("endless", ("x-endless", "a"))])
        (status,) = pipeline.settled("endless")

    report = pipeline.report(status)
    assert [(f["attribute_value"], f["outcome"]) for f in report["findings"]] == [
        ("a", "ok"),
        ("a+", "ok"),
        ("a++", "ok"),
        ("a+++", "skipped"),
    ]
    assert [a["origin"]["attribute_value"] for a in report["attributes"]] == [None, "a", "a+", "a++"]
    assert {a["origin"]["inspector"] for a in report["attributes"][1:]} == {name}
    assert any("max_inspection_depth" in note for note in report["notes"])


def test_the_next_round_follows_a_killed_execution_and_three_kills_end_in_a_report_without_a_review(
    pipeline: Pipeline,
) -> None:
    # A slow reviewer makes the round last long enough to kill it.
    slow = "import time\ndef handler(report, context):\n    time.sleep(12)\n    return {'severity': 'safe'}"

    def started(round_: int) -> ReportStatus | None:
        return next((s for s in pipeline.of_key("killed") if s.head.started == round_), None)

    with pipeline.attached("reviewer", slow, timeout=30):
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("killed")])
        for round_ in (1, 2, 3):
            status = pipeline.wait(partial(started, round_), f"start of round {round_}")
            pipeline.kill(status.report_id, round_)
            # EventBridge notifies the coordinator as well, and the round must be counted as dead only once.
            pipeline.sweep()
        status = pipeline.wait(
            lambda: next((s for s in pipeline.of_key("killed") if s.reviewed_round == 4), None),
            "report without a review",
        )
        pipeline.wait(
            lambda: all(d.outcome for d in pipeline.of_key("killed")[0].deliveries), "the deliveries' outcomes"
        )
    assert (status.head.state, status.severity) == ("failed", "unclassified")
    assert "published without a review" in status.reason
    assert len(pipeline.emissions(status.report_id)) == 1


def test_too_many_attributes_stop_at_the_budget_which_the_report_notes(pipeline: Pipeline) -> None:
    code = (
        "def handler(task, context):\n"
        "    value = task['attribute']['value']\n"
        "    found = [{'type': 'x-more', 'key': 'next', 'value': f'{value}.{n}'} for n in range(5)]\n"
        "    return {'new_attributes': found}"
    )
    with pipeline.attached("inspector", code, **only(["x-more"])):
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("more", ("x-more", "a"))])
        (status,) = pipeline.settled("more")

    report = pipeline.report(status)
    budget = int(str(VARIABLES["max_inspections_per_report"]))
    inspected = [finding for finding in report["findings"] if finding["outcome"] != "skipped"]
    # A quarter is reserved for later alerts.
    assert len(inspected) == budget - budget // 4
    assert {finding["outcome"] for finding in inspected} == {"ok"}
    assert {a["depth"] for a in report["attributes"]} >= {0, 1, 2}
    assert any("max_inspections_per_report" in note for note in report["notes"])


def test_an_alert_that_arrives_during_a_round_is_in_the_next(pipeline: Pipeline) -> None:
    slow = "import time\ndef handler(report, context):\n    time.sleep(8)\n    return {'severity': 'safe'}"
    with pipeline.attached("reviewer", slow, timeout=30):
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("woken"), pipeline.alert("during", ("ipaddr", "192.0.2.51"))])
        killed = pipeline.wait(
            lambda: next((s for s in pipeline.of_key("woken") if s.head.started == 1), None), "the first round"
        )
        pipeline.kill(killed.report_id, 1)
        pipeline.wait(
            lambda: [s for s in pipeline.of_key("during") if s.tasks and all(task.outcome for task in s.tasks)],
            "the lookups of the first round",
        )
        # The round is planned and its reviewer works: Close must find this alert.
        pipeline.send([pipeline.alert("during", ("ipaddr", "192.0.2.52"))])
        (during,) = pipeline.wait(
            lambda: [s for s in pipeline.of_key("during") if s.settled and s.alert_count == 2], "both alerts, settled"
        )
        # The next scheduled sweep is minutes away: EventBridge reports the killed execution.
        (killed,) = pipeline.settled("woken")
    assert (killed.head.round, killed.severity) == (2, "safe")
    assert during.head.round in {1, 2}
    report = pipeline.report(during)
    assert report["alert_count"] == 2
    assert sorted(finding["attribute_value"] for finding in report["findings"]) == ["192.0.2.51", "192.0.2.52"]
    assert len(pipeline.emissions(during.report_id)) == during.head.round


def test_the_code_of_an_attached_function_can_be_replaced(pipeline: Pipeline) -> None:
    code = "def handler(task, context):\n    return {{'contents': [{{'type': 'note', 'title': '{title}'}}]}}"
    wanted = only(["x-replaced"])
    with pipeline.attached("inspector", code.format(title="old"), **wanted) as name:
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert("replaced", ("x-replaced", "1"))])
        pipeline.settled("replaced")
        pipeline.replace_function(name, code.format(title="new"))
        pipeline.send([pipeline.alert("replaced", ("x-replaced", "2"), suffix="-again")])
        found = pipeline.settled("replaced", 2)
    titles = [pipeline.report(status)["findings"][0]["contents"][0]["title"] for status in found]
    assert titles == ["old", "new"]


@pytest.mark.parametrize("qualifier", ["alias", "version"])
def test_a_plug_in_is_attached_by_alias_or_version_and_leaves_nothing_when_detached(
    pipeline: Pipeline, qualifier: str
) -> None:
    code = "def handler(task, context):\n    return {'contents': [{'type': 'note', 'title': 'seen'}]}"
    with pipeline.attached("inspector", code, qualifier=qualifier, **only([f"x-{qualifier}"])) as name:
        pipeline.forget_plug_ins()
        pipeline.send([pipeline.alert(f"by-{qualifier}", (f"x-{qualifier}", "value"))])
        (status,) = pipeline.settled(f"by-{qualifier}")
    assert [(f["inspector"], f["outcome"]) for f in pipeline.report(status)["findings"]] == [(name, "ok")]

    pipeline.forget_plug_ins()
    pipeline.send([pipeline.alert(f"after-{qualifier}", (f"x-{qualifier}", "value"))])
    (status,) = pipeline.settled(f"after-{qualifier}")
    assert pipeline.report(status)["findings"] == []
