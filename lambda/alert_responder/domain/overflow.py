"""The description of an overflow report, which holds the alerts beyond `max_new_reports_per_hour`."""

from collections.abc import Iterable

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Overflow, OverflowKey
from alert_responder.domain.admission import HOUR_MS, first_keys
from alert_responder.domain.aggregation import key_of
from alert_responder.domain.records import GroupSummary, Head

_SHOWN_LENGTH = 200
"""Longest text of a listed key [characters]."""


def overflow_of(head: Head, groups: Iterable[GroupSummary]) -> Overflow | None:
    """Describe an overflow report with the first incidents in its groups; return None for other reports."""
    if head.overflow is None:
        return None
    in_order = sorted(groups, key=lambda group: (group.events[0][1], group.group_id))
    listed = first_keys(group.keys or (key_of(group.heads[0]),) for group in in_order)
    shortened = ([text[:_SHOWN_LENGTH] for text in key] for key in listed)
    return Overflow(
        scope=head.overflow.scope,
        limit=head.overflow.limit,
        hour=format_rfc3339(head.ends - HOUR_MS),
        first_keys=tuple(
            OverflowKey(detector=detector, rule_id=rule_id, alert_key=alert_key)
            for detector, rule_id, alert_key in shortened
        ),
    )
