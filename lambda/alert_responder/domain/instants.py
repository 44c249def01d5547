"""Parses times in all the forms that detectors use."""

import re
from datetime import UTC, datetime
from typing import Any

from alert_responder.contracts.primitives import parse_rfc3339

_SHORT_OFFSET = re.compile(r"([T ][0-9:.]+) ?([+-][0-9]{2}):?([0-9]{2})$")
_NAMED_OFFSET = re.compile(r" ?(?:UTC|GMT)$")
_ZONE_OF_GO = re.compile(r"( [+-][0-9]{4}) [A-Z]{3,5}(?: m=[+-][0-9.]{1,30})?$")
"""The zone, and the monotonic clock, in times that Go prints: `+0000 UTC m=+8560.285` (Grafana)."""
_NUMBER = re.compile(r"[0-9]{9,19}(?:\.[0-9]+)?")
_FILETIME_EPOCH, _FILETIME_END = 116_444_736_000_000_000, 264_000_000_000_000_000
"""1970 and about 2437 as Windows file times (100 ns since 1601). As nanoseconds since 1970 they are before 1979."""
_IN_WORDS = (
    (re.compile(r"[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}, [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M"), "%b %d, %Y, %I:%M:%S %p"),
    (
        re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6} UTC [0-9]{4}"),
        "%a %b %d %H:%M:%S.%f UTC %Y",
    ),
)
"""Times in old and new events of Inspector."""

_OF_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2})(:[0-9]{2})? (GMT|UTC|[+-][0-9]{4})"
)
"""Times in mail and HTTP (RFC 5322), also without seconds."""

_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?")


def parse_instant(value: Any) -> datetime | None:
    """Parse a time: RFC 3339, without offset (then UTC), or a number since the epoch; return None for other values.

    An offset may lack its colon (CloudWatch), follow a space (Go), or be UTC or GMT (BigQuery). A time may be in words
    (Inspector): `Mar 20, 2026, 6:08:05 PM`, which is UTC, or `Fri Mar 20 18:08:05.123 UTC 2026`; or as in mail
    (Lacework): `Fri, 20 Mar 2026 18:08:05 +0000`. A number, also as a string (Splunk), may be in seconds, milliseconds,
    microseconds or nanoseconds, or a Windows file time (CrowdStrike); the unit is inferred from its size.
    """
    try:
        if isinstance(value, str):
            value = value.strip()
            if value[:1].isalpha() or " " in value[1:3]:
                return _in_words(value)
            if _NUMBER.fullmatch(value):
                return parse_instant(float(value) if "." in value else int(value))
            value = _ZONE_OF_GO.sub(r"\1", value)
            value = _NAMED_OFFSET.sub("Z", _SHORT_OFFSET.sub(r"\1\2:\3", value))
            return parse_rfc3339(f"{value}Z" if _NAIVE.fullmatch(value) else value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            if _FILETIME_EPOCH <= value < _FILETIME_END:
                value = (value - _FILETIME_EPOCH) / 10**7
            seconds = float(value)
            # 1e11 seconds are the year 5138, and 1e11 milliseconds 1973: findings are newer. It takes three steps from
            # nanoseconds to seconds.
            for _ in range(3):
                if seconds >= 1e11:
                    seconds /= 1000
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _in_words(value: str) -> datetime | None:
    # The space before AM may be a non-breaking one.
    value = " ".join(value[:64].split())
    if match := _OF_MAIL.fullmatch(value):
        offset = match[3] if match[3][0] in "+-" else "+0000"
        return datetime.strptime(f"{match[1]}{match[2] or ':00'} {offset}", "%d %b %Y %H:%M:%S %z").astimezone(UTC)
    for pattern, form in _IN_WORDS:
        if pattern.fullmatch(value):
            return datetime.strptime(value, form).replace(tzinfo=UTC)
    return None
