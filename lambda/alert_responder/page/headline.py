"""What stands first on a page and in the text of a report: how bad its detector finds it, where, when and how often."""

from collections.abc import Iterable, Sequence

from alert_responder.contracts.report import Account, Overview
from alert_responder.domain.sanitize import ellipsize
from alert_responder.page.text import instant

_SHOWN = 3
"""Most accounts and regions that are named."""

_NAME, _SEVERITY = 40, 60
"""Longest name of an account or region, and longest severity [characters]: all of it fits the screen of a phone."""


def headline(overview: Overview, alert_count: int, arrived: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Write an overview as names and values; account and region are left out where none is known.

    Parameters
    ----------
    arrived
        When the first and the last alert came in [RFC 3339]: told where the detector does not say when it happened.
    """
    accounts = _listed(map(_account, overview.accounts), len(overview.accounts))
    regions = _listed((ellipsize(each, _NAME) for each in overview.regions), len(overview.regions))
    rows = (
        ("Detector's severity", ellipsize(overview.severity or "none given", _SEVERITY)),
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
    first, last = instant(overview.first_seen), instant(overview.last_seen)
    if first and last and first != last:
        return (("Event first seen", f"{first} UTC"), ("Event last seen", f"{last} UTC"))
    if first:
        return (("Event time", f"{first} UTC (first and last seen)"),)
    came = list(dict.fromkeys(text for at in arrived if (text := instant(at))))
    return (("Event time", f"not known; arrived {' to '.join(came)} UTC" if came else "not known"),)


def _count(overview: Overview, alert_count: int) -> str:
    alerts = "1 alert" if alert_count == 1 else f"{alert_count:,} alerts"
    return alerts if overview.occurrences is None else f"{alerts}; the detector counts {overview.occurrences:,}"
