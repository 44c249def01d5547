"""Answers of which nothing is read: an inspector that misspells its fields looks as if it knew nothing."""

from typing import Any

from alert_responder.contracts.inspection import InspectionAnswer

FIELDS = tuple(InspectionAnswer.model_fields)
"""The fields of an inspector's answer."""


def lost_fields(document: Any) -> tuple[str, ...]:
    """Name the fields of an inspector's answer if none of them is known; empty: nothing is lost in this way.

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
    """Say what is lost."""
    named = ", ".join(fields[:5]) + (f" and {len(fields) - 5} more" if len(fields) > 5 else "")
    return f"None of its fields is known ({named}): the report shows that nothing was found."
