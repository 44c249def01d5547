"""What an emitter may answer; what it gets stands with the report."""

from typing import Annotated, Any

from pydantic import Field

from alert_responder.contracts.base import Incoming


class EmissionAnswer(Incoming):
    """An emitter's answer; `null` stands for an empty one.

    Attributes
    ----------
    state
        Anything it wants back with the report's next delivery, such as an issue number.
    url
        Where a person finds what was made of the report.
    note
        One sentence that a person should know although the delivery succeeded, such as what a limit cut off; at most
        1,000 characters. Later rounds of the report and its page show it.
    """

    state: Any = None
    url: str | None = None
    note: Annotated[str, Field(max_length=1_000)] | None = None
