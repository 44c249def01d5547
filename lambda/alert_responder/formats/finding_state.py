"""Whether a finding of AWS or in OCSF is open, and the sentences about what a check or a scan found."""

from collections.abc import Iterable
from typing import Any

from alert_responder.contracts.primitives import Status, status_of
from alert_responder.formats.extraction import text as text_at

_NAMED = 3
"""Most resources or packages that a sentence names."""


def first_resolved(words: Iterable[str | None]) -> Status:
    """Return "resolved" if one of the words for the state of a finding, its record or its check means that."""
    return "resolved" if any(word and status_of(word) == "resolved" for word in words) else "active"


def is_true(value: Any) -> bool:
    """Check for true, also as the text that products write into maps of texts."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def sentences(*texts: str | None) -> str:
    """Join texts, the concrete one first, and leave out those that an earlier one contains.

    Examples
    --------
    >>> sentences("Bucket a is public.", "Bucket a is public", None, "Buckets should be private.")
    'Bucket a is public. Buckets should be private.'
    """
    joined = ""
    for text in texts:
        bare = (text or "").strip().rstrip(".")
        if text and not any(f" {bare}{end}" in f" {joined} " for end in (" ", ". ")):
            joined = f"{joined}{'' if joined.endswith(('.', '!', '?')) else '.'} {text}" if joined else text
    return joined


def verdict(word: str | None, found: str | None, resources: Iterable[str]) -> str | None:
    """Return what a check decided about which resource, such as ``FAILED: arn:aws:s3:::data``; None without a verdict.

    Parameters
    ----------
    word
        The check's own word, such as PASSED.
    found
        What it found, if it has a sentence on that; otherwise the resources are named.
    """
    if not word:
        return found
    found = found or _named(list(resources))
    return f"{word}: {found}" if found else word


def vulnerable_packages(packages: Iterable[Any], fixed: str) -> str | None:
    """Return which folded packages are vulnerable, such as ``openssl 3.0.8 (fixed in 3.0.8-r4)``; None without any.

    Parameters
    ----------
    fixed
        The field with the version in which the vulnerability is fixed.
    """
    named = []
    for package in packages:
        name, version, later = (text_at(package, field) for field in ("name", "version", fixed))
        if name:
            named.append(" ".join(filter(None, (name, version, f"(fixed in {later})" if later else None))))
    return _named(named) or None


def _named(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
