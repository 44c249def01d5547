"""Which new reports are admitted, and which overflow report takes the alerts beyond the limit.

The hour is always that of an alert's arrival on the stream. An attacker can choose the detector of alerts, therefore a
second limit counts the reports of all detectors.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from alert_responder.contracts.primitives import digest_of

HOUR_MS = 3_600_000

COUNTER_PARTS = 8
"""Maximum number of items for one count, so that the receptor's threads rarely wait for each other."""

FIRST_KEYS = 20
"""Maximum number of alert keys that an overflow report lists."""

Scope = Literal["detector", "installation"]
Key = tuple[str, str, str]
"""Detector, rule id and alert key."""


class AdmissionLimits(NamedTuple):
    """How many reports may open in an hour.

    Attributes
    ----------
    per_detector, per_installation
        Limits for each detector and for all [> 0]; None for no limit. The defaults are those of the root module.
    """

    per_detector: int | None = 500
    per_installation: int | None = 2_000


NO_LIMITS = AdmissionLimits(None, None)


class Overflow(NamedTuple):
    """The limit for which an overflow report was opened.

    Attributes
    ----------
    scope
        Which limit was reached.
    limit
        Its value when the report opened.
    """

    scope: Scope
    limit: int


class Surplus(NamedTuple):
    """Identifies the overflow report for the alerts of an hour that get no report of their own.

    Attributes
    ----------
    detector
        Empty if the limit is the installation's.
    hour
        Hours since the epoch.
    """

    scope: Scope
    detector: str
    hour: int

    @property
    def alert_id(self) -> str:
        """Alert id of the overflow report: a hash of four texts, which never equals an alert's, a hash of three."""
        return digest_of("overflow", self.scope, self.detector, str(self.hour))

    @property
    def ends(self) -> int:
        """End of the hour [ms since the epoch]."""
        return (self.hour + 1) * HOUR_MS


class Counter(NamedTuple):
    """Part of the count of an hour's new reports.

    Attributes
    ----------
    name
        Hash of the detector; empty for the counters of the installation.
    part
        Index of the counter, from 0.
    most
        Its share of the limit: the shares of all parts add up to the limit.
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
    """Split a limit into counters; each new report needs one of them.

    Returns
    -------
    list
        At least one, each with a share of at least one report.
    """
    # The number hardly depends on the limit, so that counts stay valid when the limit changes.
    parts = min(COUNTER_PARTS, limit)
    name = digest_of(detector) if scope == "detector" else ""
    return [Counter(scope, name, hour, part, limit // parts + (part < limit % parts)) for part in range(parts)]


def title(overflow: Overflow, detector: str, ends: int) -> str:
    """Return the title of an overflow report; the detector, which may be hostile, comes last."""
    hour = f"{datetime.fromtimestamp((ends - HOUR_MS) // 1000, UTC):%Y-%m-%d %H:%M} UTC"
    what = f"Overflow: more than {overflow.limit:,} new reports in the hour from {hour}"
    return f"{what}, detector {detector[:200]}" if overflow.scope == "detector" else f"{what}, all detectors"


def first_keys(groups: Iterable[Sequence[Key]]) -> tuple[Key, ...]:
    """Return the keys that an overflow report lists: each once, in order of first appearance."""
    found = dict.fromkeys(key for keys in groups for key in keys)
    return tuple(found)[:FIRST_KEYS]
