"""Inspectors with `batch_size`: one call for several lookups, with the outcomes that single calls have."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.attributes import attribute_hash
from alert_responder.domain.deadlines import LONGEST_MS
from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.quota import DAY_SECONDS
from alert_responder.domain.records import Event, LookupRecord
from alert_responder.errors import PluginFailedError, PluginThrottledError, PluginTimeoutError
from alert_responder.store.ledger import Ledger
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash, Faults
from tests.fakes.meter import Meter
from tests.unit.domain.test_quota import busiest_minute
from tests.unit.store.test_quotas import LockedTable
from tests.unit.test_schemas import call
from tests.unit.usecases.test_quotas import alert, run_to_close
from tests.unit.usecases.test_rounds import note

SEEN = {"contents": [{"type": "note", "title": "seen"}]}


def plug_in(batch_size: int = 50, name: str = "logs", **fields: Any) -> InspectorPlugin:
    return InspectorPlugin.model_validate({"name": name, "arn": name, "version": 1, "batch_size": batch_size, **fields})


class Logs:
    """An inspector that answers every task of a batch with the same function, and records its requests."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any] = note, failure: Exception | None = None) -> None:
        self.answer = answer
        self.failure = failure
        self.requests: list[dict[str, Any]] = []
        self.times: list[int] = []
        self.now: Callable[[], int] = lambda: 0

    def __call__(self, request: dict[str, Any]) -> Any:
        self.requests.append(request)
        self.times.append(self.now())
        if self.failure:
            return self.failure
        if "tasks" not in request:
            return self.answer(request)
        return {"answers": {task["task_id"]: self.answer(task) for task in request["tasks"]}}

    @property
    def sizes(self) -> list[int]:
        return [len(request.get("tasks", [0])) for request in self.requests]


def installation(logs: Callable[[dict[str, Any]], Any], plugin: InspectorPlugin, **more: Any) -> Installation:
    made = Installation({"logs": logs}, filters=[plugin], **more)
    if isinstance(logs, Logs):
        logs.now = lambda: made.now
    return made


def lookups(made: Installation) -> dict[str, LookupRecord]:
    found = Ledger(made.table).lookups(made.heads()[0].report_id)
    return {lookup.task["attribute"]["value"]: lookup for lookup in found}


def outcomes(made: Installation) -> Counter[str | None]:
    return Counter(lookup.outcome for lookup in lookups(made).values())


def hosts(event_id: str, names: Sequence[str]) -> Event:
    """Make another alert of the report, with these domains."""
    one = alert(1, 1)
    found = tuple(one.alert.attributes[0].model_copy(update={"value": name}) for name in names)
    return one._replace(event_id=event_id, alert=one.alert.model_copy(update={"attributes": found}))


def planned(made: Installation, round_: int = 1) -> tuple[str, list[list[str]], int]:
    report_id = made.heads()[0].report_id
    plan = made._planner.plan(report_id, round_, 1, None)
    return report_id, plan.chunks, plan.deadline


def test_an_inspector_gets_the_lookups_of_a_round_in_batches() -> None:
    logs = Logs()
    made = installation(logs, plug_in(20))
    made.receive(alert(1, 50))
    made.run()
    assert outcomes(made) == {"ok": 50}
    assert sorted(logs.sizes) == [10, 20, 20]
    tasks = [task for request in logs.requests for task in request["tasks"]]
    assert all(request.keys() == {"tasks"} for request in logs.requests)
    assert {task["task_id"] for task in tasks} == {f"logs/{attribute_hash('domain', value)}" for value in lookups(made)}
    assert len({finding["attribute_value"] for finding in made.report()["findings"]}) == 50


def test_a_batch_of_one_is_a_batch() -> None:
    logs = Logs()
    made = installation(logs, plug_in(20))
    made.receive(alert(1, 1))
    made.run()
    assert [request.keys() for request in logs.requests] == [{"tasks"}]


def test_other_types_are_looked_up_one_by_one() -> None:
    logs = Logs()
    made = installation(logs, plug_in(20, batch_types=["ipaddr"]))
    made.receive(alert(1, 3))
    made.run()
    assert logs.sizes == [1, 1, 1]
    assert all("attribute" in request for request in logs.requests)
    assert not any({"batch_size", "shares_call", "max_per_day"} & item.keys() for item in made.table.items.values())


def test_a_batch_counts_once_and_a_report_has_500_lookups() -> None:
    logs = Logs()
    made = installation(logs, plug_in(50), limits=Limits(2, 12))
    made.receive(alert(1, 520))
    made.run()
    # A quarter of calls and of lookups is kept for later alerts.
    assert outcomes(made) == {"ok": 375}
    assert len(logs.requests) == 8
    assert sum(not lookup.shares_call for lookup in lookups(made).values()) == 8
    report = made.report()
    assert report["complete"] is False
    assert {one["reason"] for one in report["omissions"]} == {
        "max_inspections_per_report is 12, and a report has at most 500 lookups."
    }
    assert {one["reason"] for one in report["findings"] if one["outcome"] == "skipped"} == {
        "Beyond max_inspections_per_report (12) or 500 lookups."
    }
    made.receive(hosts("late", [f"late{number}.example.com" for number in range(130)]))
    made.run()
    # Three quarters of the 4 calls and 125 lookups that were left.
    assert outcomes(made) == {"ok": 375 + 94}
    assert len(logs.requests) == 8 + 2


def test_calls_are_limited_too() -> None:
    logs = Logs()
    made = installation(logs, plug_in(10), limits=Limits(2, 4))
    made.receive(alert(1, 100))
    made.run()
    assert logs.sizes == [10, 10, 10], "one call is kept for later alerts"


@pytest.mark.parametrize(
    ("failure", "outcome", "reason"),
    [
        (PluginFailedError("The function failed: Function.ResponseSizeTooLarge: too large"), "error", "too large"),
        (PluginTimeoutError("No answer within 60 s."), "timeout", "No answer within 60 s."),
    ],
)
def test_each_lookup_of_a_failed_call_has_its_outcome(failure: Exception, outcome: str, reason: str) -> None:
    made = installation(Logs(failure=failure), plug_in())
    made.receive(alert(1, 5))
    made.run()
    assert outcomes(made) == {outcome: 5}
    assert all(reason in str(lookup.reason) for lookup in lookups(made).values())


def test_lookups_of_a_call_that_lambda_refuses_are_made_in_the_next_round_once() -> None:
    logs = Logs(failure=PluginThrottledError("Lambda throttled every call for 60 s."))
    made = installation(logs, plug_in())
    made.receive(alert(1, 5))
    run_to_close(made)
    assert outcomes(made) == {"throttled": 5}
    assert all(lookup.no_turn for lookup in lookups(made).values())
    logs.failure = None
    made.run()
    made.run_and_sweep()
    assert outcomes(made) == {"ok": 5}
    assert logs.sizes == [5, 5]
    assert made.heads()[0].round == 2


def test_a_function_that_does_not_know_batches_is_named_as_the_cause() -> None:
    made = installation(note, plug_in())
    made.receive(alert(1, 2))
    made.run()
    assert outcomes(made) == {"invalid": 2}
    (reason,) = {lookup.reason for lookup in lookups(made).values()}
    assert reason == (
        "The answer to a batch is that to a single task. "
        'Return {"answers": {task id: answer}}, or attach the function with batch_size 1.'
    )


def test_a_function_for_batches_that_gets_single_tasks_is_named_as_the_cause() -> None:
    made = installation(
        lambda event: {"answers": {task["task_id"]: note(task) for task in event.get("tasks", [])}},
        plug_in(1, cache_empty_seconds=600),
    )
    made.receive(alert(1, 3))
    made.run()
    assert outcomes(made) == {"invalid": 3}
    (reason,) = {lookup.reason for lookup in lookups(made).values()}
    assert reason == "The answer is that to a batch. Attach the function with batch_size, or return the answer itself."


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("inspector", "KeyError: 'attribute'"),
        ("batch_inspector", "ConnectionError: the source is down"),
    ],
)
def test_the_reason_of_a_failed_batch_says_that_it_was_one(function: str, message: str) -> None:
    """The example that takes single tasks fails with an error that does not show why."""

    def answer(request: dict[str, Any]) -> Any:
        if function == "batch_inspector":
            return PluginFailedError("The function failed: ConnectionError: the source is down")
        try:
            return call(function, request)
        except KeyError as error:
            return PluginFailedError(f"The function failed: KeyError: {error}")

    made = installation(answer, plug_in(7))
    made.receive(alert(1, 3))
    made.run()
    assert outcomes(made) == {"error": 3}
    (reason,) = {lookup.reason for lookup in lookups(made).values()}
    assert reason == f"The function failed: {message} (called with a batch, because batch_size is 7)"


def test_the_reason_of_a_failed_single_task_does_not_speak_of_batches() -> None:
    made = installation(Logs(failure=PluginFailedError("The function failed: ValueError")), plug_in(1))
    made.receive(alert(1, 2))
    made.run()
    assert {lookup.reason for lookup in lookups(made).values()} == {"The function failed: ValueError"}


def test_answers_to_unknown_tasks_are_counted_and_not_stored() -> None:
    logs = Logs()
    made = installation(
        lambda request: {"answers": {**logs(request)["answers"], "logs/other": SEEN, "x": 1, "": None}}, plug_in()
    )
    made.receive(alert(1, 2))
    report_id, (chunk,), deadline = planned(made)
    inspected = made._inspection.inspect(report_id, 1, chunk, deadline)
    assert (inspected.ignored, inspected.ended) == ({"logs": 3}, {"logs": {"ok": 2}})
    assert set(lookups(made)) == {"host0.k.com", "host1.k.com"}


def test_answers_are_cached_one_by_one() -> None:
    logs = Logs()
    made = installation(logs, plug_in(cache_seconds=3_600))
    made.receive(alert(1, 3))
    made.run()
    same = alert(1, 5).alert.model_copy(update={"rule_id": "other"})
    made.receive(alert(1, 1)._replace(event_id="e2", arrival=made.now, alert=same))
    made.run()
    assert logs.sizes == [3, 2]


def test_egress_rules_apply_to_each_lookup_of_a_batch() -> None:
    logs = Logs()
    made = installation(logs, plug_in(external={}))
    event = alert(1, 2)
    secret = event.alert.attributes[0].model_copy(update={"value": "db.internal"})
    event = event._replace(alert=event.alert.model_copy(update={"attributes": (*event.alert.attributes, secret)}))
    made.receive(event)
    made.run()
    assert outcomes(made) == {"ok": 2, "skipped": 1}
    (request,) = logs.requests
    assert "db.internal" not in json.dumps(request)
    assert {task["alert"]["rule_name"] for task in request["tasks"]} == {""}


def test_a_runner_that_dies_while_it_stores_answers_loses_and_repeats_none() -> None:
    for lost in range(1, 30):
        logs = Logs()
        made = installation(logs, plug_in())
        made.receive(alert(1, 6))
        report_id, (chunk,), deadline = planned(made)
        made.strike(Faults(crash_before=lost))
        try:
            made._inspection.inspect(report_id, 1, chunk, deadline)
        except Crash:
            pass
        else:
            break
        made.strike(Faults())
        before = {value: lookup for value, lookup in lookups(made).items() if lookup.outcome}
        made.run()
        after = lookups(made)
        assert {value: after[value] for value in before} == before, "the first outcome stays"
        asked = Counter(task["task_id"] for request in logs.requests for task in request["tasks"])
        assert all(lookup.outcome in ("ok", "error") for lookup in after.values())
        assert all(asked[lookup.task_id] <= 2 for lookup in after.values())
        assert not any(asked[lookup.task_id] > 1 for lookup in before.values())
    else:
        raise AssertionError("it never ends")
    assert lost > 12, "each write of each lookup was struck"


def test_a_repeated_chunk_asks_only_about_lookups_without_an_outcome() -> None:
    logs = Logs()
    made = installation(logs, plug_in())
    made.receive(alert(1, 4))
    report_id, (chunk,), deadline = planned(made)
    made._inspection.ledger.record(report_id, chunk[1], "error", "given up", made.now)
    made._inspection.inspect(report_id, 1, chunk, deadline)
    made._inspection.inspect(report_id, 1, chunk, deadline)
    assert [[task["task_id"] for task in request["tasks"]] for request in logs.requests] == [[chunk[0], *chunk[2:]]]


def test_a_lookup_that_ended_before_it_is_claimed_is_not_asked_about() -> None:
    logs = Logs()
    made = installation(logs, plug_in())
    made.receive(alert(1, 3))
    report_id, (chunk,), deadline = planned(made)
    ledger = made._inspection.ledger
    claim = ledger.claim

    def first(report_id: str, task_id: str, now: int) -> bool:
        if task_id == chunk[0]:
            ledger.record(report_id, task_id, "error", "given up", now)
        return claim(report_id, task_id, now)

    ledger.claim = first  # type: ignore[method-assign]
    assert made._inspection.inspect(report_id, 1, chunk, deadline).found == 1, "another Plan must follow"
    assert [[task["task_id"] for task in request["tasks"]] for request in logs.requests] == [chunk[1:]]


def test_a_quota_counts_calls_and_not_lookups() -> None:
    logs = Logs()
    made = installation(logs, plug_in(10, max_per_minute=2))
    made.receive(alert(1, 50))
    made.run()
    assert logs.sizes == [10] * 5
    assert busiest_minute(logs.times) == 2
    assert outcomes(made) == {"ok": 50}


def test_a_quota_per_day_counts_calls_and_the_next_day_continues() -> None:
    logs = Logs()
    made = installation(logs, plug_in(10, max_per_day=3))
    made.receive(alert(1, 50))
    made.run()
    assert outcomes(made) == {"ok": 30, "throttled": 20}
    (reason,) = {lookup.reason for lookup in lookups(made).values() if lookup.outcome == "throttled"}
    assert reason == "The quota max_per_day (3 calls a day over all reports) leaves no call until 00:00 UTC."
    assert made.report()["complete"] is False
    assert made.heads()[0].round == 2, "they are tried once more"
    made.now = DAY_SECONDS * 1000 + 10_000
    made.receive(alert(2, 20, "other")._replace(arrival=made.now))
    made.run()
    assert len(logs.requests) == 5


def test_calls_wait_for_midnight_if_their_round_has_the_time() -> None:
    logs = Logs()
    made = installation(logs, plug_in(10, max_per_day=2))
    made.now = DAY_SECONDS * 1000 - 60_000
    made.receive(alert(1, 40))
    made.run()
    assert outcomes(made) == {"ok": 40}
    assert [time // (DAY_SECONDS * 1000) for time in logs.times] == [0, 0, 1, 1]


@pytest.mark.parametrize(("per_minute", "per_day"), [(0, 0), (100, 0), (0, 100), (100, 100)])
def test_quotas_together_cost_one_read_and_one_write_for_a_chunk(per_minute: int, per_day: int) -> None:
    meter = Meter()
    made = installation(Logs(), plug_in(10, max_per_minute=per_minute, max_per_day=per_day), meter=meter)
    made.receive(alert(1, 30))
    report_id, (chunk,), deadline = planned(made)
    meter.reset()
    made._inspection.inspect(report_id, 1, chunk, deadline)
    quota = int(bool(per_minute or per_day))
    # A claim and an outcome for each lookup.
    assert (meter.requests["GetItem"], meter.requests["PutItem"]) == (quota, quota)
    assert (meter.requests["UpdateItem"], meter.requests["Invoke"]) == (60, 3)


ANSWERS: Mapping[str, bytes] = {
    "known": json.dumps(SEEN).encode(),
    "nothing": b"null",
    "missing": b"",
    "found": json.dumps({"new_attributes": [{"type": "ipaddr", "value": "192.0.2.7"}]}).encode(),
    "throttled": b'{"throttled": "later"}',
    "failed": b'{"failed": "no such table", "contents": [{"type": "note", "title": "t"}]}',
    "unknown": b'{"unknown": "no partition"}',
    "not a number": b'{"contents": [{"type": "note", "title": "t", "data": NaN}]}',
    "too large a number": b'{"contents": [{"type": "note", "title": "t", "data": 1e999}]}',
    "wrong": b'{"contents": [{"type": "nothing"}]}',
    "an array": b"[1, 2]",
    "too deep": b"[" * 5_000 + b"]" * 5_000,
    "too large": b'{"contents": [{"type": "note", "title": "' + b"x" * 260_000 + b'"}]}',
    "not UTF-8": b'{"contents": [{"type": "note", "title": "\xff"}]}',
    "half a pair": rb'{"contents": [{"type": "note", "title": "\ud800"}]}',
    "brackets": b'{"contents": [{"type": "note", "title": "}]}{\\"answers\\": {", "data": "\\\\"}]}',
}


def body_of(batch: Mapping[str, bytes]) -> bytes:
    members = b", ".join(json.dumps(task_id).encode() + b": " + answer for task_id, answer in batch.items() if answer)
    return b'{"answers": {' + members + b"}}"


@settings(max_examples=20, deadline=None)
@given(
    kinds=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=16),
    batch_size=st.integers(2, 20),
)
def test_any_partition_into_batches_has_the_outcomes_of_single_calls(kinds: list[str], batch_size: int) -> None:
    def answer(task: Mapping[str, Any]) -> bytes:
        number = task["attribute"]["value"].removeprefix("host").partition(".")[0]
        return ANSWERS[kinds[int(number)]] if number.isdigit() else b"null"

    def logs(request: dict[str, Any]) -> bytes:
        if "tasks" not in request:
            return answer(request)
        return body_of({task["task_id"]: answer(task) for task in request["tasks"]})

    found: list[dict[str, Any]] = []
    for size in (1, batch_size):
        made = installation(logs, plug_in(size, attribute_types=["domain"]))
        made.receive(alert(1, len(kinds)))
        made.run()
        found.append(
            {
                value: (each.outcome, each.reason, each.answer, each.new_attributes, each.no_turn)
                for value, each in lookups(made).items()
            }
        )
    assert found[0] == found[1]
    assert len(found[0]) == len(kinds)


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=3),
    batch_size=st.integers(1, 6),
    budget=st.integers(1, 12),
    rounds=st.integers(1, 2),
)
def test_calls_and_lookups_stay_within_the_budget(sizes: list[int], batch_size: int, budget: int, rounds: int) -> None:
    logs = Logs()
    made = installation(logs, plug_in(batch_size), limits=Limits(1, budget), window_ms=LONGEST_MS)
    for round_ in range(rounds):
        for number, size in enumerate(sizes):
            made.now += 1
            names = [f"h{number}.{round_}.{position}.example.com" for position in range(size)]
            made.receive(hosts(f"e{round_}.{number}", names))
        made.run_and_sweep()
    ledger = list(lookups(made).values())
    assert len(logs.requests) <= sum(not each.shares_call for each in ledger) <= budget
    assert all(each.outcome == "ok" for each in ledger)
    assert len({each.task_id for each in ledger}) == sum(logs.sizes), "each once"


def test_500_lookups_in_batches_of_50_cost_10_calls() -> None:
    costs = {}
    for size in (1, 50):
        meter = Meter()
        made = installation(Logs(), plug_in(size), limits=Limits(2, 500), meter=meter)
        made.receive(alert(1, 666))
        report_id, chunks, deadline = planned(made)
        meter.reset()
        for chunk in chunks:
            made._inspection.inspect(report_id, 1, chunk, deadline)
        costs[size] = (len(chunks), sum(map(len, chunks)), dict(meter.requests))
    assert costs[1][2]["Invoke"] == 375
    assert costs[50][2]["Invoke"] == 8
    assert costs[1][2]["UpdateItem"] == costs[50][2]["UpdateItem"] == 750


def test_runners_store_the_answers_of_several_batches_in_threads() -> None:
    logs = Logs()
    made = installation(logs, plug_in(20, max_per_minute=100), table=LockedTable())
    made.receive(alert(1, 95))
    report_id, (chunk,), deadline = planned(made)
    with ThreadPoolExecutor(10) as executor, ThreadPoolExecutor(6) as writers:
        inspection = replace(made._inspection, executor=executor, writers=writers, clock=lambda: made.now)
        inspected = inspection.inspect(report_id, 1, chunk, deadline)
    assert inspected.ended == {"logs": {"ok": 95}}
    assert sorted(logs.sizes) == [15, 20, 20, 20, 20]
    assert outcomes(made) == {"ok": 95}
