"""The history of one report, from its items in the table and its rounds in the archive."""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.primitives import Status, format_rfc3339
from alert_responder.contracts.report import Overview, Report
from alert_responder.domain.glance import Glance, glance, glance_of
from alert_responder.domain.overview import overview, overview_of
from alert_responder.domain.records import DeliveryRecord, LookupRecord
from alert_responder.store import items, keys
from alert_responder.store.archive_keys import report_key
from alert_responder.store.table import Item, Key
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.aws.objects import read_object
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.status import ReportStatus, StoredReport, read_stored_report

MAX_EARLIER = 10
"""Maximum number of earlier reports to list."""


class Lookup(BaseModel, frozen=True):
    """A lookup; outcome None: not done yet; seconds None: the inspector was not called."""

    inspector: str
    attribute_type: str
    attribute_value: str
    depth: int
    outcome: str | None
    reason: str | None
    seconds: float | None


class Delivery(BaseModel, frozen=True):
    """A delivery; outcome None: not done yet."""

    emitter: str
    round: int
    outcome: str | None
    reason: str | None
    url: str | None
    attempts: int
    failures: int


class RoundReview(BaseModel, frozen=True):
    """The answer of the reviewer to a revision of the report."""

    round: int
    revision: int
    severity: str
    reason: str
    reviewer: str | None


class EarlierReport(BaseModel, frozen=True):
    """An earlier report of the same incident; all but the id is None if it has expired."""

    report_id: str
    title: str | None = None
    severity: str | None = None
    alert_count: int | None = None
    created_at: str | None = None
    status: Status = "active"


class ReportHistory(BaseModel, frozen=True):
    """Everything that is stored about a report.

    Attributes
    ----------
    state, step
        The state of the report, and the current step in a few words.
    round, published_round
        The current round, and the last published one; 0: none yet.
    status
        `resolved` if the detector reports the incident as resolved.
    opened_at, ends_at
        The time window: alerts of the incident that arrive in it belong to this report.
    reviews
        The reviews of all rounds, in order.
    later_report_id
        The newest report of the same incident; None: this one.
    overview
        Summary of what the detector reported.
    report
        The requested or last published round, as emitters get it; None: none is published.
    """

    report_id: str
    alert_id: str
    state: str
    step: str
    round: int
    published_round: int
    status: Status
    dead_rounds: int
    title: str
    detector: str
    rule_id: str
    severity: str
    reason: str
    alert_count: int
    opened_at: str
    ends_at: str
    reviews: tuple[RoundReview, ...]
    lookups: tuple[Lookup, ...]
    deliveries: tuple[Delivery, ...]
    earlier: tuple[EarlierReport, ...]
    later_report_id: str | None
    overview: Overview
    report: dict[str, Any] | None


def read_history(
    installation: Installation, report_id: str, round_: int | None, now: int
) -> tuple[ReportHistory, ReportStatus]:
    """Read the history and the status of a report.

    Parameters
    ----------
    round_
        The published round to read from the archive; None: the last one.
    now
        The current time [ms since the epoch].

    Raises
    ------
    CommandError
        The report or round does not exist, or a permission is missing (`dynamodb:Query` and `dynamodb:GetItem` on the
        table, `s3:GetObject` on the archive bucket).
    """
    table = DynamoDBTable(installation.client("dynamodb"), installation.table)
    stored = stored_report(table, report_id, now)
    with explain_aws_errors():
        status = stored.status
        head, meta = status.head, stored.others[keys.META]
        newest = table.get(keys.window(head.alert_id))
        earlier = _earlier(table, head.previous)
    report = archived_report(installation, report_id, status.reviewed_round, round_)
    return (
        ReportHistory(
            report_id=report_id,
            alert_id=head.alert_id,
            state=head.state,
            step=status.step(),
            round=head.round,
            published_round=status.reviewed_round,
            status=report.get("status", "active") if report else status.status,
            dead_rounds=head.dead_rounds,
            title=status.title,
            detector=meta.get("detector", ""),
            rule_id=meta.get("rule_id", ""),
            severity=status.severity,
            reason=status.reason,
            alert_count=status.alert_count,
            opened_at=format_rfc3339(head.opened),
            ends_at=format_rfc3339(head.ends),
            reviews=_reviews(stored),
            lookups=tuple(map(_lookup, sorted(status.tasks, key=lambda task: (task.depth, task.task_id)))),
            deliveries=tuple(map(_delivery, _in_order(status.deliveries))),
            earlier=earlier,
            later_report_id=newest["report_id"] if newest and newest["report_id"] != report_id else None,
            overview=_overview(stored, report),
            report=report,
        ),
        status,
    )


def history_glance(history: ReportHistory) -> Glance:
    """Return what the detector reports of a report; without a published round of this version, only its rule."""
    if history.report is not None:
        try:
            return glance_of(Report.model_validate(history.report, extra="ignore"))
        except ValidationError:
            pass
    return glance(history.overview, history.rule_id)


def _overview(stored: StoredReport, report: dict[str, Any] | None) -> Overview:
    """Return the overview of a report; without a published round of this version, derive it from the alerts."""
    if report is not None:
        try:
            return overview_of(Report.model_validate(report, extra="ignore"))
        except ValidationError:
            pass
    groups = [items.read_group(item) for item in stored.groups.values()]
    return overview(
        (),
        [head for group in groups for head in group.heads],
        [attribute for group in groups for attribute, _ in group.attributes],
        [source for group in groups for source in group.sources],
    )


def _in_order(deliveries: Iterable[DeliveryRecord]) -> list[DeliveryRecord]:
    return sorted(deliveries, key=lambda delivery: (delivery.round, delivery.emitter))


def stored_report(table: DynamoDBTable, report_id: str, now: int) -> StoredReport:
    """Read the items of a report; raise `CommandError` if it does not exist or access is denied."""
    with explain_aws_errors():
        stored = read_stored_report(table, report_id)
    if stored is None or stored.others[keys.HEAD].get("expires_at", now) * 1000 <= now:
        raise CommandError(f"Report {report_id} was not found (it may have expired).")
    return stored


def archived_report(
    installation: Installation, report_id: str, published: int, round_: int | None
) -> dict[str, Any] | None:
    """Read a published round from the archive; None: no round is published, or the object has been removed.

    Parameters
    ----------
    published
        The last published round; 0: none.
    round_
        The requested round; None: the last one.

    Raises
    ------
    CommandError
        The requested round does not exist, or access is denied.
    """
    if not published and round_ is None:
        return None
    key = report_key(report_id, round_ or published)
    content = read_object(installation.client("s3"), installation.archive_bucket, key)
    if content is None and round_ is not None:
        raise CommandError(f"Round {round_} of report {report_id} is not in the archive.")
    # None: published a moment ago, or removed.
    report: dict[str, Any] | None = None if content is None else json.loads(content)
    return report


def _reviews(stored: StoredReport) -> tuple[RoundReview, ...]:
    found: list[RoundReview] = []
    for sk, item in sorted(stored.others.items()):
        if sk.startswith("review/"):
            _, number, revision = sk.split("/")
            result = items.unpack(item["result"])
            found.append(RoundReview.model_validate({"round": int(number), "revision": int(revision), **result}))
    return tuple(found)


def _lookup(task: LookupRecord) -> Lookup:
    attribute = task.task["attribute"]
    return Lookup(
        inspector=task.inspector,
        attribute_type=attribute["type"],
        attribute_value=attribute["value"],
        depth=task.depth,
        outcome=task.outcome,
        reason=task.reason,
        seconds=(task.ended - task.claimed) / 1000 if task.ended and task.claimed else None,
    )


def _delivery(record: DeliveryRecord) -> Delivery:
    return Delivery(
        emitter=record.emitter,
        round=record.round,
        outcome=record.outcome,
        reason=record.reason,
        url=record.url,
        attempts=record.attempts,
        failures=record.failures,
    )


def _earlier(table: DynamoDBTable, report_id: str | None) -> tuple[EarlierReport, ...]:
    """Follow the chain of earlier reports; an expired one ends it."""
    found: list[EarlierReport] = []
    while report_id and len(found) < MAX_EARLIER:
        keys_: list[Key] = [keys.head(report_id), keys.meta(report_id)]
        read = table.get_many(keys_)
        head: Item | None = read.get(keys_[0])
        meta: Item = read.get(keys_[1], {})
        found.append(
            EarlierReport(
                report_id=report_id,
                title=meta.get("title"),
                severity=meta.get("severity"),
                alert_count=meta.get("alert_count"),
                created_at=meta.get("created_at"),
                status=meta.get("status", "active"),
            )
        )
        report_id = head.get("previous") if head else None
    return tuple(found)
