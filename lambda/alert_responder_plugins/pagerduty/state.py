"""The emitter's `state`, and the action that a round takes on its incident. Pure."""

from collections.abc import Set as AbstractSet
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.primitives import Severity, Status

VERSION = 1
"""Version of the state's format."""

Action = Literal["trigger", "resolve"]


class Incident(BaseModel):
    """The incident of a report.

    Attributes
    ----------
    open
        Whether the last event triggered or updated it.
    dedup_key
        Identifies the incident. States of earlier versions have none: their incident is that of the report.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    open: bool
    dedup_key: str | None = None


def read_state(state: Any) -> Incident | None:
    """Read a state of any version; return None if it does not describe an incident."""
    try:
        return Incident.model_validate(state)
    except ValidationError:
        return None


def write_state(incident: Incident) -> dict[str, Any]:
    """Write a state for `read_state`."""
    return {"version": VERSION, **incident.model_dump(mode="json")}


def action_of(
    severity: Severity,
    triggers: AbstractSet[Severity],
    incident: Incident | None,
    delivered_before: bool,
    status: Status = "active",
) -> Action | None:
    """Return the action of a round, or None if no event is sent.

    Parameters
    ----------
    triggers
        Severities that open an incident.
    incident
        Incident in the emitter's state.
    delivered_before
        Whether an earlier round was delivered to this emitter, whatever its outcome.

    Returns
    -------
    Action | None
        `trigger` for a severity in `triggers`, and to update an open incident: `unclassified` after `urgent` does not
        end it. `resolve` when a report becomes `safe` or resolved whose incident is open, or may be: PagerDuty ignores
        the event if the incident does not exist.
    """
    is_over = status == "resolved"
    if severity in triggers and not is_over:
        return "trigger"
    may_be_open = incident is None and delivered_before
    is_open = incident is not None and incident.open
    if severity == "safe" or is_over:
        return "resolve" if is_open or may_be_open else None
    return "trigger" if is_open else None
