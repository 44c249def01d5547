"""The emitter's `state`, which it receives again with the report's next round: its message in Slack."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from alert_responder.contracts.primitives import Severity, Status

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
    status
        Status in the message; states of earlier versions have none.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel: str
    ts: str
    severity: Severity | None = None
    url: str | None = None
    status: Status = "active"


class PostedToWebhook(BaseModel):
    """A report was posted to a webhook, which returns nothing that identifies the message."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    webhook: Literal[True] = True


def read_state(state: Any) -> PostedMessage | None:
    """Read a state of any version; return None if it does not name a message."""
    try:
        return PostedMessage.model_validate(state)
    except ValidationError:
        return None


def write_state(message: PostedMessage | PostedToWebhook) -> dict[str, Any]:
    """Write a state for `read_state`."""
    return {"version": VERSION, **message.model_dump(mode="json")}
