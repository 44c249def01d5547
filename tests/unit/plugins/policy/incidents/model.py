"""A labelled incident."""

from typing import NamedTuple

from tests.unit.plugins.policy.incidents.answers import Answer
from tests.unit.plugins.policy.incidents.events import Event


class Incident(NamedTuple):
    """An incident that an analyst has closed.

    Attributes
    ----------
    area
        What the policy is for: `guardduty`, `controls`, `cloudtrail`, `endpoint`, `identity` or `mail`.
    name
        What happened, as the analyst found out.
    answers
        What inspectors know; all other lookups are `empty`.
    """

    area: str
    name: str
    events: tuple[Event, ...]
    answers: tuple[Answer, ...] = ()
