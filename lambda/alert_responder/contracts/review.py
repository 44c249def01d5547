"""What a reviewer may answer; what it gets is the report."""

from typing import Annotated, Literal

from pydantic import Field

from alert_responder.contracts.base import Incoming

Severity = Literal["safe", "unclassified", "urgent"]


class ReviewAnswer(Incoming):
    """What a reviewer answers."""

    severity: Severity
    reason: Annotated[str, Field(max_length=4_000)] = ""
