"""Which lookups of a batched inspector share a call."""

import json
from collections.abc import Iterable

from alert_responder.domain.records import LookupRecord

MAX_REQUEST_BYTES = 5_000_000
"""Largest request for a batch [bytes]: Lambda accepts 6 MB."""


def in_calls(lookups: Iterable[LookupRecord]) -> list[list[LookupRecord]]:
    """Group lookups by call.

    Returns
    -------
    list
        Sorted by task id; equal lookups give equal calls. A call has `batch_size` lookups of one inspector at most, or
        fewer if its request would be too large.
    """
    calls: list[list[LookupRecord]] = []
    open_calls: dict[tuple[str, str, int], tuple[list[LookupRecord], int]] = {}
    for lookup in sorted(lookups, key=lambda lookup: lookup.task_id):
        size = len(json.dumps(lookup.task)) + 2 if lookup.batch_size > 1 else 0
        key = (lookup.inspector, lookup.arn, lookup.batch_size)
        call, used = open_calls.get(key, ([], 0))
        if not call or len(call) >= lookup.batch_size or used + size > MAX_REQUEST_BYTES:
            call, used = [], 0
            calls.append(call)
        call.append(lookup)
        open_calls[key] = (call, used + size)
    return calls


def failure_of_batch(reason: str, batch_size: int) -> str:
    """Add to a function's error that it got a batch: one that expects a single task fails with any error.

    Examples
    --------
    >>> failure_of_batch("The function failed: KeyError: 'attribute'", 50)
    "The function failed: KeyError: 'attribute' (called with a batch, because batch_size is 50)"
    """
    return f"{reason} (called with a batch, because batch_size is {batch_size})"
