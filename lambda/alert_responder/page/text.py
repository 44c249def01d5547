"""Times for people. Text is made safe by `domain.sanitize`, and escaped for HTML by the template engine."""

from alert_responder.contracts.primitives import parse_rfc3339


def instant(text: str | None) -> str | None:
    """Write an RFC 3339 time in UTC to the second; text that is not a time is returned unchanged."""
    if text is None:
        return None
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return text
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"
