"""Resolve report ids that users give: a full id, a unique prefix, or `latest`.

A report id is a ULID, which starts with the time the report was opened: ten characters give the millisecond, five some
nine hours. So a prefix determines which days of the index to read.
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
"""Stands for the newest report."""

LATEST_DAYS = 31
"""Period in which the newest report is searched [days]."""

RECENT_DAYS = 7
"""Period in which a prefix shorter than `ENOUGH` is searched [days]."""

ENOUGH = 4
"""Length of a prefix that is searched among all reports: it covers 12.4 days."""

_CANDIDATES = 10
_DAY = 86_400_000
_AHEAD = 300_000
"""Tolerated difference between the local clock and that of the stream [ms]."""

_PREFIX = re.compile(rf"[0-9A-HJKMNP-TV-Z]{{1,{ULID_LENGTH}}}")


class ResolvedId(NamedTuple):
    """A report id, with a note for the user if the prefix may also match older reports."""

    report_id: str
    note: str | None = None


def may_name_report(text: str) -> bool:
    """Return whether a text is `latest` or has the form of a report id or a prefix of one."""
    given = text.strip().upper()
    return given == LATEST.upper() or _PREFIX.fullmatch(given) is not None


def resolve_id(installation: Installation, text: str, now: int) -> ResolvedId:
    """Resolve a report id; a full id is returned without checking whether the report exists.

    Parameters
    ----------
    text
        An id, a prefix of one, or `latest`.
    now
        The current time [ms since the epoch].

    Raises
    ------
    CommandError
        The text is invalid, it does not match exactly one report, or the index `reports_by_day` cannot be read
        (`dynamodb:Query` on it).
    """
    given = text.strip().upper()
    if not may_name_report(text):
        raise CommandError(
            f"ID must be a report id ({ULID_LENGTH} letters and digits), a prefix of one or '{LATEST}', got "
            f"'{plain(text, 60)}'. Use 'reports' to list ids."
        )
    if given == LATEST.upper():
        return ResolvedId(_latest(installation, now))
    return ResolvedId(given) if len(given) == ULID_LENGTH else _by_prefix(installation, given, now)


def _latest(installation: Installation, now: int) -> str:
    found = newest(installation, ReportQuery(now - LATEST_DAYS * _DAY, now + _AHEAD, limit=1), now).reports
    if not found:
        raise CommandError(
            f"No report was opened in the last {LATEST_DAYS} days. Use 'reports --since' to list older ones."
        )
    return found[0].report_id


def _by_prefix(installation: Installation, given: str, now: int) -> ResolvedId:
    first, last = ulid_range(given)
    since, until = max(first, now - installation.kept_days * _DAY), min(last, now + _AHEAD)
    is_all = len(given) >= ENOUGH
    if not is_all:
        since = max(since, now - RECENT_DAYS * _DAY)
    found: tuple[ReportSummary, ...] = ()
    if since <= until:
        found = newest(installation, ReportQuery(since, until, limit=_CANDIDATES + 1, prefix=given), now).reports
    if len(found) == 1:
        note = None if is_all else f"{given} is {found[0].report_id}, the only match in {_recent()}."
        return ResolvedId(found[0].report_id, note)
    if not found and is_all:
        raise CommandError(f"No report id starts with {given} (it may have expired).")
    if not found:
        raise CommandError(
            f"No report id of {_recent()} starts with {given}. For an older report, give at least {ENOUGH} characters "
            "of its id. Use 'reports --since' to list ids."
        )
    several = f"{count(_CANDIDATES, 'report')} or more" if len(found) > _CANDIDATES else count(len(found), "report")
    among = "" if is_all else f" of {_recent()}"
    raise CommandError(
        f"The ids of {several}{among} start with {given}: give more characters.", map(_candidate, found[:_CANDIDATES])
    )


def _recent() -> str:
    return f"the last {RECENT_DAYS} days"


def _candidate(report: ReportSummary) -> str:
    key = f" ({plain(report.alert_key, 100)})" if report.alert_key else ""
    title = f"{plain(report.detector, 60)} {plain(report.title, 100)}"
    return f"{report.report_id}  {short_time(report.created_at)}  {title}{key}"
