"""Whether a round opens, updates or resolves an incident, or is none of PagerDuty's business. Pure."""

from collections.abc import Set as AbstractSet
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.primitives import Severity

VERSION = 1
"""Of the state's shape."""

Action = Literal["trigger", "resolve"]


class Incident(BaseModel):
    """What is known of a report's incident.

    Attributes
    ----------
    open
        Whether the last event has opened or updated it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    open: bool


def read_state(state: Any) -> Incident | None:
    """Read a state of this version or another; None where it says nothing."""
    try:
        return Incident.model_validate(state)
    except ValidationError:
        return None


def write_state(incident: Incident) -> dict[str, Any]:
    """Write a state that `read_state` reads."""
    return {"version": VERSION, **incident.model_dump(mode="json")}


def action_of(
    severity: Severity, triggers: AbstractSet[Severity], incident: Incident | None, told_before: bool
) -> Action | None:
    """Decide what a round does.

    Parameters
    ----------
    triggers
        Severities that open an incident.
    incident
        What the emitter's state says.
    told_before
        Whether an earlier round was delivered here, however that ended.

    Returns
    -------
    Action | None
        `trigger` where the severity asks for it, and to update an open incident: `unclassified` after `urgent` is no
        all-clear. `resolve` when an incident that is open, or that nobody knows to be closed, becomes `safe`: PagerDuty
        takes no notice of it where there is none. None: nothing is sent.
    """
    if severity in triggers:
        return "trigger"
    unknown = incident is None and told_before
    is_open = incident is not None and incident.open
    if severity == "safe":
        return "resolve" if is_open or unknown else None
    return "trigger" if is_open else None
