"""Hidden markers by which issues and comments of earlier attempts are found.

Markers are hashes, so that no id can close the HTML comment they stand in. They count only at the very beginning of a
text, which this emitter alone writes: a report cannot contain one.
"""

from alert_responder.contracts.primitives import digest_of


def of_report(report_id: str) -> str:
    """Return the first line of a report's issue."""
    return f"<!-- alert-responder report {digest_of(report_id)} -->"


def of_emission(emission_id: str) -> str:
    """Return the first line of a delivery's comment."""
    return f"<!-- alert-responder emission {digest_of(emission_id)} -->"


def begins_with(body: str | None, marker: str) -> bool:
    """Whether a text has this marker."""
    return (body or "").startswith(marker)
