"""Times as text and back; the clock itself is always an argument."""

from datetime import UTC, datetime


def rfc3339(milliseconds: int) -> str:
    """Write a time [ms since the epoch] as RFC 3339 in UTC with milliseconds, such as `2025-01-20T14:32:00.000Z`."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def day(milliseconds: int) -> str:
    """Return the UTC day of a time [ms since the epoch], such as `2025-01-20`."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d}"
