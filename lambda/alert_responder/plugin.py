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
        Raises `InvalidRequestError` for an event that is not a task. Exceptions of the function are passed through:
        Lambda returns them, and the report names them.
    """
    return _handler(function, InspectionTask, InspectionAnswer, silent=True)


def reviewer(function: Callable[[Report], ReviewAnswer]) -> Handler:
    """Make a Lambda handler from a function that rates a report, which must not return None; see `inspector`."""
    return _handler(function, Report, ReviewAnswer, silent=False)


def emitter(function: Callable[[EmissionRequest], EmissionAnswer | None]) -> Handler:
    """Make a Lambda handler from a function that notifies people of a report; see `inspector`."""
    return _handler(function, EmissionRequest, EmissionAnswer, silent=True)


def _handler(
    function: Callable[[_Request], _Answer | None], request: type[_Request], answer: type[_Answer], *, silent: bool
) -> Handler:
    """Make the handler; with `silent`, None is a valid answer."""

    def handler(event: Mapping[str, Any], _context: object = None) -> dict[str, Any] | None:
        # Ignore fields that later versions of AlertResponder add.
        try:
            asked = request.model_validate(event, extra="ignore")
        except ValidationError as error:
            fault = describe_faults(error, "the event")[0]
            raise InvalidRequestError(f"The event is not a valid {request.__name__}: {fault}.") from None
        answered = function(asked)
        if answered is None and silent:
            return None
        if not isinstance(answered, answer):
            wanted = f"{answer.__name__} or None" if silent else answer.__name__
            raise TypeError(f"Return {wanted}, not {type(answered).__name__}.")
        return answered.model_dump(mode="json", exclude_defaults=True)

    # Lets a test call the function with models.
    handler.__wrapped__ = function  # type: ignore[attr-defined]
    handler.__doc__ = function.__doc__
    return handler
