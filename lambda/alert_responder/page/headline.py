"""The headline of a report, on its page and as text: the detector's severity, the rule, where, when and how often."""

from collections.abc import Sequence

from alert_responder.contracts.report import Overview
from alert_responder.domain.glance import Glance
from alert_responder.domain.sanitize import ellipsize
from alert_responder.page.times import display_time

_VALUE = 200
"""Maximum length of a value [characters], so that all fit on the first screen of a phone."""


def headline(
    glance: Glance, overview: Overview, alert_count: int, arrived: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Write a glance and an overview as names and values; unknown accounts, regions and rules are left out.

    Parameters
    ----------
    arrived
        Arrival of the first and the last alert [RFC 3339], for detectors that report no time of the event.
    """
    severity = () if glance.severity else (("Detector's severity", "none"),)
    facts = ((name, ellipsize(value, _VALUE)) for name, value in glance.facts)
    return (*severity, *facts, *_times(overview, arrived), ("Count", _count(overview, alert_count)))


def _times(overview: Overview, arrived: Sequence[str]) -> tuple[tuple[str, str], ...]:
    first, last = display_time(overview.first_seen), display_time(overview.last_seen)
    if first and last and first != last:
        return (("Event first seen", f"{first} UTC"), ("Event last seen", f"{last} UTC"))
    if first:
        return (("Event time", f"{first} UTC (first and last seen)"),)
    arrivals = list(dict.fromkeys(text for at in arrived if (text := display_time(at))))
    return (("Event time", f"unknown; arrived {' to '.join(arrivals)} UTC" if arrivals else "unknown"),)


def _count(overview: Overview, alert_count: int) -> str:
    alerts = "1 alert" if alert_count == 1 else f"{alert_count:,} alerts"
    return alerts if overview.occurrences is None else f"{alerts}; the detector counts {overview.occurrences:,}"
