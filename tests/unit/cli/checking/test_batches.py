"""`check` of inspectors with `batch_size`: the same requests in batches, and several tasks in one."""

from collections.abc import Callable
from typing import Any

import pytest

from alert_responder_cli.checking.batch_target import BatchTarget
from alert_responder_cli.checking.cases import batches, inspections
from alert_responder_cli.checking.check_run import check
from alert_responder_cli.checking.results import Result
from tests.unit.cli.checking.test_checking import inspect
from tests.unit.cli.function_target import REPORT_IDS, Local, found

SINGLE = inspections(REPORT_IDS[0])


def inspect_all(batch: Any) -> Any:
    """An inspector with batches that does what it should."""
    return {"answers": {task["task_id"]: inspect(task) for task in batch["tasks"]}}


def checked(function: Callable[[Any], Any], size: int = 50, types: tuple[str, ...] | None = None) -> Result:
    cases = [*SINGLE, *batches(SINGLE, size, types)]
    return check("inspector", BatchTarget(Local(function), size, types), cases, 60, iter(range(10**6)).__next__)


def test_a_good_inspector_with_batches_passes() -> None:
    sizes: list[int] = []

    def function(batch: Any) -> Any:
        answer = inspect_all(batch)
        sizes.append(len(batch["tasks"]))
        return answer

    result = checked(function)
    assert result.problems == ()
    assert result.target == "local"
    assert len(result.unseen) == 2
    assert set(sizes) == {1, max(sizes)}
    assert 1 < max(sizes) <= 50


def test_types_without_batches_are_sent_as_single_tasks() -> None:
    def function(event: Any) -> Any:
        if "tasks" not in event:
            assert event["attribute"]["type"] != "ipaddr"
            return inspect(event)
        assert {task["attribute"]["type"] for task in event["tasks"]} == {"ipaddr"}
        return inspect_all(event)

    assert checked(function, types=("ipaddr",)).problems == ()
    assert batches(SINGLE, 50, ("x-unknown",)) == []


def test_a_batch_is_not_larger_than_the_size() -> None:
    (several, *_) = batches(SINGLE, 3)
    assert len(several.event["tasks"]) == 3


def alone(batch: Any) -> Any:
    """Answer only the last task, as if it had overwritten the others."""
    return {"answers": dict([(task["task_id"], inspect(task)) for task in batch["tasks"]][-1:])}


def failing(batch: Any) -> Any:
    if len(batch["tasks"]) > 1 and all("attribute" in task for task in batch["tasks"]):
        raise ValueError("too many")
    return inspect_all(batch)


def invalid(batch: Any) -> Any:
    answer = inspect_all(batch)
    return {"answers": {key: {"contents": 7} for key in answer["answers"]}} if len(batch["tasks"]) > 1 else answer


FUNCTIONS: dict[str, tuple[Callable[[Any], Any], set[tuple[str, str]]]] = {
    "other ids": (
        lambda batch: {"answers": {**inspect_all(batch)["answers"], "other": None}},
        {("batches", "fault")},
    ),
    "only the last": (alone, {("batches", "remark")}),
    "fails on several": (failing, {("batches", "fault")}),
    "invalid in several": (invalid, {("schema", "fault"), ("batches", "remark")}),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_faults_of_batches_are_found(name: str) -> None:
    function, expected = FUNCTIONS[name]
    assert found(checked(function)) >= expected


def test_the_faults_of_a_function_that_does_not_know_batches_say_what_to_return() -> None:
    def function(event: Any) -> Any:
        return {"contents": [], "new_attributes": []} if event else inspect(event)

    result = checked(function)
    assert not result.passed(strict=False)
    faults = [problem.what for problem in result.problems if problem.check in ("answer", "batches")]
    assert all("is that to a single task. Return" in what for what in faults)
    assert {problem.check for problem in result.problems} >= {"answer", "batches"}


def test_the_failure_of_a_function_that_expects_single_tasks_says_that_it_got_a_batch() -> None:
    def function(event: Any) -> Any:
        return {"contents": [], "of": event["attribute"]}

    result = checked(function, size=30)
    failed = {problem.what for problem in result.problems if problem.check in ("answer", "batches")}
    assert failed == {"The function failed: KeyError: 'attribute' (called with a batch, because batch_size is 30)"}


def test_a_function_for_batches_without_batch_size_does_not_look_as_if_it_found_nothing() -> None:
    def function(event: Any) -> Any:
        return {"answers": {task["task_id"]: inspect(task) for task in event.get("tasks", [])}}

    result = check("inspector", Local(function), SINGLE, 60, iter(range(10**6)).__next__)
    faults = {problem.what for problem in result.problems if problem.level == "fault" and problem.check == "limits"}
    assert faults == {
        "The answer is that to a batch. Attach the function with batch_size, or return the answer itself."
    }
