"""What the emitter gets back with a report's next round: where its message is, and what it said."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.primitives import Severity

VERSION = 1
"""Of the state's shape."""


class Told(BaseModel):
    """The message of a report.

    Attributes
    ----------
    ts
        Slack's name of the message within its channel.
    severity
        What it said last; None where nobody knows.
    url
        Where a person finds it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel: str
    ts: str
    severity: Severity | None = None
    url: str | None = None


def read_state(state: Any) -> Told | None:
    """Read a state of this version or another; None where it names no message."""
    try:
        return Told.model_validate(state)
    except ValidationError:
        return None


def write_state(told: Told) -> dict[str, Any]:
    """Write a state that `read_state` reads."""
    return {"version": VERSION, **told.model_dump(mode="json")}
