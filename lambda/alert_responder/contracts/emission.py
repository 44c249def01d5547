"""What an emitter gets (`EmissionRequest`) and may answer (`EmissionAnswer`)."""

from typing import Any

from alert_responder.contracts.base import Incoming, Outgoing
from alert_responder.contracts.report import Report


class EmissionRequest(Outgoing):
    """A report to tell of.

    Attributes
    ----------
    emission_id
        The same on every try of the same delivery: an emitter that has seen it need not act again.
    state
        What this emitter answered as `state` when last told of this report; null the first time.
    """

    report: Report
    emitter: str
    emission_id: str
    state: Any


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
