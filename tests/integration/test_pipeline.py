"""The main flow on the applied module: alerts on the stream become reviewed reports and are delivered."""

import base64
import gzip
import json
import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from tests.integration.conftest import INSPECTION_TIMEOUT_SECONDS, RECIPE
from tests.integration.pipeline import OURS, Pipeline, native_alert, only
from tools import saved_installations
from tools.demo import records


def test_a_guardduty_finding_becomes_a_reviewed_report(pipeline: Pipeline) -> None:
    before = {status.report_id for status in pipeline.reader.statuses()}
    pipeline.send([records.guardduty()])

    status = pipeline.wait(
        lambda: next((s for s in pipeline.reader.statuses() if s.report_id not in before and s.settled), None),
        "a settled report of the finding",
    )

    report = pipeline.report(status)
    assert report["result"]["severity"] == "urgent"
    assert [attribute["origin"]["inspector"] for attribute in report["attributes"] if attribute["depth"] == 1] == [
        "reputation"
    ]
    assert {delivery.emitter: delivery.outcome for delivery in status.deliveries} == {"inbox": "ok", "pager": "ok"}

    (key,) = {delivery.page for delivery in status.deliveries}
    assert key
    installation = pipeline.installation
    page = installation.client("s3").get_object(Bucket=installation.archive_bucket, Key=key)
    assert page["ContentType"] == "text/html; charset=utf-8"
    assert "pending\n<b><bdi>pager" in page["Body"].read().decode().replace("</span>", "")
    (emission,) = pipeline.emissions(report["id"])
    assert emission["report_url"].endswith(
        f"/s3/object/{installation.archive_bucket}?region=us-east-1&bucketType=general&prefix={key}"
    )


def test_a_second_plan_is_empty_except_for_gaps_of_the_emulator() -> None:
    with saved_installations.started(RECIPE) as started:
        started.example.terraform.init()
        changes = started.example.terraform.pending_changes()

    # MiniStack's DescribeAlarms omits most fields of PutMetricAlarm, so that alarms always seem to differ.
    assert [address for address in changes if ".aws_cloudwatch_metric_alarm." not in address] == []


def test_storm_of_one_key_is_one_report(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("storm", description=f"alert {n}") for n in range(500)], producers=4)

    def complete() -> bool:
        found = pipeline.of_key("storm")
        return bool(found) and found[0].settled and pipeline.report(found[0])["alert_count"] == 500

    pipeline.wait(complete, "one report of 500 alerts")
    (status,) = pipeline.of_key("storm")
    per_round = [(delivery.emitter, delivery.round) for delivery in status.deliveries]
    assert len(per_round) == len(set(per_round))
    assert all(delivery.attempts == 1 for delivery in status.deliveries)


def test_distinct_keys_are_distinct_reports(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("many", suffix=f"-{n}") for n in range(60)])

    found = pipeline.settled("many", 60)

    assert len(found) == 60
    assert {pipeline.report(status)["alert_count"] for status in found} == {1}
    deliveries = [sorted((d.emitter, d.outcome, d.attempts) for d in status.deliveries) for status in found]
    assert deliveries == [[("inbox", "ok", 1)]] * 60


def test_rejected_records_are_archived(pipeline: Pipeline) -> None:
    good = [pipeline.alert("mixed", suffix=f"-{n % 60}") for n in range(1800)]
    bad = malformed(200)
    mixed = good + bad
    random.Random(7).shuffle(mixed)
    before = set(pipeline.reader.rejected())
    pipeline.send(mixed)

    def all_there() -> bool:
        found = pipeline.of_key("mixed")
        return (
            len(found) == 60
            and all(status.settled for status in found)
            and sum(status.alert_count for status in found) == 1800
        )

    pipeline.wait(all_there, "60 settled reports of 1,800 alerts")
    archived = {key: entry for key, entry in pipeline.reader.rejected().items() if key not in before}
    assert len(archived) == 200
    assert sorted(base64.b64decode(entry["data"]) for entry in archived.values()) == sorted(bad)
    assert all(entry["rejects"][0]["reason"] and entry["sequence_number"] in key for key, entry in archived.items())


def test_an_alert_after_close_starts_a_round_that_notifies_only_of_changes_with_state(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("later", ("ipaddr", "192.0.2.10"))])
    (first,) = pipeline.settled("later")

    pipeline.send([pipeline.alert("later", ("ipaddr", "192.0.2.10"))])
    pipeline.wait(lambda: (s := pipeline.of_key("later")[0]).settled and s.head.round == 2, "a settled second round")
    assert len(pipeline.emissions(first.report_id)) == 1, "emitters must not be notified without a relevant change"

    pipeline.send([pipeline.alert("later", ("ipaddr", "203.0.113.77"))])
    pipeline.wait(lambda: (s := pipeline.of_key("later")[0]).settled and s.head.round == 3, "a settled third round")
    emissions = pipeline.emissions(first.report_id)
    assert [emission["state"] for emission in emissions] == [None, {"rounds": 1}]
    assert emissions[-1]["report"]["alert_count"] == 3


def malformed(count: int) -> list[bytes]:
    """Make 14 different kinds of records that cannot be parsed as alerts."""
    ways: list[Callable[[int], bytes]] = [
        lambda n: b"\xff\xfe" + str(n).encode(),
        lambda n: native_alert(f"cut {n}")[:-2],
        lambda n: json.dumps({"detector": n, "rule_id": ["x"], "alert_key": {}}).encode(),
        lambda n: json.dumps({"detector": "d", "n": n}).encode(),
        lambda n: b"null" + b" " * n,
        lambda n: json.dumps([n]).encode(),
        lambda n: b"\xef\xbb\xbf" + native_alert(f"bom {n}"),
        lambda n: gzip.compress(native_alert(f"gzip {n}")),
        lambda n: b'{"detector":"a","detector":"b","rule_id":"r","alert_key":"%d"}' % n,
        lambda n: b'{"detector":"a","rule_id":"r","alert_key":"%d","body":NaN}' % n,
        lambda n: b"[" * 1000 + b"%d" % n + b"]" * 1000,
        lambda n: os.urandom(1_048_000) if n < 14 else os.urandom(1000 + n),
        lambda n: b" " * n,
        lambda n: native_alert(f"nul {n}") + b"\x00",
    ]
    return [ways[n % len(ways)](n) for n in range(count)]


def test_the_log_describes_the_life_of_a_report(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("life", ("ipaddr", "203.0.113.77"))])
    (status,) = pipeline.settled("life")

    def logged() -> list[dict[str, Any]]:
        texts = [
            text
            for function in OURS
            for entry in pipeline.installation.account.function_logs(f"{pipeline.installation.name}-{function}")
            for text in entry.splitlines()
        ]
        lines = [json.loads(text) for text in texts if text.startswith("{")]
        of_report = [line for line in lines if line.get("report_id") == status.report_id]
        return sorted(of_report, key=lambda line: line["timestamp"])

    def messages() -> list[tuple[str, str, str | None]]:
        return [(line["service"], line["message"], line.get("plugin")) for line in logged()]

    awaited = {
        ("runner", "lookups completed", "reputation"),
        ("coordinator", "report reviewed", None),
        ("runner", "delivery ended", "inbox"),
        ("runner", "delivery ended", "pager"),
        ("coordinator", "round closed", None),
    }
    # A function's log appears when its call has ended.
    pipeline.wait(lambda: awaited <= set(messages()), "log of the report")
    assert messages()[:2] == [("receptor", "report opened", None), ("coordinator", "lookups planned", None)]
    assert messages()[-1] == ("coordinator", "round closed", None)
    assert {(line["alert_id"], line["round"]) for line in logged()} == {(pipeline.report(status)["alert_id"], 1)}


def test_a_faulty_plug_in_is_reported_and_affects_no_other(pipeline: Pipeline) -> None:
    wanted = only(["x-misbehave"])
    codes = {
        "error": "def handler(event, context):\n    raise ValueError('no such thing')",
        "timeout": "import time\ndef handler(event, context):\n    time.sleep(30)",
        "invalid schema": "def handler(event, context):\n    return {'contents': [{'type': 'nonsense'}]}",
        "invalid kind": "def handler(event, context):\n    return 'garbage'",
        "invalid size": "def handler(event, context):\n    return 'x' * 5000000",
        "throttled": "def handler(event, context):\n    return None",
        "error deleted": "def handler(event, context):\n    return None",
        "error forbidden": "def handler(event, context):\n    return None",
        "ok": "def handler(event, context):\n    return {'contents': [{'type': 'note', 'title': 'fine'}]}",
    }
    with ExitStack() as stack:
        names = {
            what: stack.enter_context(
                pipeline.attached("inspector", code, timeout=60, allowed=what != "error forbidden", **wanted)
            )
            for what, code in codes.items()
        }
        pipeline.throttle(names["throttled"])
        pipeline.delete_function(names["error deleted"])
        pipeline.forget_plug_ins()
        started = time.monotonic()
        pipeline.send([pipeline.alert("misbehave", ("x-misbehave", "value"))])
        (status,) = pipeline.settled("misbehave")
        took = time.monotonic() - started

    findings = {finding["inspector"]: finding for finding in pipeline.report(status)["findings"]}
    outcomes = {what: findings[name]["outcome"] for what, name in names.items()}
    assert outcomes == {what: what.split()[0] for what in codes}
    assert all(findings[name]["reason"] for what, name in names.items() if what != "ok")
    assert took < INSPECTION_TIMEOUT_SECONDS * 3 + 5
