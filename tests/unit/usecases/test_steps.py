"""Single steps in special cases: superseded, repeated, concurrent, expired, or with a detached plug-in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin, Plugins
from alert_responder.domain.deliveries import MAX_ATTEMPTS
from alert_responder.errors import (
    DependencyError,
    LeaseAliveError,
    PluginFailedError,
    PluginUnreachableError,
    SupersededError,
)
from alert_responder.store.table import Key, Update
from alert_responder.usecases.emit import LEASE_MS
from alert_responder.usecases.review import MAX_REPLANS, Round
from tests.fakes.installation import Installation
from tests.fakes.memory import Crash, Interleaved
from tests.unit.usecases.test_rounds import by_count, event, note, remember


def received(**plugins: Any) -> tuple[Installation, str]:
    made = Installation(**plugins)
    made.receive(event(1, "example.com"))
    return made, made.heads()[0].report_id


def calls_of(made: Installation, emitter: str = "inbox") -> list[dict[str, Any]]:
    return [call for arn, call in made.plugins.calls if arn == emitter]


def die(made: Installation) -> None:
    """End the running executions, and let the sweeper start the next rounds."""
    made.workflow.running.clear()
    made.sweep()


STEPS: dict[str, Callable[[Installation, str, int], Any]] = {
    "plan": lambda made, report, round_: made._planner.plan(report, round_, 1, None),
    "inspect": lambda made, report, round_: made._inspection.inspect(report, round_, [], 10**9),
    "review": lambda made, report, round_: made._reviewer.review(Round(report, round_, 1, 0, None, False)),
    "emit": lambda made, report, round_: made._deliverer.deliver(report, round_, "inbox"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("round_", [1, 3])
def test_a_step_of_another_round_stops_and_changes_nothing(step: str, round_: int) -> None:
    made, report_id = received(inspectors={"note": note}, emitters={"inbox": remember})
    made.run()
    made.receive(event(2))
    before = dict(made.table.items)
    calls = len(made.plugins.calls)
    if step == "emit" and round_ == 1:
        assert STEPS[step](made, report_id, 1) == "ok", "must stay unchanged"
    else:
        with pytest.raises(SupersededError):
            STEPS[step](made, report_id, round_)
    assert made.table.items == before
    assert len(made.plugins.calls) == calls


@pytest.mark.parametrize("step", ["plan", "inspect", "review"])
def test_a_step_of_a_deleted_report_is_superseded(step: str) -> None:
    made, report_id = received()
    made.table.items.clear()
    with pytest.raises(SupersededError):
        STEPS[step](made, report_id, 1)
    made._closer.close(report_id, 1, 1, 0)
    assert made.table.items == {}


def test_a_repeated_plan_returns_the_same() -> None:
    made, report_id = received(inspectors={"note": note})
    first = made._planner.plan(report_id, 1, 1, None)
    again = made._planner.plan(report_id, 1, 1, first.deadline)
    assert (again.chunks, again.deadline) == (first.chunks, first.deadline)
    assert sum(map(len, first.chunks)) == 1


def test_a_plan_of_an_earlier_iteration_takes_over_nothing() -> None:
    made, report_id = received(inspectors={"note": note})
    made._planner.plan(report_id, 1, 1, None)
    later = made._planner.plan(report_id, 1, 2, None)
    assert sum(map(len, later.chunks)) == 1, "unclaimed lookups must be handed out again"
    assert made._planner.plan(report_id, 1, 1, None).chunks == []


@pytest.mark.parametrize("arn", [None, "another"])
def test_a_lookup_of_a_detached_or_replaced_inspector_ends_as_error(arn: str | None) -> None:
    made, report_id = received(inspectors={"note": note})
    made._planner.plan(report_id, 1, 1, None)
    kept = [InspectorPlugin(name="note", arn=arn, version=1)] if arn else []
    made.registry.attached = Plugins.model_validate({"inspectors": kept})
    die(made)
    made.run()
    outcome, reason = made.findings()["note", "example.com"]
    assert outcome == "error"
    assert "detached" in (reason or "")
    assert made.plugins.calls == []
    assert made.heads()[0].state == "settled"


def test_a_claimed_lookup_whose_runner_died_is_not_made_again() -> None:
    made, report_id = received(inspectors={"note": note})
    ((task_id,),) = made._planner.plan(report_id, 1, 1, None).chunks
    assert made._inspection.ledger.claim(report_id, task_id, made.now)
    die(made)
    made.run()
    outcome, reason = made.findings()["note", "example.com"]
    assert (outcome, made.plugins.calls) == ("error", [])
    assert "stopped" in (reason or "")


def test_a_repeated_chunk_makes_only_missing_lookups() -> None:
    made, report_id = received(inspectors={"note": note, "other": note})
    plan = made._planner.plan(report_id, 1, 1, None)
    (chunk,) = plan.chunks
    made._inspection.inspect(report_id, 1, chunk[:1], plan.deadline)
    made._inspection.inspect(report_id, 1, chunk, plan.deadline)
    made._inspection.inspect(report_id, 1, chunk, plan.deadline)
    assert sorted(arn for arn, _ in made.plugins.calls) == ["note", "other"]


@pytest.mark.parametrize(
    "data", ["[" * 300 + "]" * 300, '{"\\ud800": 1}', "1e999"], ids=["deep", "surrogate", "infinite"]
)
def test_an_answer_that_cannot_be_stored_affects_no_other_inspector(data: str) -> None:
    body = b'{"contents": [{"type": "note", "title": "t", "data": %s}]}' % data.encode()
    made, _ = received(inspectors={"a": lambda _: body, "b": note}, emitters={"inbox": remember})
    made.run()
    assert made.findings()["b", "example.com"] == ("ok", None)
    assert made.findings()["a", "example.com"][0] in {"ok", "invalid"}
    json.dumps(calls_of(made)[0], allow_nan=False, ensure_ascii=False).encode()


def test_review_sends_a_round_back_at_most_twice() -> None:
    made, report_id = received(inspectors={"note": note})
    first = made._reviewer.review(Round(report_id, 1, 0, 0, None, False))
    assert first.payload() == {"status": "replan"}
    last = made._reviewer.review(Round(report_id, 1, 0, MAX_REPLANS, None, False))
    assert last.payload()["revision"] == 0, "the revision is the one that was planned"


def test_a_published_round_is_not_reviewed_again() -> None:
    answers = iter(["urgent"])
    made, report_id = received(reviewer=lambda _: {"severity": next(answers)}, emitters={"inbox": remember})
    round_ = Round(report_id, 1, 1, 0, None, False)
    assert made._reviewer.review(round_).payload()["deliveries"] == ["inbox"]
    assert made._reviewer.review(round_).payload()["deliveries"] == ["inbox"], "open deliveries must be returned again"
    made.run()
    assert made.report()["result"]["severity"] == "urgent"
    assert [call["report"]["result"]["severity"] for call in calls_of(made)] == ["urgent"]


def reviewed(emitter: Callable[[dict[str, Any]], Any] = remember) -> tuple[Installation, str]:
    made, report_id = received(emitters={"inbox": emitter})
    assert made._reviewer.review(Round(report_id, 1, 1, 0, None, False)).payload()["deliveries"] == ["inbox"]
    return made, report_id


def test_two_runners_do_not_call_an_emitter_concurrently() -> None:
    def second_runner(emission: dict[str, Any]) -> Any:
        with pytest.raises(LeaseAliveError):
            made._deliverer.deliver(report_id, 1, "inbox")
        return remember(emission)

    made, report_id = reviewed(second_runner)
    assert made._deliverer.deliver(report_id, 1, "inbox") == "ok"
    assert made._deliverer.deliver(report_id, 1, "inbox") == "ok"
    assert len(calls_of(made)) == 1


def test_an_emitter_whose_runner_died_is_called_again_with_the_same_emission_id() -> None:
    def dies_once(emission: dict[str, Any]) -> Any:
        if len(calls_of(made)) == 1:
            raise Crash
        return remember(emission)

    made, report_id = reviewed(dies_once)
    with pytest.raises(Crash):
        made._deliverer.deliver(report_id, 1, "inbox")
    with pytest.raises(LeaseAliveError):
        made._deliverer.deliver(report_id, 1, "inbox")
    made.now += LEASE_MS + 1
    assert made._deliverer.deliver(report_id, 1, "inbox") == "ok"
    assert len({call["emission_id"] for call in calls_of(made)}) == 1
    assert made.deliveries()["inbox", 1].attempts == 2


def test_attempts_of_dead_runners_count_and_the_outcome_is_unknown() -> None:
    def dies(_: dict[str, Any]) -> Any:
        raise Crash

    made, report_id = reviewed(dies)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Crash):
            made._deliverer.deliver(report_id, 1, "inbox")
        made.now += LEASE_MS + 1
    assert made._deliverer.deliver(report_id, 1, "inbox") == "unknown"
    assert len(calls_of(made)) == MAX_ATTEMPTS


def test_a_delivery_to_a_deleted_emitter_after_a_dead_call_is_unknown() -> None:
    def acts_and_vanishes(_: dict[str, Any]) -> Any:
        if len(calls_of(made)) == 1:
            raise Crash
        return PluginUnreachableError("deleted")

    made, report_id = reviewed(acts_and_vanishes)
    with pytest.raises(Crash):
        made._deliverer.deliver(report_id, 1, "inbox")
    made.now += LEASE_MS + 1
    assert made._deliverer.deliver(report_id, 1, "inbox") == "unknown"
    assert made.deliveries()["inbox", 1].outcome == "unknown"


def test_a_delivery_whose_calls_all_failed_for_certain_is_failed() -> None:
    made, report_id = reviewed(lambda _: PluginUnreachableError("deleted"))
    assert made._deliverer.deliver(report_id, 1, "inbox") == "failed"
    delivery = made.deliveries()["inbox", 1]
    assert (delivery.attempts, delivery.failures) == (1, 1)


def test_a_delivery_that_starts_while_close_ends_it_is_unknown() -> None:
    def dies(_: dict[str, Any]) -> Any:
        raise Crash

    def late_runner() -> None:
        with pytest.raises(Crash):
            made._deliverer.deliver(report_id, 1, "inbox")

    made, report_id = reviewed(dies)
    made.strike(Interleaved(2, late_runner))  # Close has read the delivery and is about to write its outcome.
    made._closer.close(report_id, 1, 1, unsettled=1)
    assert len(calls_of(made)) == 1
    assert made.deliveries()["inbox", 1].outcome == "unknown"


def test_an_emitter_that_recovers_is_notified() -> None:
    made, report_id = reviewed(lambda _: PluginFailedError("not now") if len(calls_of(made)) < 3 else {"url": "u"})
    assert made._deliverer.deliver(report_id, 1, "inbox") == "ok"
    delivery = made.deliveries()["inbox", 1]
    assert (delivery.attempts, delivery.failures, delivery.url, delivery.lease) == (3, 2, "u", None)


def test_the_note_of_an_emitter_is_stored_with_the_delivery() -> None:
    made, report_id = reviewed(lambda _: {"note": "Two were cut off by a limit."})
    assert made._deliverer.deliver(report_id, 1, "inbox") == "ok"
    delivery = made.deliveries()["inbox", 1]
    assert (delivery.outcome, delivery.reason) == ("ok", "Two were cut off by a limit.")


def test_a_delivery_that_succeeds_after_close_ended_it_is_late_and_keeps_its_state() -> None:
    def slow(emission: dict[str, Any]) -> Any:
        if len(calls_of(made)) == 1:
            made._closer.close(report_id, 1, 1, unsettled=1)
        return remember(emission)

    made, report_id = reviewed(slow)
    assert made._deliverer.deliver(report_id, 1, "inbox") == "ok"
    assert made.deliveries()["inbox", 1].outcome == "late"
    made.receive(event(2, "two.example.com"))
    made.run()
    assert [call["state"] for call in calls_of(made)] == [None, {"notified": 1}]
    assert made.deliveries()["inbox", 2].outcome == "ok"


def test_an_emitter_that_may_have_been_notified_is_notified_of_the_next_round_despite_its_filter() -> None:
    urgent = EmitterPlugin(name="pager", arn="pager", version=1, severities=("urgent",))

    def dies_once(emission: dict[str, Any]) -> Any:
        if len(calls_of(made, "pager")) == 1:
            raise Crash
        return remember(emission)

    made = Installation({}, by_count, {"pager": dies_once}, filters=[urgent])
    made.receive(event(1))
    made._reviewer.review(Round(made.heads()[0].report_id, 1, 1, 0, None, False))
    with pytest.raises(Crash):
        made._deliverer.deliver(made.heads()[0].report_id, 1, "pager")
    made.receive(event(2, "example.com"))
    made._closer.close(made.heads()[0].report_id, 1, 1, unsettled=1)
    made.run()
    assert made.deliveries()["pager", 1].outcome == "unknown"
    assert [call["report"]["result"]["severity"] for call in calls_of(made, "pager")] == ["urgent", "safe"]


def test_an_emitter_that_returns_nothing_keeps_its_state() -> None:
    made, _ = received(emitters={"inbox": lambda emission: None if emission["state"] else {"state": 7}})
    for number in (2, 3):
        made.run()
        made.receive(event(number, f"{number}.example.com"))
    made.run()
    assert [call["state"] for call in calls_of(made)] == [None, 7, 7]


def test_a_repeated_close_changes_nothing() -> None:
    made, report_id = received()
    made.run()
    before = dict(made.table.items)
    made._closer.close(report_id, 1, 1, 0)
    assert made.table.items == before
    assert len(made.workflow.started) == 1


def test_a_sweep_ignores_running_executions() -> None:
    made, report_id = received()
    made.sweep()
    assert (made.heads()[0].round, len(made.workflow.started)) == (1, 1)
    made.table.write(Update(Key(f"report/{report_id}", "head"), assign={"started": 0}))
    made.sweep()
    assert made.heads()[0].started == 1, "the start must be confirmed"
    assert len(made.workflow.started) == 1


def test_an_execution_that_is_not_found_is_started_again_and_not_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reads of Step Functions are eventually consistent: the execution may have started a moment ago."""
    made, report_id = received()
    monkeypatch.setattr(made.workflow, "is_running", lambda *_: None)
    made.sweep()
    head = made.heads()[0]
    assert (head.round, head.dead_rounds, made.workflow.started) == (1, 0, [(report_id, 1, False)])
    made.workflow.started.clear()
    made.sweep()
    assert made.workflow.started == [(report_id, 1, False)], "an execution that does not exist must be started"


@pytest.mark.parametrize("name", ["", "somebody-elses", "R1-x", "R0-1"])
def test_a_sweep_of_an_unknown_execution_does_nothing(name: str) -> None:
    made, _ = received()
    swept = made._sweeper.sweep_execution(name)
    assert (swept.revived, swept.failed) == ((), ())


def test_a_failed_execution_is_followed_by_the_next_round() -> None:
    made, report_id = received()
    made.workflow.running.clear()
    before = made.heads()
    assert made._sweeper.sweep_execution(f"{report_id}-1").revived == tuple(before)
    assert made.heads()[0].round == 2
    made.run()
    assert (made.heads()[0].state, made.heads()[0].dead_rounds) == ("settled", 0)


def test_a_failure_of_step_functions_fails_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = received()

    def broken(*_: object) -> bool:
        raise DependencyError("describe_execution: Throttling")

    monkeypatch.setattr(made.workflow, "is_running", broken)
    with pytest.raises(DependencyError):
        made.sweep()


def delete_before(made: Installation, call: int, report_id: str, sk: str) -> Key:
    """Let DynamoDB delete an item of an expired report just before a call."""
    key = Key(f"report/{report_id}", sk)
    made.strike(Interleaved(call, lambda: made.table.items.pop(key)))
    return key


def test_a_lookup_that_is_deleted_meanwhile_is_neither_made_nor_recreated() -> None:
    made, report_id = received(inspectors={"note": note})
    ((task_id,),) = made._planner.plan(report_id, 1, 1, None).chunks
    key = delete_before(made, 2, report_id, f"task/{task_id}")
    made._inspection.inspect(report_id, 1, [task_id], 10**9)
    assert key not in made.table.items
    assert made.plugins.calls == []


def test_a_delivery_that_is_deleted_meanwhile_is_neither_made_nor_recreated() -> None:
    made, report_id = reviewed()
    key = delete_before(made, 2, report_id, "emission/inbox/000001")
    with pytest.raises(LeaseAliveError):
        made._deliverer.deliver(report_id, 1, "inbox")
    assert key not in made.table.items
    assert calls_of(made) == []


def test_a_lookup_is_handed_out_although_the_response_to_its_takeover_was_lost() -> None:
    """The SDK repeats the write, whose condition then fails because of the first one."""
    made, report_id = received(inspectors={"note": note})
    ((task_id,),) = made._planner.plan(report_id, 1, 1, None).chunks
    assert made._planner.ledger.raise_sequence(report_id, task_id, 1002)
    assert made._planner.ledger.raise_sequence(report_id, task_id, 1002)
    assert not made._planner.ledger.raise_sequence(report_id, task_id, 1001)
