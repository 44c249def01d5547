"""Which new reports are admitted, and which overflow report takes the alerts beyond the limit (protocol: OPEN).

The hour is always that of an alert's arrival on the stream. `detector` is text of whoever writes the alerts: a second
limit counts the reports of all detectors.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from alert_responder.contracts.primitives import digest_of

HOUR_MS = 3_600_000

COUNTER_PARTS = 8
"""Most items that one count is spread over, so that the receptor's threads seldom wait for each other."""

FIRST_KEYS = 20
"""Alert keys that an overflow report lists."""

Scope = Literal["detector", "installation"]
Key = tuple[str, str, str]
"""Detector, rule id and alert key."""


class AdmissionLimits(NamedTuple):
    """How many reports may open in an hour.

    Attributes
    ----------
    per_detector, per_installation
        Of each detector, and of all [> 0]; None: no limit. The defaults are those of the root module.
    """

    per_detector: int | None = 500
    per_installation: int | None = 2_000


NO_LIMITS = AdmissionLimits(None, None)


class Overflow(NamedTuple):
    """What makes a report an overflow report.

    Attributes
    ----------
    scope
        Which limit was reached.
    limit
        What it was when the report opened.
    """

    scope: Scope
    limit: int


class Surplus(NamedTuple):
    """The alerts of an hour that get no report of their own, as the name of the overflow report that takes them.

    Attributes
    ----------
    detector
        Empty where the limit is the installation's.
    hour
        Hours since the epoch.
    """

    scope: Scope
    detector: str
    hour: int

    @property
    def alert_id(self) -> str:
        """Alert id of the overflow report: hashed from four texts, so it never equals an alert's, from three."""
        return digest_of("overflow", self.scope, self.detector, str(self.hour))

    @property
    def ends(self) -> int:
        """When the hour is over [ms since the epoch]."""
        return (self.hour + 1) * HOUR_MS


class Counter(NamedTuple):
    """Part of the count of an hour's new reports.

    Attributes
    ----------
    name
        Hash of the detector; empty where the installation's reports are counted.
    part
        From 0.
    most
        Its share of the limit: what the parts may count at most is the limit in all.
    """

    scope: Scope
    name: str
    hour: int
    part: int
    most: int


def hour_of(arrival: int) -> int:
    """Return the hour of an arrival [ms since the epoch], in hours since the epoch."""
    return arrival // HOUR_MS


def counters(scope: Scope, detector: str, hour: int, limit: int) -> list[Counter]:
    """Split a limit into counters, of which each report needs one.

    Returns
    -------
    list
        At least one; each may count at least one report.
    """
    # The number hardly depends on the limit, so that what was counted goes on to count when the limit changes.
    parts = min(COUNTER_PARTS, limit)
    name = digest_of(detector) if scope == "detector" else ""
    return [Counter(scope, name, hour, part, limit // parts + (part < limit % parts)) for part in range(parts)]


def title(overflow: Overflow, detector: str, ends: int) -> str:
    """Name an overflow report; the detector's own text comes last."""
    hour = f"{datetime.fromtimestamp((ends - HOUR_MS) // 1000, UTC):%Y-%m-%d %H:%M} UTC"
    what = f"Overflow: more than {overflow.limit:,} new reports in the hour from {hour}"
    return f"{what}, detector {detector[:200]}" if overflow.scope == "detector" else f"{what}, all detectors"


def first_keys(groups: Iterable[Sequence[Key]]) -> tuple[Key, ...]:
    """Pick the keys that an overflow report lists: each once, in order of first appearance."""
    found = dict.fromkeys(key for keys in groups for key in keys)
    return tuple(found)[:FIRST_KEYS]
