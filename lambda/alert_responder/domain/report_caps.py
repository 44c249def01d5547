"""How much one report takes in: beyond that, alerts are only counted, so that its functions can always read it."""

from typing import Literal, NamedTuple

MAX_ATTRIBUTES = 10_000
"""Attributes in the groups of one report, those of several groups counted several times: in Plan and in Review all are
in memory. At most 500 of them are looked up."""

MAX_GROUP_ATTRIBUTES = 2_000
"""Attributes in one group of several alerts; one alert has 1,000 at most. A report's first group is always taken in."""

MAX_STORED_BYTES = 20_000_000
"""Summaries of the groups of one report, as JSON, and its alerts, compressed [bytes]."""

MAX_COUNTED = 100_000
"""Alerts of one report that are counted one by one: in Review all their event ids are in memory."""

Intake = Literal["whole", "counted", "uncounted"]
"""How alerts are taken in: whole; by their event ids alone, so that each counts once; or not even that."""


class Held(NamedTuple):
    """How much a report holds.

    Attributes
    ----------
    attributes, stored
        What `MAX_ATTRIBUTES` and `MAX_STORED_BYTES` limit.
    alerts
        Alerts stored, whole or by their event ids; those that were delivered twice in different company twice.
    more
        Whether there are more alerts than these, which nobody counts.
    """

    attributes: int = 0
    stored: int = 0
    alerts: int = 0
    more: bool = False

    def plus(self, other: "Held") -> "Held":
        """Add what a group holds."""
        return Held(
            self.attributes + other.attributes,
            self.stored + other.stored,
            self.alerts + other.alerts,
            self.more or other.more,
        )


def intake(held: Held, group: Held) -> Intake:
    """Decide how a report takes in a group; who decides at the same time as others may let in one too many each."""
    then = held.plus(group)
    if held.more or then.alerts > MAX_COUNTED:
        return "uncounted"
    fits = then.attributes <= MAX_ATTRIBUTES and then.stored <= MAX_STORED_BYTES
    return "whole" if fits else "counted"
