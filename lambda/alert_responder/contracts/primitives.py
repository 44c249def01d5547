"""Parts of the contracts: JSON, times, Unicode, severities. Import this where pydantic is too slow to load."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from json.encoder import encode_basestring_ascii
from typing import Any, Literal, get_args

Severity = Literal["safe", "unclassified", "urgent"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the least to the most severe."""

Status = Literal["active", "resolved"]
"""Whether an alert needs attention, or reports that a problem is over."""

RESOLVED_WORDS = frozenset(
    {
        "archive",
        "archived",
        "autodismissed",
        "autofixed",
        "close",
        "closed",
        "compliant",
        "dismissed",
        "fixed",
        "inactive",
        "mitigated",
        "notapplicable",
        "ok",
        "pass",
        "passed",
        "remediated",
        "resolve",
        "resolved",
        "suppressed",
    }
)
"""Words with which detectors say that a finding is no longer open, in lower case and without separators.

Sources: `RecordState`, `Workflow.Status` and `Compliance.Status` of ASFF, `status` of OCSF findings, and the documented
states of the alerts of CloudWatch, GitHub, Google SCC, Grafana, Prometheus Alertmanager, and Microsoft Defender.
"""

MAX_JSON_DEPTH = 100
"""Deepest nesting of objects and arrays. Known detectors stay below 30; Python's parser fails near 1,000."""

_LONGEST_STATUS = 64
_SEPARATORS = re.compile(r"[\s._-]+")
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
# One step is one whole string, closed or not, or one bracket: every character is read once.
_BRACKET = re.compile(r'"(?:[^"\\]+|\\.?)*+"?|([\[{])|([\]}])', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def nested_too_deep(text: str) -> bool:
    """Check before parsing, in linear time, whether JSON text nests deeper than `MAX_JSON_DEPTH`."""
    # Counting brackets is quick, and nearly every text has fewer than may be nested.
    if text.count("{") + text.count("[") <= MAX_JSON_DEPTH:
        return False
    depth = 0
    for match in _BRACKET.finditer(text):
        if match[1]:
            depth += 1
            if depth > MAX_JSON_DEPTH:
                return True
        elif match[2]:
            depth -= 1
    return False


def without_depths(text: str, instead: str) -> str:
    """Replace everything in JSON text that is nested deeper than `MAX_JSON_DEPTH`, in linear time."""
    parts: list[str] = []
    depth = begun = done = 0
    for match in _BRACKET.finditer(text):
        if match[1]:
            depth += 1
            if depth == MAX_JSON_DEPTH + 1:
                begun = match.start()
        elif match[2]:
            if depth == MAX_JSON_DEPTH + 1:
                parts += (text[done:begun], instead)
                done = match.end()
            depth -= 1
    # Text with unclosed brackets is not JSON; cut it, so that the parser does not recurse into it.
    parts.append(text[done:begun] if depth > MAX_JSON_DEPTH else text[done:])
    return "".join(parts)


def canonical_json(value: Any) -> str:
    """Serialize a JSON value so that equal values give equal text: sorted keys, no spaces, ASCII only.

    Raises
    ------
    ValueError, TypeError
        If the value is not JSON (NaN, Infinity, a set). Values from the strict parser never raise.
    """
    return _encode(value)


def digest_of(*texts: str) -> str:
    """Return the SHA-256 (hex) of the canonical JSON of a list of texts: different lists never hash the same text."""
    # The same text as `canonical_json`, but faster: the encoder copies itself for each list.
    return hashlib.sha256(f"[{','.join(map(encode_basestring_ascii, texts))}]".encode()).hexdigest()


def printable(value: Any) -> Any:
    r"""Escape lone surrogates in a JSON value, so that it can be encoded as UTF-8 and stored.

    JSON may contain half of a surrogate pair (``"\ud800"``), UTF-8 may not. It is replaced by the six characters of
    its escape; everything else is unchanged.
    """
    if isinstance(value, str):
        return value if value.isascii() else _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", value)
    if isinstance(value, dict):
        return {printable(key): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def parse_rfc3339(text: str) -> datetime | None:
    """Parse an RFC 3339 time as an aware UTC datetime; return None for Go's zero time, which means "not set".

    Fractions are truncated to microseconds; a leap second becomes the second before it.

    Raises
    ------
    ValueError
        If the text is not an RFC 3339 time with an offset.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ValueError("not an RFC 3339 time")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if year <= 1:
        return None
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    offset = timedelta(0)
    if match[9]:
        hours, minutes = int(match[10]), int(match[11])
        if hours > 23 or minutes > 59:
            raise ValueError("not an RFC 3339 time")
        offset = timedelta(hours=hours, minutes=minutes) * (1 if match[9] == "+" else -1)
    try:
        second = 59 if second == 60 else second
        return datetime(year, month, day, hour, minute, second, microsecond, timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("not an RFC 3339 time") from error


def format_rfc3339(milliseconds: int) -> str:
    """Format a time [ms since the epoch] as RFC 3339 in UTC with milliseconds, such as `2025-01-20T14:32:00.000Z`."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    # strftime does not write four digits of a year before 1000, which an alert may have.
    return f"{moment.replace(tzinfo=None).isoformat()}.{milliseconds % 1000:03d}Z"


def status_of(word: str) -> Status:
    """Return the status that a detector's word stands for; a word that is not known means `active`.

    Examples
    --------
    >>> status_of("RESOLVED"), status_of("auto_dismissed"), status_of("firing")
    ('resolved', 'resolved', 'active')
    """
    if len(word) > _LONGEST_STATUS:
        return "active"
    return "resolved" if _SEPARATORS.sub("", word).lower() in RESOLVED_WORDS else "active"


def utc_day(milliseconds: int) -> str:
    """Return the UTC day of a time [ms since the epoch], such as `2025-01-20`."""
    return datetime.fromtimestamp(milliseconds // 1000, UTC).date().isoformat()


def is_worse(severity: Severity, than: Severity) -> bool:
    """Compare two severities by their order in `SEVERITIES`."""
    return SEVERITIES.index(severity) > SEVERITIES.index(than)
