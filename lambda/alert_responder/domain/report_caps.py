"""Limits on what one report holds. More alerts are only counted, so that functions can always read the report."""

from typing import Literal, NamedTuple

MAX_ATTRIBUTES = 10_000
"""Maximum number of attributes in the groups of one report, counted once for each group: in Plan and Review all of them
are in memory. At most 500 are looked up."""

MAX_GROUP_ATTRIBUTES = 2_000
"""Maximum number of attributes in a group of alerts; one alert has at most 1,000. The first group always fits."""

MAX_STORED_BYTES = 20_000_000
"""Maximum size of the summaries of a report's groups, as JSON, and its compressed alerts [bytes]."""

MAX_COUNTED = 100_000
"""Maximum number of counted alerts of one report: in Review all their event ids are in memory."""

RESERVED = 0.1
"""Share by which verified alerts may exceed each limit: no number of claims keeps them out of a report."""

Intake = Literal["whole", "counted", "uncounted"]
"""How alerts are stored: whole; only as event ids, so that each is counted once; or not at all."""


class Held(NamedTuple):
    """The amounts that a report holds.

    Attributes
    ----------
    attributes, stored
        Values that `MAX_ATTRIBUTES` and `MAX_STORED_BYTES` limit.
    alerts
        Number of alerts, whole or as event ids; an alert in two groups is counted twice.
    more
        Whether there are more alerts, which are not counted.
    """

    attributes: int = 0
    stored: int = 0
    alerts: int = 0
    more: bool = False

    def plus(self, other: "Held") -> "Held":
        """Add the values of a group."""
        return Held(
            self.attributes + other.attributes,
            self.stored + other.stored,
            self.alerts + other.alerts,
            self.more or other.more,
        )


def intake(held: Held, group: Held, *, verified: bool = False) -> Intake:
    """Decide how a group is stored. Concurrent decisions may each exceed a limit by one group.

    Parameters
    ----------
    verified
        Whether all alerts of the group are verified.
    """
    then = held.plus(group)
    share = 1 + RESERVED * verified
    if (held.more and not verified) or then.alerts > MAX_COUNTED * share:
        return "uncounted"
    fits = then.attributes <= MAX_ATTRIBUTES * share and then.stored <= MAX_STORED_BYTES * share
    return "whole" if fits else "counted"
