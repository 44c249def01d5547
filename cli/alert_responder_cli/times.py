"""Times as people give them to a command."""

import re
import time
from datetime import UTC, datetime, timedelta

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder_cli.errors import CommandError

METAVAR = "[30m|12h|7d|DAY|TIME]"
"""What stands for a time in the help; `FORMS` says what is meant."""

FORMS = "30m, 12h, 7d, a day such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z"

_AGO = re.compile(r"([0-9]{1,5})([mhd])")
_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


def now() -> int:
    """Return the time [ms since the epoch]."""
    return time.time_ns() // 1_000_000


def parse_time(text: str, at: int) -> int:
    """Read a time [ms since the epoch].

    Parameters
    ----------
    text
        How long ago (`30m`, `12h`, `7d`), a day in UTC, or an RFC 3339 time.
    at
        The time now [ms since the epoch].

    Raises
    ------
    CommandError
        For anything else.

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
        found = parse_day(text) if len(text) == len("2026-01-31") else parse_rfc3339(text)
    except ValueError:
        found = None
    if found is None or found.year < 1970:
        raise CommandError(f"'{text}' is no time: give {FORMS}.")
    return int(found.timestamp() * 1000)


def parse_day(text: str) -> datetime:
    """Read a day (`YYYY-MM-DD`, UTC); raise `ValueError` for anything else."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError("no day")
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def days_back(last: int, first: int) -> list[str]:
    """List the days (UTC) from that of `last` back to that of `first` [ms since the epoch]; at least one."""
    newest, oldest = (datetime.fromtimestamp(at / 1000, UTC).date() for at in (last, first))
    return [str(newest - timedelta(days=back)) for back in range(max(1, (newest - oldest).days + 1))]
