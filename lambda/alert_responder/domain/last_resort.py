"""The report that is published when its rounds keep failing, compiled without reading its contents."""

from collections.abc import Iterable

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Omission, Report, Result, TimelineEntry
from alert_responder.domain.completeness import with_omissions
from alert_responder.domain.delivery_history import emission, in_order
from alert_responder.domain.overflow import overflow_of
from alert_responder.domain.records import DeliveryRecord, Head, Meta

_REASON = "Three rounds in a row failed before the report was reviewed; it is published without a review."


def compile_last_resort(head: Head, meta: Meta, deliveries: Iterable[DeliveryRecord], now: int) -> Report:
    """Compile a report without reading its contents, because reading them made its rounds fail.

    Parameters
    ----------
    meta
        As it was last written, which is at the last publication if there was one.
    now
        When the report is compiled [ms].
    """
    report = Report(
        id=head.report_id,
        alert_id=head.alert_id,
        previous_report_id=head.previous,
        round=head.round,
        title=meta.title,
        alerts=(),
        alert_count=meta.alert_count,
        overflow=overflow_of(head, ()),
        attributes=(),
        findings=(),
        result=Result(severity="unclassified", reason=_REASON, reviewer=None),
        emissions=tuple(emission(delivery) for delivery in in_order(deliveries)),
        timeline=(
            TimelineEntry(at=format_rfc3339(head.opened), what="The first alert came in; the report was opened."),
            TimelineEntry(
                at=format_rfc3339(now), what=f"Round {head.round} was compiled without the report's contents."
            ),
        ),
        notes=(
            f"Detector: {meta.detector}. Rule: {meta.rule_id}. Key: {meta.alert_key}.",
            "Its alerts, attributes and findings are in the table, but not in this report.",
            "There may be more alerts: those that arrived since the report was last published are not counted.",
        ),
        created_at=format_rfc3339(head.opened),
        updated_at=format_rfc3339(now),
        truncated=True,
    )
    nothing = "Three rounds in a row failed before the report was reviewed."
    omissions = (Omission(what=what, count=1, reason=nothing) for what in ("attributes", "lookups", "findings"))
    return with_omissions(report, *omissions)
