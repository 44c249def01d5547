"""Read the event of an inspector of logs, and write its answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.plugin import InspectionTask, InvalidRequestError
from alert_responder_plugins.logs.lookup import LogInspector
from alert_responder_plugins.logs.sizes import fitted

_Query = TypeVar("_Query")


def answer(event: Mapping[str, Any], inspector: Callable[[], LogInspector[_Query]]) -> dict[str, Any] | None:
    """Answer a batch of tasks, `{"tasks": [...]}`, or a single task.

    Raises
    ------
    InvalidRequestError
        The event is neither.
    """
    try:
        tasks = [InspectionTask.model_validate(task, extra="ignore") for task in event.get("tasks", [event])]
    except ValidationError as error:
        fault = describe_faults(error, "the event")[0]
        raise InvalidRequestError(f"The event is not a valid task or batch of tasks: {fault}.") from None
    answers = {
        task_id: None if found is None else fitted(found, len(tasks))
        for task_id, found in inspector().look_up(tasks).items()
    }
    return {"answers": answers} if "tasks" in event else answers[tasks[0].task_id]
