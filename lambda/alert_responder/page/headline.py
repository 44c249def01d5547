"""The headline of a report, on its page and as text: the detector's severity, where, when and how often."""

from collections.abc import Iterable, Sequence

from alert_responder.contracts.report import Account, Overview
from alert_responder.domain.sanitize import ellipsize
from alert_responder.page.times import display_time

_SHOWN = 3
"""Maximum number of accounts and of regions named."""

_NAME, _SEVERITY = 40, 60
"""Maximum length of an account or region, and of a severity [characters], so that all fits on a phone."""


def headline(overview: Overview, alert_count: int, arrived: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Write an overview as names and values; unknown accounts and regions are left out.

    Parameters
    ----------
    arrived
        Arrival of the first and the last alert [RFC 3339], for detectors that report no time of the event.
    """
    accounts = _listed(map(_account, overview.accounts), len(overview.accounts))
    regions = _listed((ellipsize(each, _NAME) for each in overview.regions), len(overview.regions))
    rows = (
        ("Detector's severity", ellipsize(overview.severity or "none", _SEVERITY)),
        ("Account" if len(overview.accounts) == 1 else "Accounts", accounts),
        ("Region" if len(overview.regions) == 1 else "Regions", regions),
        *_times(overview, arrived),
        ("Count", _count(overview, alert_count)),
    )
    return tuple((name, value) for name, value in rows if value)


def _account(account: Account) -> str:
    name = f" ({ellipsize(account.name, _NAME)})" if account.name else ""
    return f"{ellipsize(account.id, _NAME)}{name}"


def _listed(values: Iterable[str], number: int) -> str:
    more = f" and {number - _SHOWN} more" if number > _SHOWN else ""
    return ", ".join(list(values)[:_SHOWN]) + more


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
