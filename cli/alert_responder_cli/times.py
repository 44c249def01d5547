"""Parse times that users give to a command."""

import re
import time
from datetime import UTC, datetime, timedelta

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder_cli.errors import CommandError

METAVAR = "[30m|12h|7d|DAY|TIME]"
"""Metavar of a time in the help; `FORMS` describes it."""

FORMS = "30m, 12h, 7d, a day such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z"

_AGO = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def now() -> int:
    """Return the current time [ms since the epoch]."""
    return time.time_ns() // 1_000_000


def parse_time(text: str, at: int) -> int:
    """Parse a time and return it in ms since the epoch.

    Parameters
    ----------
    text
        A time ago (`30m`, `12h`, `7d`), a day in UTC, or an RFC 3339 time.
    at
        The current time [ms since the epoch].

    Raises
    ------
    CommandError
        The text has none of these forms.

    Examples
    --------
    >>> parse_time("2h", 7_200_001)
    1
    >>> parse_time("1970-01-02", 0)
    86400000
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return max(0, at - int(ago[1]) * _UNITS[ago[2]])
    try:
        time_ = parse_day(text) if len(text) == len("2026-01-31") else parse_rfc3339(text)
    except ValueError:
        time_ = None
    if time_ is None or time_.year < 1970:
        raise CommandError(f"A time must be {FORMS}, got '{text}'.")
    return int(time_.timestamp() * 1000)


def parse_day(text: str) -> datetime:
    """Parse a day (`YYYY-MM-DD`, UTC); raise `ValueError` for anything else."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError("not a day")
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def days_back(last: int, first: int) -> list[str]:
    """List the days (UTC) from `last` back to `first` [ms since the epoch], at least one."""
    newest, oldest = (datetime.fromtimestamp(at / 1000, UTC).date() for at in (last, first))
    return [str(newest - timedelta(days=back)) for back in range(max(1, (newest - oldest).days + 1))]
