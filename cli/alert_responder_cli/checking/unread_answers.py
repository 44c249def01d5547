"""Detect answers without any known field: an inspector with misspelt fields looks as if it found nothing."""

from typing import Any

from alert_responder.contracts.inspection import InspectionAnswer

FIELDS = tuple(InspectionAnswer.model_fields)
"""The fields of an inspector's answer."""


def lost_fields(document: Any) -> tuple[str, ...]:
    """Return the fields of an inspector's answer if none of them is known, otherwise nothing.

    Examples
    --------
    >>> lost_fields({"content": [], "statusCode": 200})
    ('content', 'statusCode')
    >>> lost_fields({"contents": [], "statusCode": 200}), lost_fields({}), lost_fields(None)
    ((), (), ())
    """
    if not isinstance(document, dict) or document.keys() & set(FIELDS):
        return ()
    return tuple(map(str, document))


def lost_sentence(fields: tuple[str, ...]) -> str:
    """Return the error about an answer without known fields."""
    named = ", ".join(fields[:5]) + (f" and {len(fields) - 5} more" if len(fields) > 5 else "")
    return f"No field is known ({named}): the report shows an empty finding."
