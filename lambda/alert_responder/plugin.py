"""The kit for plug-ins in Python: models in, models out.

Optional: a plug-in is a plain function that takes and returns JSON. With the kit it takes and returns the models of
`alert_responder.contracts`, and an invalid request or answer raises a clear error. The root module publishes the kit as
a layer (`interface.layer_arns`).

    @inspector
    def handler(task: InspectionTask) -> InspectionAnswer | None: ...
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.inspection import (
    Activity,
    BinaryContent,
    Domain,
    HostContent,
    InspectionAnswer,
    InspectionBatch,
    InspectionTask,
    Malware,
    MalwareScan,
    NoteContent,
    Software,
    Url,
    UserContent,
)
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest, Report, ReviewAnswer, Suppression
from alert_responder.errors import AlertResponderError

__all__ = [
    "Activity",
    "Attribute",
    "BinaryContent",
    "Domain",
    "EmissionAnswer",
    "EmissionRequest",
    "HostContent",
    "InspectionAnswer",
    "InspectionBatch",
    "InspectionTask",
    "InvalidRequestError",
    "Malware",
    "MalwareScan",
    "NoteContent",
    "Report",
    "ReviewAnswer",
    "Software",
    "Suppression",
    "Url",
    "UserContent",
    "batch_inspector",
    "emitter",
    "inspector",
    "reviewer",
]

Handler = Callable[[Mapping[str, Any], object], dict[str, Any] | None]
"""A Lambda handler: takes an event and its context, returns JSON."""

_Request = TypeVar("_Request", bound=BaseModel)
_Answer = TypeVar("_Answer", bound=BaseModel)


class InvalidRequestError(AlertResponderError):
    """The event is not a valid request for this kind of plug-in; the message names the first fault without values."""


def inspector(function: Callable[[InspectionTask], InspectionAnswer | None]) -> Handler:
    """Make a Lambda handler from a function that looks up one attribute.

    Returns
    -------
    Handler
        Also takes the batches of an inspector with `batch_size`, and calls the function for one task after the other.
        Raises `InvalidRequestError` for an event that is neither. Exceptions of the function are passed through: Lambda
        returns them, and the report names them.
    """

    def look_up(batch: InspectionBatch) -> dict[str, InspectionAnswer | None]:
        return {task.task_id: function(task) for task in batch.tasks}

    return _inspector(look_up, function)


def batch_inspector(function: Callable[[InspectionBatch], Mapping[str, InspectionAnswer | None]]) -> Handler:
    """Make a Lambda handler from a function that looks up several attributes at once.

    The function returns answers by task id; tasks without an answer have the outcome `empty`.

    Returns
    -------
    Handler
        Also takes a single task, as a batch of one; see `inspector`.
    """
    return _inspector(function, function)


def reviewer(function: Callable[[Report], ReviewAnswer]) -> Handler:
    """Make a Lambda handler from a function that rates a report, which must not return None; see `inspector`."""
    return _handler(function, Report, ReviewAnswer, silent=False)


def emitter(function: Callable[[EmissionRequest], EmissionAnswer | None]) -> Handler:
    """Make a Lambda handler from a function that notifies people of a report; see `inspector`."""
    return _handler(function, EmissionRequest, EmissionAnswer, silent=True)


def _inspector(
    function: Callable[[InspectionBatch], Mapping[str, InspectionAnswer | None]], wrapped: Callable[..., Any]
) -> Handler:
    def handler(event: Any, _context: object = None) -> dict[str, Any] | None:
        is_batch = isinstance(event, Mapping) and "tasks" in event
        if is_batch:
            batch = _asked(InspectionBatch, event)
        else:
            batch = InspectionBatch.model_construct(tasks=(_asked(InspectionTask, event),))
        found: Any = function(batch)
        if not isinstance(found, Mapping):
            raise TypeError(f"Return a dict of answers by task id, not {type(found).__name__}.")
        task_ids = [task.task_id for task in batch.tasks]
        if unknown := [task_id for task_id in found if task_id not in task_ids]:
            raise ValueError(f"Return answers by the task ids of the batch; {len(unknown)} are different.")
        answers = {task_id: _answered(InspectionAnswer, answer, silent=True) for task_id, answer in found.items()}
        return {"answers": answers} if is_batch else answers.get(task_ids[0])

    return _as_handler(handler, wrapped)


def _handler(
    function: Callable[[_Request], _Answer | None], request: type[_Request], answer: type[_Answer], *, silent: bool
) -> Handler:
    """Make the handler; with `silent`, None is a valid answer."""

    def handler(event: Mapping[str, Any], _context: object = None) -> dict[str, Any] | None:
        return _answered(answer, function(_asked(request, event)), silent=silent)

    return _as_handler(handler, function)


def _as_handler(handler: Handler, function: Callable[..., Any]) -> Handler:
    # Lets a test call the function with models.
    handler.__wrapped__ = function  # type: ignore[attr-defined]
    handler.__doc__ = function.__doc__
    return handler


def _asked(request: type[_Request], event: Mapping[str, Any]) -> _Request:
    # Ignore fields that later versions of AlertResponder add.
    try:
        return request.model_validate(event, extra="ignore")
    except ValidationError as error:
        fault = describe_faults(error, "the event")[0]
        raise InvalidRequestError(f"The event is not a valid {request.__name__}: {fault}.") from None


def _answered(answer: type[_Answer], answered: _Answer | None, *, silent: bool) -> dict[str, Any] | None:
    if answered is None and silent:
        return None
    if not isinstance(answered, answer):
        wanted = f"{answer.__name__} or None" if silent else answer.__name__
        raise TypeError(f"Return {wanted}, not {type(answered).__name__}.")
    return answered.model_dump(mode="json", exclude_defaults=True)
