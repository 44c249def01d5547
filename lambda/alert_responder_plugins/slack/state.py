"""The emitter's `state`, which it receives again with the report's next round: its message in Slack."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.primitives import Severity

VERSION = 1
"""Version of the state's format."""


class PostedMessage(BaseModel):
    """The message of a report.

    Attributes
    ----------
    ts
        Slack's id of the message within its channel.
    severity
        Severity in the message; None if unknown.
    url
        Permalink of the message.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel: str
    ts: str
    severity: Severity | None = None
    url: str | None = None


def read_state(state: Any) -> PostedMessage | None:
    """Read a state of any version; return None if it does not name a message."""
    try:
        return PostedMessage.model_validate(state)
    except ValidationError:
        return None


def write_state(message: PostedMessage) -> dict[str, Any]:
    """Write a state for `read_state`."""
    return {"version": VERSION, **message.model_dump(mode="json")}
