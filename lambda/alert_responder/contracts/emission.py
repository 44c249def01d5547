"""What an emitter may answer; what it gets stands with the report."""

from typing import Any

from alert_responder.contracts.base import Incoming


class EmissionAnswer(Incoming):
    """An emitter's answer; `null` stands for an empty one.

    Attributes
    ----------
    state
        Anything it wants back with the report's next delivery, such as an issue number.
    url
        Where a person finds what was made of the report.
    """

    state: Any = None
    url: str | None = None
