"""Conflicts, throttling and lost responses make our functions slower, but nothing is lost or duplicated."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.integration.faults import TRANSACTION_CONFLICT, FaultProxy, Rule, response_lost, throttled
from tests.integration.local_receptor import receptor, record
from tests.integration.pipeline import Pipeline
from tests.integration.streams import invoke_function
from tools.report_reader import ReportStatus

Note = Callable[[str, object], None]
"""Records a figure for docs/evidence.md."""

RUNS = int(os.environ.get("RACES", "5"))
"""Number of races between simultaneous alerts; `make evidence` uses 20."""
FIRST_ALERTS = 64

# Every second or third call: deterministic, so that each rule strikes.
HALF, THIRD = ({"sequence": {"fail": 1, "pass": passed}} for passed in (1, 2))

THROTTLING: list[Rule] = [
    {**TRANSACTION_CONFLICT, **HALF},
    {**throttled("dynamodb", "ProvisionedThroughputExceededException"), **THIRD},
    {**throttled("stepfunctions", "ThrottlingException"), **THIRD},
    {**throttled("lambda", "TooManyRequestsException", 429), **THIRD},
    {**throttled("s3", "SlowDown", 503), **THIRD},
]

LOST_RESPONSES: list[Rule] = [
    {**response_lost(service, operation), **THIRD}
    for service, operation in (
        ("dynamodb", "TransactWriteItems"),
        ("dynamodb", "UpdateItem"),
        ("dynamodb", "BatchWriteItem"),
        ("stepfunctions", "StartExecution"),
        # Copies have this name as well.
        ("s3", "PutObject"),
    )
]


def test_simultaneous_first_alerts_become_one_report(
    struck_pipeline: Pipeline, faults: FaultProxy, record_property: Note
) -> None:
    receptors = [
        receptor(struck_pipeline.installation, endpoint=faults.endpoint, threads=1) for _ in range(FIRST_ALERTS)
    ]
    together = Barrier(FIRST_ALERTS)

    def first(run: int, number: int) -> bool:
        alert = struck_pipeline.alert("first", suffix=f"-{run}")
        event = {"Records": [record(alert, run * FIRST_ALERTS + number)]}
        together.wait()
        answer = receptors[number](event)
        # Records that lost too many races are delivered again.
        while answer is None or answer["batchItemFailures"]:
            answer = receptors[number](event)
        return True

    with ThreadPoolExecutor(FIRST_ALERTS) as executor, faults.during({**TRANSACTION_CONFLICT, "probability": 0.5}):
        for run in range(RUNS):
            assert all(executor.map(first, [run] * FIRST_ALERTS, range(FIRST_ALERTS)))
        conflicts = faults.struck()["TransactWriteItems"]
    record_property("transactions that met a conflict", conflicts)
    assert conflicts > RUNS * FIRST_ALERTS / 2, "too few faults were injected"

    found = struck_pipeline.settled("first", RUNS)
    assert [status.alert_count for status in found] == [FIRST_ALERTS] * RUNS
    for status in found:
        rounds = [name.rpartition("-")[2] for name in struck_pipeline.executions(status.report_id)]
        assert sorted(rounds) == sorted(str(round_) for round_ in range(1, status.head.round + 1))


def test_a_storm_under_throttling_is_one_report(
    struck_pipeline: Pipeline, faults: FaultProxy, record_property: Note
) -> None:
    alerts = [
        struck_pipeline.alert("throttled", ("ipaddr", "198.51.100.7"), description=f"alert {n}") for n in range(500)
    ]
    with faults.during(*THROTTLING):
        struck_pipeline.send(alerts, producers=4)
        (status,) = struck_pipeline.wait(lambda: complete(struck_pipeline, "throttled", 500), "500 alerts, settled")
        struck = faults.struck()

    record_property("calls throttled or in conflict", sum(struck.values()))
    assert {"TransactWriteItems", "StartExecution", "Invoke"} <= set(struck), struck
    assert sum(struck.values()) > 20
    report = struck_pipeline.report(status)
    assert report["alert_count"] == 500
    assert [finding["outcome"] for finding in report["findings"]] == ["empty"]
    delivered = [emission["emission_id"] for emission in struck_pipeline.emissions(status.report_id)]
    assert sorted(delivered) == sorted(set(delivered))
    assert {delivery.outcome for delivery in status.deliveries} == {"ok"}


def test_lost_responses_change_nothing(struck_pipeline: Pipeline, faults: FaultProxy, record_property: Note) -> None:
    alerts = [
        struck_pipeline.alert("lost", ("ipaddr", f"198.51.100.{n % 20}"), suffix=f"-{n % 20}") for n in range(100)
    ]
    with faults.during(*LOST_RESPONSES):
        struck_pipeline.send(alerts, producers=4)
        found = struck_pipeline.wait(lambda: complete(struck_pipeline, "lost", 100), "100 alerts in settled reports")
        struck = faults.struck()

    record_property("responses lost", sum(struck.values()))
    assert set(struck) == {rule["operation"] for rule in LOST_RESPONSES}, struck
    assert [status.alert_count for status in found] == [5] * 20
    for status in found:
        assert struck_pipeline.report(status)["alert_count"] == 5
        assert [finding["outcome"] for finding in struck_pipeline.report(status)["findings"]] == ["empty"]
        assert {(delivery.emitter, delivery.outcome) for delivery in status.deliveries} == {("inbox", "ok")}
        delivered = [emission["emission_id"] for emission in struck_pipeline.emissions(status.report_id)]
        assert len(delivered) == len(set(delivered)) == len(status.deliveries)


def test_a_plug_in_call_with_a_lost_answer_counts_as_made(struck_pipeline: Pipeline, faults: FaultProxy) -> None:
    # Only the runner decides about retries: it may call an inspector again, but not an emitter.
    with faults.during(response_lost("lambda", "Invoke")):
        struck_pipeline.send([struck_pipeline.alert("unheard", ("ipaddr", "198.51.100.99"))])
        (status,) = struck_pipeline.settled("unheard")

    report = struck_pipeline.report(status)
    assert [finding["outcome"] for finding in report["findings"]] == ["timeout"]
    assert report["result"]["severity"] == "unclassified"
    assert [(d.emitter, d.outcome, d.attempts) for d in status.deliveries] == [("inbox", "unknown", 1)]
    assert len(struck_pipeline.emissions(status.report_id)) == 1


def complete(pipeline: Pipeline, key: str, alerts: int) -> list[ReportStatus]:
    """Return the reports of a key if they are settled and have that many alerts, otherwise none."""
    found = pipeline.of_key(key)
    there = sum(status.alert_count for status in found) == alerts and all(status.settled for status in found)
    return found if there else []


# The last test here: the 500 rounds that it leaves running end with the account.
@pytest.mark.parametrize(("keys", "calls"), [(1, 0.1), (500, 5)])
def test_a_batch_of_500_costs_few_calls(struck_pipeline: Pipeline, faults: FaultProxy, keys: int, calls: float) -> None:
    installation = struck_pipeline.installation
    receive = invoke_function(installation.client("lambda"), f"{installation.name}-receptor")
    name = f"calls{keys}"
    records = [record(struck_pipeline.alert(name, suffix=f"-{n % keys}"), 10_000 * keys + n) for n in range(500)]
    # Hold back the reports' rounds, whose calls would be counted too.
    with struck_pipeline.rounds_held_back():
        before = faults.calls()
        assert receive({"Records": records}) == {"batchItemFailures": []}
        counted = faults.calls() - before
    assert sum(counted.values()) <= calls * 500, counted
    assert sum(counted.values()) >= 3, counted
    assert sum(status.alert_count for status in struck_pipeline.of_key(name)) == 500
