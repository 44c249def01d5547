"""Report ids as people give them: whole, shortened to a beginning that only one report has, or `latest`.

A report id is a ULID, which begins with the time the report was opened: ten characters give the millisecond, five some
nine hours. So a beginning says which days of the index to read.
"""

import re
from typing import NamedTuple

from alert_responder.domain.identifiers import ULID_LENGTH, ulid_range
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.terminal.render import short_time

LATEST = "latest"
"""Stands for the report that was opened last."""

LATEST_DAYS = 31
"""How far back the latest report is looked for [days]."""

RECENT_DAYS = 7
"""How far back a beginning is looked for that says too little of its time [days]."""

ENOUGH = 4
"""Characters that say enough: they stand for 12.4 days."""

_CANDIDATES = 10
_DAY = 86_400_000
_AHEAD = 300_000
"""How far the clock here may be behind that of the stream [ms]."""

_BEGINNING = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{1,{ULID_LENGTH}}}")


class ResolvedId(NamedTuple):
    """A report's id; `note` says how it was found where another report may have been meant, None: it is certain."""

    report_id: str
    note: str | None = None


def may_name_report(text: str) -> bool:
    """Tell whether a text has the form of a report's id, of the beginning of one, or is `latest`."""
    given = text.strip().upper()
    return given == LATEST.upper() or _BEGINNING.fullmatch(given) is not None


def resolve_id(installation: Installation, text: str, now: int) -> ResolvedId:
    """Find the report that is meant.

    A whole id is returned without looking: whether there is such a report says whoever reads it.

    Parameters
    ----------
    text
        An id, the beginning of one, or `latest`.
    now
        The time [ms since the epoch].

    Raises
    ------
    CommandError
        When it is none of these; when no report, or more than one, begins so; or the index `reports_by_day` cannot be
        read (`dynamodb:Query` on it).
    """
    given = text.strip().upper()
    if not may_name_report(text):
        raise CommandError(
            f"'{plain(text, 60)}' is not a report id: give the {ULID_LENGTH} letters and digits of one, the first of "
            f"them, or '{LATEST}'. 'reports' lists them."
        )
    if given == LATEST.upper():
        return ResolvedId(_latest(installation, now))
    return ResolvedId(given) if len(given) == ULID_LENGTH else _beginning(installation, given, now)


def _latest(installation: Installation, now: int) -> str:
    found = newest(installation, ReportQuery(now - LATEST_DAYS * _DAY, now + _AHEAD, limit=1), now).reports
    if not found:
        raise CommandError(f"No report was opened in the last {LATEST_DAYS} days. 'reports --since' lists older ones.")
    return found[0].report_id


def _beginning(installation: Installation, given: str, now: int) -> ResolvedId:
    first, last = ulid_range(given)
    since, until = max(first, now - installation.kept_days * _DAY), min(last, now + _AHEAD)
    is_all = len(given) >= ENOUGH
    if not is_all:
        since = max(since, now - RECENT_DAYS * _DAY)
    found: tuple[ReportSummary, ...] = ()
    if since <= until:
        found = newest(installation, ReportQuery(since, until, limit=_CANDIDATES + 1, beginning=given), now).reports
    if len(found) == 1:
        note = None if is_all else f"{given} is {found[0].report_id}: no other report of {_recent()} begins so."
        return ResolvedId(found[0].report_id, note)
    if not found and is_all:
        raise CommandError(f"No report id begins with {given}: not found (it may have expired).")
    if not found:
        raise CommandError(
            f"No report id of {_recent()} begins with {given}. For an older report, give at least {ENOUGH} characters "
            "of its id; 'reports --since' lists them."
        )
    several = f"{count(_CANDIDATES, 'report')} or more" if len(found) > _CANDIDATES else count(len(found), "report")
    among = "" if is_all else f" of {_recent()}"
    raise CommandError(
        f"The ids of {several}{among} begin with {given}: give more characters.", map(_candidate, found[:_CANDIDATES])
    )


def _recent() -> str:
    return f"the last {RECENT_DAYS} days"


def _candidate(report: ReportSummary) -> str:
    key = f" ({plain(report.alert_key, 100)})" if report.alert_key else ""
    title = f"{plain(report.detector, 60)} {plain(report.title, 100)}"
    return f"{report.report_id}  {short_time(report.created_at)}  {title}{key}"
