"""Times in all the forms in which detectors write them."""

import re
from datetime import UTC, datetime
from typing import Any

from alert_responder.contracts.primitives import parse_rfc3339

_SHORT_OFFSET = re.compile(r"([T ][0-9:.]+) ?([+-][0-9]{2}):?([0-9]{2})$")
_NAMED_OFFSET = re.compile(r" ?(?:UTC|GMT)$")
_NUMBER = re.compile(r"[0-9]{9,19}(?:\.[0-9]+)?")
_FILETIME_EPOCH, _FILETIME_END = 116_444_736_000_000_000, 264_000_000_000_000_000
"""1970 and about 2437 as Windows counts, in 100 ns since 1601. As nanoseconds since 1970 they would be before 1979."""
_IN_WORDS = (
    (re.compile(r"[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4}, [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M"), "%b %d, %Y, %I:%M:%S %p"),
    (
        re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{1,6} UTC [0-9]{4}"),
        "%a %b %d %H:%M:%S.%f UTC %Y",
    ),
)
"""Times as Inspector's events have them, of earlier and of late."""

_OF_MAIL = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2})(:[0-9]{2})? (GMT|UTC|[+-][0-9]{4})"
)
"""As mail and HTTP write times (RFC 5322), also without seconds."""

_NAIVE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?")


def parse_instant(value: Any) -> datetime | None:
    """Read a time as detectors write it: RFC 3339, without offset (then UTC), or as a number since the epoch.

    An offset may lack its colon (CloudWatch), stand apart, or be called UTC or GMT (BigQuery). A time may be in words
    (Inspector): `Mar 20, 2026, 6:08:05 PM`, which is UTC, or `Fri Mar 20 18:08:05.123 UTC 2026`; or as mail has it
    (Lacework): `Fri, 20 Mar 2026 18:08:05 +0000`. A number, also in a text (Splunk), may count seconds, milliseconds,
    microseconds or nanoseconds, or 100 nanoseconds since 1601 as Windows does (CrowdStrike); its size tells. What is
    no time is None.
    """
    try:
        if isinstance(value, str):
            value = value.strip()
            if value[:1].isalpha() or " " in value[1:3]:
                return _in_words(value)
            if _NUMBER.fullmatch(value):
                return parse_instant(float(value) if "." in value else int(value))
            value = _NAMED_OFFSET.sub("Z", _SHORT_OFFSET.sub(r"\1\2:\3", value))
            return parse_rfc3339(f"{value}Z" if _NAIVE.fullmatch(value) else value)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            if _FILETIME_EPOCH <= value < _FILETIME_END:
                value = (value - _FILETIME_EPOCH) / 10**7
            seconds = float(value)
            # 1e11 seconds are the year 5138; the same as milliseconds, 1973: no finding is older. Three steps lead from
            # nanoseconds to seconds.
            for _ in range(3):
                if seconds >= 1e11:
                    seconds /= 1000
            return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _in_words(value: str) -> datetime | None:
    # The space before AM may be one that does not break.
    value = " ".join(value[:64].split())
    if match := _OF_MAIL.fullmatch(value):
        offset = match[3] if match[3][0] in "+-" else "+0000"
        return datetime.strptime(f"{match[1]}{match[2] or ':00'} {offset}", "%d %b %Y %H:%M:%S %z").astimezone(UTC)
    for pattern, form in _IN_WORDS:
        if pattern.fullmatch(value):
            return datetime.strptime(value, form).replace(tzinfo=UTC)
    return None
