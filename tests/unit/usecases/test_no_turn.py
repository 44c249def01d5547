"""A lookup without a turn is made once more, in a round that starts automatically."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from alert_responder.contracts.plugin import InspectorPlugin, Plugins
from alert_responder.domain.admission import NO_LIMITS
from alert_responder.domain.deadlines import LONGEST_MS, TOO_LATE
from alert_responder.domain.records import LookupRecord
from alert_responder.errors import PluginThrottledError
from alert_responder.store.ledger import Ledger
from alert_responder.usecases.plan import Planned
from alert_responder.usecases.review import MAX_REPLANS, Round
from tests.fakes.installation import Installation
from tests.unit.usecases.test_rounds import event, note

TIMEOUT_MS = 60_000


def installation(inspector: Callable[[dict[str, Any]], Any] = note, **more: Any) -> Installation:
    return Installation({"note": inspector}, lambda _: {"severity": "safe"}, {"inbox": lambda _: None}, **more)


def planned(inspector: Callable[[dict[str, Any]], Any] = note) -> tuple[Installation, str, Planned]:
    made = installation(inspector)
    made.receive(event(1, "example.com"))
    report_id = made.heads()[0].report_id
    return made, report_id, made.steps.planner.plan(report_id, 1, 1, None)


def inspect_at(made: Installation, report_id: str, plan: Planned, now: int) -> None:
    made.now = now
    for chunk in plan.chunks:
        made.steps.inspection.inspect(report_id, 1, chunk, plan.deadline, plan.planned_at)


def the_task(made: Installation) -> LookupRecord:
    (task,) = Ledger(made.table).lookups(made.heads()[0].report_id)
    return task


def asked(made: Installation) -> int:
    return sum(arn == "note" for arn, _ in made.plugins.calls)


@pytest.mark.parametrize(
    ("waited", "outcome"),
    [
        (0, "ok"),
        (4 * TIMEOUT_MS, "ok"),
        (LONGEST_MS - 6_000, "ok"),
        (LONGEST_MS - 4_000, "throttled"),
        (LONGEST_MS + 9_000, "throttled"),
    ],
)
def test_the_time_of_a_lookup_starts_with_its_runner_for_up_to_14_minutes(waited: int, outcome: str) -> None:
    made, report_id, plan = planned()
    inspect_at(made, report_id, plan, plan.planned_at + waited)
    task = the_task(made)
    assert (task.outcome, task.no_turn, task.claimed is None) == (outcome, outcome != "ok", outcome != "ok")
    assert task.reason == (None if outcome == "ok" else TOO_LATE)


def test_an_inspector_has_its_full_time_however_late_its_runner_starts() -> None:
    seconds: list[float] = []
    made, report_id, plan = planned()
    call = made.plugins.call

    def note_seconds(arn: str, payload: dict[str, Any], given: float) -> bytes:
        seconds.append(given)
        return bytes(call(arn, payload, given))

    made.plugins.call = note_seconds
    inspect_at(made, report_id, plan, plan.deadline + 100_000)
    assert [round(given) for given in seconds] == [TIMEOUT_MS // 1000]


def refuse(times: int) -> Callable[[dict[str, Any]], Any]:
    left = [times]

    def answer(task: dict[str, Any]) -> Any:
        left[0] -= 1
        return PluginThrottledError("Lambda refused every call.") if left[0] >= 0 else note(task)

    return answer


@pytest.mark.parametrize(
    ("refused", "outcome", "rounds"), [(0, "ok", 1), (1, "ok", 2), (2, "throttled", 2), (9, "throttled", 2)]
)
def test_a_lookup_without_a_turn_is_made_once_more(refused: int, outcome: str, rounds: int) -> None:
    made = installation(refuse(refused))
    made.receive(event(1, "example.com"))
    made.run()
    (head,) = made.heads()
    assert (head.state, head.round, asked(made)) == ("settled", rounds, min(refused, 1) + 1)
    report = made.report()
    assert [(one["outcome"], one["no_turn"]) for one in report["findings"]] == [(outcome, outcome != "ok")]
    assert report["complete"] is (outcome == "ok")
    assert report["result"]["severity"] == ("safe" if outcome == "ok" else "unclassified")


def test_an_inspector_that_returns_throttled_is_not_called_again() -> None:
    made = installation(lambda _: {"throttled": "come back tomorrow"})
    made.receive(event(1, "example.com"))
    made.run()
    assert (made.heads()[0].round, asked(made)) == (1, 1)
    report = made.report()
    assert (report["complete"], report["result"]["severity"]) == (False, "unclassified")
    assert [(one["what"], one["count"]) for one in report["omissions"]] == [("lookups", 1)]
    assert [(one["outcome"], one["no_turn"]) for one in made.report()["findings"]] == [("throttled", False)]


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        ({"failed": "no \u202e table"}, "error", r"The inspector failed: no \u202e table"),
        ({"unknown": "no partition"}, "empty", "no partition"),
        ({"unknown": "no partition", "contents": [{"type": "note", "title": "seen"}]}, "ok", None),
        ({"failed": "x", "unknown": "y", "throttled": "z"}, "throttled", "The inspector was throttled: z"),
        ({"incomplete": "no \u202e time"}, "empty", r"no \u202e time"),
        ({"incomplete": "no time", "unknown": "no partition"}, "empty", "no time"),
        ({"incomplete": "no time", "contents": [{"type": "note", "title": "seen"}]}, "ok", "no time"),
        ({"incomplete": "no time", "failed": "no table"}, "error", "The inspector failed: no table"),
        ({"incomplete": ""}, "invalid", "The answer is invalid: incomplete must have at least 1 character."),
        ({"incomplete": "x" * 501}, "invalid", "The answer is invalid: incomplete must have at most 500 characters."),
    ],
)
def test_an_inspector_states_why_it_failed_or_knows_nothing(
    answer: dict[str, Any], outcome: str, reason: str | None
) -> None:
    made = installation(lambda _: answer)
    made.receive(event(1, "example.com"))
    made.run()
    [found] = made.report()["findings"]
    assert (found["outcome"], found["reason"]) == (outcome, reason)


@pytest.mark.parametrize(("contents", "notified"), [([], 1), ([{"type": "note", "title": "seen"}], 2)])
def test_emitters_are_notified_only_of_an_answer_with_contents(contents: list[Any], notified: int) -> None:
    answers = iter([PluginThrottledError("refused"), {"contents": contents}])
    made = Installation({"note": lambda _: next(answers)}, lambda _: {"severity": "urgent"}, {"inbox": lambda _: None})
    made.receive(event(1, "example.com"))
    made.run()
    assert made.heads()[0].round == 2
    assert sum(arn == "inbox" for arn, _ in made.plugins.calls) == notified


@pytest.mark.parametrize("arn", [None, "another"])
def test_a_round_does_not_wait_for_an_inspector_that_was_detached_or_replaced(arn: str | None) -> None:
    made = installation(refuse(9))
    kept = [InspectorPlugin(name="note", arn=arn, version=1)] if arn else []

    def detach(step: str) -> None:
        if step == "close":
            made.registry.attached = Plugins.model_validate({"inspectors": kept})

    made.between = detach
    made.receive(event(1, "example.com"))
    made.run()
    (head,) = made.heads()
    assert (head.state, head.round, asked(made)) == ("settled", 2, 1)


def test_plan_ends_lookups_that_no_runner_claimed_in_time_and_the_next_round_makes_them() -> None:
    made, report_id, plan = planned()
    early = made.steps.planner.plan(report_id, 1, 2, plan.deadline, plan.planned_at)
    assert early.chunks == plan.chunks
    made.now = plan.planned_at + LONGEST_MS + 1
    late = made.steps.planner.plan(report_id, 1, 3, plan.deadline, plan.planned_at)
    assert (late.chunks, the_task(made).no_turn, the_task(made).reason) == ([], True, TOO_LATE)
    made.steps.reviewer.review(Round(report_id, 1, 1, 0, plan.planned_at, False))
    made.steps.closer.close(report_id, 1, 1, 0, lookups_left=True)
    made.run()
    assert made.findings()["note", "example.com"] == ("ok", None)


def test_an_attribute_that_is_found_too_late_is_looked_up_in_the_next_round() -> None:
    def find(task: dict[str, Any]) -> Any:
        if task["depth"] == 0:
            made.now += LONGEST_MS + 1
            return {"new_attributes": [{"type": "domain", "value": "found.example.com"}]}
        return note(task)

    made = installation(find)
    made.receive(event(1, "example.com"))
    made.run()
    assert made.heads()[0].round == 2
    assert made.findings()["note", "found.example.com"] == ("ok", None)


def test_lookups_that_are_unclaimed_in_review_are_made_in_the_next_round() -> None:
    made, report_id, plan = planned()
    answer = made.steps.reviewer.review(Round(report_id, 1, 1, MAX_REPLANS, plan.planned_at, False))
    assert (answer.payload()["lookups_left"], the_task(made).no_turn) == (True, True)
    repeated = made.steps.reviewer.review(Round(report_id, 1, 1, MAX_REPLANS, plan.planned_at, False))
    assert repeated.payload()["lookups_left"] is True
    made.steps.closer.close(report_id, 1, 1, 0, lookups_left=True)
    made.run()
    assert (made.heads()[0].state, made.heads()[0].round, asked(made)) == ("settled", 2, 1)


def test_a_lookup_that_another_runner_may_have_made_is_not_made_again() -> None:
    made, report_id, plan = planned(refuse(1))
    task_id = plan.chunks[0][0]
    ledger = Ledger(made.table)
    assert ledger.claim(report_id, task_id, made.now)
    inspect_at(made, report_id, plan, made.now)
    assert (the_task(made).outcome, the_task(made).no_turn) == ("throttled", False)


def test_a_lookup_is_reopened_once_and_a_lost_response_changes_nothing() -> None:
    made, report_id, plan = planned(refuse(9))
    inspect_at(made, report_id, plan, made.now)
    ledger, task_id = Ledger(made.table), plan.chunks[0][0]
    assert ledger.reopen(report_id, task_id, 2001)
    assert ledger.reopen(report_id, task_id, 2001), "the write was sent again"
    task = the_task(made)
    assert (task.outcome, task.claimed, task.sequence, task.reopened) == (None, None, 2001, True)
    assert not ledger.reopen(report_id, task_id, 3001)
    assert not ledger.had_no_turn(report_id, task._replace(sequence=1001), "late", 1), "a later Plan owns it"
    assert ledger.had_no_turn(report_id, task, "late", 1)
    assert not ledger.reopen(report_id, task_id, 3001), "a lookup must be reopened once"


class Busy:
    """An account with ten concurrent calls: the state machine retries throttled calls, with growing waits."""

    def __init__(self, at_once: int, takes_ms: int) -> None:
        self.free_at = [0] * at_once
        self.takes_ms = takes_ms

    def begin(self, now: int) -> int:
        """Return when the next call starts."""
        self.free_at.sort()
        begins = max(now, self.free_at[0])
        self.free_at[0] = begins + self.takes_ms
        return begins


def test_all_lookups_of_a_thousand_reports_are_made_with_ten_concurrent_calls() -> None:
    """Their chunks start when a call is free, up to 14 minutes after the Plan; the rest in the next round."""
    made = installation(admission=NO_LIMITS)
    made.receive(*(event(n, f"host{n}.example.com")._replace(alert=_of_key(n)) for n in range(1_000)))
    reports = [head.report_id for head in made.heads()]
    assert len(reports) == 1_000
    begun, busy = made.now, Busy(10, 12_000)
    for round_ in (1, 2):
        open_reports = [head.report_id for head in made.heads() if head.state == "open"]
        made.now = begun
        plans = {report_id: made.steps.planner.plan(report_id, round_, 1, None) for report_id in open_reports}
        for report_id, plan in plans.items():
            for chunk in plan.chunks:
                made.now = busy.begin(plan.planned_at)
                made.steps.inspection.inspect(report_id, round_, chunk, plan.deadline, plan.planned_at)
        begun = max(busy.free_at)
        for report_id, plan in plans.items():
            made.now = begun
            answer = made.steps.reviewer.review(Round(report_id, round_, 1, MAX_REPLANS, plan.planned_at, False))
            made.steps.closer.close(report_id, round_, 1, 0, lookups_left=answer.payload()["lookups_left"])
    tasks = [task for report_id in reports for task in Ledger(made.table).lookups(report_id)]
    assert Counter(task.outcome for task in tasks) == {"ok": 1_000}
    assert sum(task.reopened for task in tasks) > 100, "some had no turn in the first round"
    assert not any("0 s" in (task.reason or "") for task in tasks)
    assert {head.state for head in made.heads()} == {"settled"}


def _of_key(number: int) -> Any:
    made = event(number, f"host{number}.example.com").alert
    return made.model_copy(update={"alert_key": f"k{number}"})
