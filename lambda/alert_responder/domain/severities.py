"""Detectors' severities in words. A number is converted to a word only if its scale is documented."""

import re
from collections.abc import Iterable

_GUARDDUTY = ((9, "Critical"), (7, "High"), (4, "Medium"), (1, "Low"))
"""Lowest value of each severity level (GuardDuty user guide, "Severity levels for GuardDuty findings")."""

_ASFF = ((90, "Critical"), (70, "High"), (40, "Medium"), (1, "Low"), (0, "Informational"))
"""Lowest value of each label (Security Hub user guide, `Severity.Normalized`)."""

_WAZUH = ((15, "Critical"), (12, "High"), (7, "Medium"), (0, "Low"))
"""Lowest rule level of each severity (overview of the Wazuh dashboard)."""

_CROWDSTRIKE = ((80, "Critical"), (60, "High"), (40, "Medium"), (20, "Low"), (10, "Informational"))
"""Lowest value of each `severity_name` (alerts of the Falcon API). Smaller values are on other scales."""

_SCALES = {"guardduty": (_GUARDDUTY, 10), "wazuh": (_WAZUH, 16), "crowdstrike": (_CROWDSTRIKE, 100)}
"""Levels and highest value of detectors with documented numbers."""

_PRIORITIES = {"suricata": {"1": "High", "2": "Medium", "3": "Low", "4": "Informational"}}
"""Words for detectors whose lowest number is the worst (Suricata user guide, "priority": 1 is the highest)."""

_RANKS = (
    ("emergency", "alert", "fatal"),
    ("critical", "severe"),
    ("high", "error", "major"),
    ("medium", "moderate", "warning", "warn"),
    ("low", "minor", "notice", "note"),
    ("informational", "information", "info"),
    ("debug", "none", "unknown"),
)
"""Words of each rank, the worst first."""

WORDS = tuple(word for words in _RANKS for word in words)
"""Words in which severities are known, the worst first."""

_RANK_OF = {word: rank for rank, words in enumerate(_RANKS) for word in words}
_WORD = re.compile(r"\s*([A-Za-z]+)\s*(\(.*\))?\s*", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def guardduty_level(value: float) -> str | None:
    """Return the level of a GuardDuty severity, or None.

    Examples
    --------
    >>> guardduty_level(8)
    'High'
    """
    return _level(_GUARDDUTY, 10, value)


def asff_label(value: float) -> str | None:
    """Return the label of a normalized severity of ASFF (0 to 100), or None."""
    return _level(_ASFF, 100, value)


def in_words(detector: str, severity: str) -> str:
    """Format a detector's severity in words.

    Known words are capitalized. A number is preceded by its word if the detector's scale is known, else followed by a
    remark that it is not. Everything else is unchanged.

    Examples
    --------
    >>> in_words("guardduty", "8"), in_words("securityhub", "HIGH"), in_words("nessus", "12")
    ('High (8)', 'High', "12 (the detector's own scale)")
    """
    if match := _WORD.fullmatch(severity):
        word, remark = match.groups()
        if word.lower() in _RANK_OF:
            return f"{word.capitalize()} {remark}" if remark else word.capitalize()
    number = severity.strip()
    if _NUMBER.fullmatch(number):
        levels, highest = _SCALES.get(detector, ((), 0))
        level = _PRIORITIES.get(detector, {}).get(number) or _level(levels, highest, float(number))
        return f"{level} ({number})" if level else f"{number} (the detector's own scale)"
    return severity


def worst_severity(severities: Iterable[str]) -> str | None:
    """Return the worst of severities in words, or None without any. Unknown words count least.

    On an unknown scale, the largest number counts as the worst.
    """
    return min(severities, key=_rank, default=None)


def rank(detector: str, severity: str | None) -> tuple[int, float, str]:
    """Return the sort key of an alert's severity, worst first; alerts without a severity come last."""
    return (len(_RANKS) + 1, 0, "") if severity is None else _rank(in_words(detector, severity))


def word_rank(severity: str) -> int | None:
    """Return how bad a severity in words is: 0 for the worst words; None for an unknown word or scale."""
    found = _rank(severity)[0]
    return found if found < len(_RANKS) else None


def _rank(severity: str) -> tuple[int, float, str]:
    match = _WORD.fullmatch(severity)
    number = _NUMBER.match(severity)
    known = _RANK_OF.get(match[1].lower(), len(_RANKS)) if match else len(_RANKS)
    return known, -float(number[0]) if number else 0, severity


def _level(levels: Iterable[tuple[float, str]], highest: float, value: float) -> str | None:
    return next((word for lowest, word in levels if lowest <= value <= highest), None)
