"""Times for people: in UTC, to the second."""

from datetime import UTC, datetime

from alert_responder.contracts.primitives import parse_rfc3339


def display_time(text: str | None) -> str | None:
    """Write an RFC 3339 time; text that is not a time is returned unchanged."""
    if text is None:
        return None
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return text
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


def display_ms(milliseconds: int) -> str:
    """Write a time in milliseconds since the epoch."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d %H:%M:%S}"


def duration(milliseconds: int) -> str:
    """Write a duration in its two largest units."""
    seconds = milliseconds // 1000
    if seconds < 1:
        return f"{milliseconds} ms"
    units = (("d", seconds // 86_400), ("h", seconds // 3_600 % 24), ("min", seconds // 60 % 60), ("s", seconds % 60))
    parts = [f"{number} {unit}" for unit, number in units if number]
    return " ".join(parts[:2])
