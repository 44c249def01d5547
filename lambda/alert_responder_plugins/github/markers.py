"""Hidden marks by which an issue or a comment is found again when nobody knows how an earlier try ended.

Hashes, so that no id can end the comment they stand in. A mark counts at the very beginning only, where nothing but
this emitter writes: a report cannot bring one of its own.
"""

from alert_responder.contracts.primitives import digest_of


def of_report(report_id: str) -> str:
    """Return the first line of the issue of a report."""
    return f"<!-- alert-responder report {digest_of(report_id)} -->"


def of_emission(emission_id: str) -> str:
    """Return the first line of the comment of a delivery."""
    return f"<!-- alert-responder emission {digest_of(emission_id)} -->"


def begins_with(body: str | None, marker: str) -> bool:
    """Tell whether a body is the one with this mark."""
    return (body or "").startswith(marker)
