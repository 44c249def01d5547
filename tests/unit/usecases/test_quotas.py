"""Quotas in rounds: which lookups wait or are throttled, and how reports share a quota."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.deadlines import LEAST_CALL_MS, LONGEST_MS
from alert_responder.domain.quota import SPAN_SECONDS, TOLERANCE_MS
from alert_responder.domain.records import Event
from alert_responder.errors import ConditionFailedError, DependencyError
from alert_responder.store.ledger import Ledger
from alert_responder.store.quotas import Quotas, Reserved
from alert_responder.usecases.inspect import Inspection
from alert_responder.usecases.rate_limit import RateLimiter, SlotQueue
from alert_responder_cli.aws.in_memory import MemoryTable
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash, Faults
from tests.fakes.meter import Meter
from tests.unit.domain.test_quota import busiest_minute
from tests.unit.store.test_quotas import LockedTable
from tests.unit.usecases.test_rounds import note


def plug_in(per_minute: int, name: str = "slow", **fields: Any) -> InspectorPlugin:
    return InspectorPlugin.model_validate(
        {"name": name, "arn": name, "version": 1, "max_per_minute": per_minute, **fields}
    )


def alert(number: int, count: int, key: str = "k") -> Event:
    found = [{"type": "domain", "value": f"host{n}.{key}.com"} for n in range(count)]
    made = Alert.model_validate({"detector": "d", "rule_id": "r", "alert_key": key, "attributes": found})
    return Event(f"e{number}", number, str(number), made)


class Timed:
    """An inspector that records when it is called."""

    def __init__(self) -> None:
        self.times: list[int] = []
        self.now: Callable[[], int] = lambda: 0

    def __call__(self, _: dict[str, Any]) -> Any:
        self.times.append(self.now())
        return {"contents": [{"type": "note", "title": "seen"}]}


def installation(per_minute: int, **more: Any) -> tuple[Installation, Timed]:
    timed = Timed()
    made = Installation({"slow": timed, "quick": note}, filters=[plug_in(per_minute)], **more)
    timed.now = lambda: made.now
    return made, timed


def outcomes(made: Installation, name: str = "slow") -> list[str]:
    return sorted(outcome for (inspector, _), (outcome, _) in made.findings().items() if inspector == name)


def run_to_close(made: Installation) -> None:
    """Run the first round of a report, without Close."""

    def stop(step: str) -> None:
        if step == "close":
            raise Crash

    made.between = stop
    made.run()
    made.between = lambda _: None


def test_lookups_above_the_quota_wait_and_are_throttled_in_the_end() -> None:
    made, timed = installation(2)
    made.receive(alert(1, 9))
    run_to_close(made)
    # A round has three times a minute for inspections: two calls at once, after one span and after another.
    assert outcomes(made) == ["ok"] * 6 + ["throttled"] * 3
    assert outcomes(made, "quick") == ["ok"] * 9
    assert [time // 1000 - timed.times[0] // 1000 for time in timed.times] == [0, 0, 62, 62, 124, 124]
    reasons = {reason for outcome, reason in made.findings().values() if outcome == "throttled"}
    assert reasons == {
        "The quota max_per_minute (2 calls a minute over all reports) left no call in the available time."
    }
    assert "Without an answer: slow: throttled." in made.report()["notes"]
    assert made.report()["complete"] is False


def test_lookups_that_the_quota_throttled_are_made_in_the_next_round() -> None:
    made, timed = installation(2)
    made.receive(alert(1, 9))
    made.run()
    assert outcomes(made) == ["ok"] * 9
    assert (made.heads()[0].state, made.heads()[0].round, len(timed.times)) == ("settled", 2, 9)


def test_reports_share_a_quota() -> None:
    made, timed = installation(3)
    made.receive(alert(1, 2, "one"), alert(2, 2, "two"))
    made.run()
    assert len(made.heads()) == 2
    assert [time // 1000 - timed.times[0] // 1000 for time in timed.times] == [0, 0, 0, 62]


def test_a_quota_costs_one_read_and_one_write_for_a_chunk() -> None:
    requests = []
    for per_minute in (0, 100):
        meter = Meter()
        made, _ = installation(per_minute, meter=meter)
        made.receive(alert(1, 5))
        report_id = made.heads()[0].report_id
        plan = made._planner.plan(report_id, 1, 1, None)
        meter.reset()
        made._inspection.inspect(report_id, 1, plan.chunks[0], plan.deadline)
        requests.append(meter.requests.copy())
    assert requests[1] - requests[0] == {"GetItem": 1, "PutItem": 1}


def test_a_throttled_lookup_is_neither_called_nor_claimed_nor_cached() -> None:
    made, timed = installation(1)
    made.registry.attached = made.registry.attached.model_copy(
        update={"inspectors": (plug_in(1, cache_seconds=3_600),)}
    )
    made.receive(alert(1, 5))
    run_to_close(made)
    assert outcomes(made) == ["ok"] * 3 + ["throttled"] * 2
    throttled = [task for task in Ledger(made.table).lookups(made.heads()[0].report_id) if task.outcome == "throttled"]
    assert {task.claimed for task in throttled} == {None}
    assert len([key for key in made.table.items if key.pk.startswith("cache/")]) == len(timed.times) == 3


def test_a_cached_answer_does_not_count_against_the_quota() -> None:
    made, timed = installation(1)
    made.registry.attached = made.registry.attached.model_copy(
        update={"inspectors": (plug_in(1, cache_seconds=3_600),)}
    )
    made.receive(alert(1, 1))
    made.run()
    same = alert(1, 1).alert.model_copy(update={"rule_id": "other"})
    made.receive(Event("e2", made.now, "2", same))
    made.run()
    assert outcomes(made) == ["cached"]
    assert len(timed.times) == 1


def test_a_lookup_of_an_earlier_version_has_no_quota() -> None:
    made, timed = installation(1)
    made.receive(alert(1, 3))
    plan = made._planner.plan(made.heads()[0].report_id, 1, 1, None)
    for key, item in made.table.items.items():
        if key.sk.startswith("task/"):
            del item["max_per_minute"]
    made._inspection.inspect(made.heads()[0].report_id, 1, plan.chunks[0], plan.deadline)
    assert len(timed.times) == 3


def slow_of(task_ids: list[str]) -> list[str]:
    return [task_id for task_id in task_ids if task_id.startswith("slow/")]


def outcomes_of(made: Installation, report_id: str) -> list[str | None]:
    return [task.outcome for task in Ledger(made.table).lookups(report_id)]


def planned(made: Installation) -> tuple[str, list[str], int]:
    report_id = made.heads()[0].report_id
    plan = made._planner.plan(report_id, 1, 1, None)
    return report_id, [task_id for chunk in plan.chunks for task_id in chunk], plan.deadline


def stall_at_claims(made: Installation, stalls: Iterator[int]) -> None:
    """Let time pass at each claim of a lookup [ms], as if Lambda froze the runner or the table was slow."""
    claim = made._inspection.ledger.claim

    def claims_slowly(report_id: str, task_id: str, now: int) -> bool:
        made.now += next(stalls, 0)
        return claim(report_id, task_id, now)

    made._inspection.ledger.claim = claims_slowly  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("stall", "second"), [(0, 0), (TOLERANCE_MS - 100, 1), (TOLERANCE_MS, SPAN_SECONDS), (90_000, 90)]
)
def test_a_missed_slot_is_replaced_by_another(stall: int, second: int) -> None:
    made, timed = installation(1)
    made.now = 10_000
    made.receive(alert(1, 1))
    report_id, task_ids, deadline = planned(made)
    stall_at_claims(made, iter([stall]))
    made._inspection.inspect(report_id, 1, slow_of(task_ids), deadline)
    assert [time // 1000 - 10 for time in timed.times] == [second]
    made.run()
    assert outcomes(made) == ["ok"]


def test_no_slot_is_reserved_that_leaves_too_little_time() -> None:
    made, timed = installation(1)
    made.receive(alert(1, 2))
    report_id, task_ids, _ = planned(made)
    slow = slow_of(task_ids)
    end = made.now + SPAN_SECONDS * 1000 + LEAST_CALL_MS - 1_000
    made._inspection.inspect(report_id, 1, slow, end)
    assert len(timed.times) == 1
    assert made.now < end - 10_000, "it did not wait for it"


@pytest.mark.parametrize(("left", "calls"), [(LEAST_CALL_MS - 1_000, 0), (LEAST_CALL_MS + 1_000, 1)])
def test_an_inspector_is_not_called_with_too_little_time(left: int, calls: int) -> None:
    made, timed = installation(1)
    made.receive(alert(1, 1))
    report_id, task_ids, _ = planned(made)
    made._inspection.inspect(report_id, 1, task_ids, made.now + left)
    assert len(timed.times) == calls


def test_a_chunk_ends_before_its_function_times_out() -> None:
    made, timed = installation(1)
    made.receive(alert(1, 5))
    report_id, task_ids, _ = planned(made)
    made._inspection.inspect(report_id, 1, task_ids, made.now + 10 * LONGEST_MS)
    assert len(timed.times) == 5
    made, timed = installation(1)
    made.receive(alert(1, 30))
    report_id, task_ids, _ = planned(made)
    begun = made.now
    made._inspection.inspect(report_id, 1, slow_of(task_ids), begun + 10 * LONGEST_MS)
    assert made.now <= begun + LONGEST_MS
    assert len(timed.times) == LONGEST_MS // (SPAN_SECONDS * 1000) + 1
    assert outcomes_of(made, report_id).count("throttled") == 30 - len(timed.times)


def test_a_lookup_whose_runner_dies_while_it_waits_is_handed_out_again() -> None:
    made, timed = installation(1)
    made.receive(alert(1, 2))
    report_id, task_ids, deadline = planned(made)
    slow = slow_of(task_ids)

    def dies(milliseconds: int) -> None:
        if milliseconds:
            raise Crash

    rate_limiter = replace(made._inspection.rate_limiter, sleep=dies)
    with pytest.raises(Crash):
        replace(made._inspection, rate_limiter=rate_limiter).inspect(report_id, 1, slow, deadline)
    assert len(timed.times) == 1
    again = made._planner.plan(report_id, 1, 2, deadline)
    assert [task_id for chunk in again.chunks for task_id in chunk if task_id in slow] == slow[1:]
    made._inspection.inspect(report_id, 1, slow, deadline)
    assert len(timed.times) == 2
    assert busiest_minute(timed.times) == 1


def test_an_outcome_that_was_stored_during_the_wait_is_kept() -> None:
    made, timed = installation(1)
    made.receive(alert(1, 2))
    report_id, task_ids, deadline = planned(made)
    slow = slow_of(task_ids)

    def sleep(milliseconds: int) -> None:
        made.now += milliseconds
        if milliseconds:
            made._inspection.ledger.record(report_id, slow[1], "error", "given up", made.now)

    inspection = replace(made._inspection, rate_limiter=replace(made._inspection.rate_limiter, sleep=sleep))
    assert inspection.inspect(report_id, 1, slow, deadline).found == 1, "another Plan must follow"
    assert len(timed.times) == 1
    assert {task.reason for task in inspection.ledger.lookups(report_id) if task.task_id in slow} == {None, "given up"}


class Contended(Quotas):
    """Has others reserve before each reservation."""

    def __init__(self, table: Any, times: int) -> None:
        super().__init__(table)
        self.times = times

    def reserve(self, *args: Any, **named: Any) -> Reserved:
        self.times -= 1
        if self.times >= 0:
            raise ConditionFailedError
        return super().reserve(*args, **named)


@pytest.mark.parametrize(("times", "outcome"), [(20, "ok"), (10**9, "throttled")])
def test_a_reservation_that_conflicts_with_others_is_retried_until_the_time_is_over(times: int, outcome: str) -> None:
    made, _ = installation(9)
    made.receive(alert(1, 2))
    report_id, task_ids, deadline = planned(made)
    paused: list[int] = []

    def pause(attempt: int) -> None:
        paused.append(attempt)
        made.now += 1_000

    rate_limiter = replace(made._inspection.rate_limiter, quotas=Contended(made.table, times), pause=pause)
    replace(made._inspection, rate_limiter=rate_limiter).inspect(report_id, 1, task_ids, deadline)
    assert paused == list(range(len(paused)))
    found = {task.inspector: task.outcome for task in made._inspection.ledger.lookups(report_id)}
    assert found == {"slow": outcome, "quick": "ok"}


def test_a_failure_of_the_table_fails_the_call_and_loses_nothing() -> None:
    made, timed = installation(9)
    made.receive(alert(1, 1))
    report_id, task_ids, deadline = planned(made)
    made.strike(Faults(lose_after=2))
    with pytest.raises(DependencyError):
        made._inspection.inspect(report_id, 1, task_ids, deadline)
    made.strike(Faults())
    made.run()
    assert outcomes(made) == ["ok"]
    assert len(timed.times) == 1


def in_threads(executor: Executor, sleep: Any, sizes: Sequence[int]) -> tuple[Inspection, Installation, list[str]]:
    """Build an inspection over a table that threads may use."""
    made = Installation({"slow": note, "quick": note}, filters=[plug_in(2)], table=LockedTable())
    made.receive(*(alert(number, size, f"k{number}") for number, size in enumerate(sizes)))
    reports = [head.report_id for head in made.heads()]
    inspection = replace(
        made._inspection,
        executor=executor,
        clock=lambda: made.now,
        rate_limiter=RateLimiter(Quotas(made.table), lambda: made.now, sleep, lambda _: None),
    )
    return inspection, made, reports


def test_waiting_lookups_do_not_delay_others() -> None:
    woken, waiting = threading.Event(), threading.Semaphore(0)

    def sleep(milliseconds: int) -> None:
        if milliseconds:
            waiting.release()
            assert woken.wait(20)

    with ThreadPoolExecutor(20) as executor, ThreadPoolExecutor(1) as caller:
        inspection, made, (report_id,) = in_threads(executor, sleep, [5])
        plan = made._planner.plan(report_id, 1, 1, None)
        (chunk,) = plan.chunks
        running = caller.submit(inspection.inspect, report_id, 1, chunk, plan.deadline)
        # One waits for its turn, one to ask for the next, and one for that one.
        for _ in range(2):
            assert waiting.acquire(timeout=20)
        done = threading.Event()
        for _ in range(2_000):
            found = [task.outcome for task in inspection.ledger.lookups(report_id)]
            if found.count("ok") == 7:
                break
            done.wait(0.01)
        assert sorted(map(str, found)) == ["None"] * 3 + ["ok"] * 7, "all of the other inspector, and two of this one"
        made.now += 2 * SPAN_SECONDS * 1000
        woken.set()
        running.result(20)


def test_a_report_with_many_lookups_leaves_slots_to_a_later_one() -> None:
    """While the first one waits in a runner, the second one gets the next slots."""
    made, timed = installation(4)
    made.receive(alert(1, 20, "many"), alert(2, 1, "one"))
    first, second = (head.report_id for head in made.heads())
    plans = {report_id: made._planner.plan(report_id, 1, 1, None) for report_id in (first, second)}
    counts = {report_id: len(Ledger(made.table).lookups(report_id)) for report_id in plans}
    many, one = max(counts, key=lambda each: counts[each]), min(counts, key=lambda each: counts[each])
    begun = made.now
    asked: list[int] = []

    def sleep(milliseconds: int) -> None:
        if not asked and milliseconds:
            # As soon as the first has to wait, the second one comes, in a runner of its own.
            asked.append(made.now)
            quotas = Quotas(made.table)
            (time,) = quotas.reserve("slow", one, 4, 1, made.now, made.now + 180_000).times
            asked.append(time)
        made.now += milliseconds

    inspection = replace(made._inspection, rate_limiter=replace(made._inspection.rate_limiter, sleep=sleep))
    for chunk in plans[many].chunks:
        inspection.inspect(many, 1, slow_of(chunk), plans[many].deadline, plans[many].planned_at)
    assert asked[1] - begun <= 2 * 60_000
    assert busiest_minute([*timed.times, asked[1]]) <= 4


@settings(max_examples=25, deadline=None)
@given(
    reports=st.lists(st.integers(1, 8), min_size=1, max_size=4),
    per_minute=st.integers(1, 5),
    stalls=st.lists(st.sampled_from([0, 0, 0, 1_500, 2_500, 61_000]), min_size=1, max_size=6),
)
def test_no_minute_has_more_calls_than_the_quota(reports: list[int], per_minute: int, stalls: list[int]) -> None:
    """Several reports one after the other, in runners that sometimes pause before a claim."""
    made, timed = installation(per_minute)
    made.receive(*(alert(number, size, f"k{number}") for number, size in enumerate(reports)))
    stall_at_claims(made, cycle(stalls))
    made.run()
    assert busiest_minute(timed.times) <= per_minute
    assert all(outcome for head in made.heads() for outcome in outcomes_of(made, head.report_id))


@pytest.mark.parametrize(
    ("per_minute", "per_day", "reason"),
    [
        (
            0,
            700,
            "The quota max_per_day (700 calls a day over all reports) could not be reserved in the available time.",
        ),
        (9, 700, "The quota max_per_minute (9 calls a minute over all reports) left no call in the available time."),
    ],
)
def test_a_reservation_that_runs_out_of_time_names_a_quota_that_exists(
    per_minute: int, per_day: int, reason: str
) -> None:
    now = [0]

    def pass_time(milliseconds: int) -> None:
        now[0] += 1_000 + milliseconds

    limiter = RateLimiter(Contended(MemoryTable(), 10**9), lambda: now[0], pass_time, pass_time)
    queue = SlotQueue(limiter, "slow", "r", per_minute, per_day, waiting=4, end=20_000)
    assert queue.next_slot() is None
    assert queue.refusal() == reason
