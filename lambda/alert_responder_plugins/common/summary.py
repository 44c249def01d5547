"""What of a report matters, and in which order; every emitter tells it in its own form.

Texts are as they stand in the report: hostile. Everything comes in a fixed order: equal reports are told
equally.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alert_responder.contracts.inspection import (
    Activity,
    BinaryContent,
    Content,
    HostContent,
    Malware,
    Software,
    Verdict,
)
from alert_responder.contracts.report import EmissionRequest, Finding, Report, ReportedAttribute
from alert_responder.domain.verdicts import weight
from alert_responder_plugins.common.sanitize import https_link

Fact = tuple[str, str]
"""What is known, and what it is: `("country", "NL")`."""

MAX_PAGE_LINK = 4_000
"""Longest address of a report's page [characters]; a presigned one carries a session's token."""

MAX_LISTED = 5
"""How many of a list are named; of the others their number."""

_NOT_ANSWERED = ("error", "throttled", "timeout", "invalid", "skipped")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are.

    Attributes
    ----------
    lookups
        All findings, whatever became of them.
    answered
        Those that found something or nothing.
    found
        Those that found something.
    """

    alerts: int
    attributes: int
    lookups: int
    answered: int
    found: int
    malicious: int
    suspicious: int


def headline(report: Report) -> str:
    """Say how bad it is, and what it is: one line, but for what the title holds."""
    return f"{report.result.severity}: {report.title}"


def page_link(request: EmissionRequest) -> str | None:
    """Return where a report's page is opened, to be shown as a link; None where there is none."""
    return https_link(request.report_url, MAX_PAGE_LINK)


def page_command(report: Report) -> str:
    """Say which command opens a report's page, whoever has the rights."""
    return f"alert-responder open {report.id}"


def verdict_of(finding: Finding) -> Verdict | None:
    """Return the worst verdict of what was found; None where there is none."""
    verdicts: list[Verdict] = [content.verdict for content in finding.contents if content.verdict is not None]
    return min(verdicts, key=weight, default=None)


def weighed(report: Report) -> tuple[Finding, ...]:
    """List the findings that found something: malicious, suspicious, without a verdict, unknown, harmless."""
    found = [finding for finding in report.findings if finding.contents]
    return tuple(sorted(found, key=lambda finding: weight(verdict_of(finding))))


def unanswered(report: Report) -> tuple[Finding, ...]:
    """List the lookups that nobody answered; those that failed before those that were not made."""
    missing = [finding for finding in report.findings if finding.outcome in _NOT_ANSWERED]
    return tuple(sorted(missing, key=lambda finding: finding.outcome == "skipped"))


def by_nearness(report: Report) -> tuple[ReportedAttribute, ...]:
    """List the attributes: those of alerts first, then what was found from them, each kind in the report's order."""
    return tuple(sorted(report.attributes, key=lambda attribute: attribute.depth))


def counts(report: Report) -> Counts:
    """Count what there is."""
    outcomes = Counter(finding.outcome for finding in report.findings)
    verdicts = Counter(verdict_of(finding) for finding in report.findings)
    return Counts(
        alerts=report.alert_count,
        attributes=len(report.attributes),
        lookups=len(report.findings),
        answered=outcomes["ok"] + outcomes["empty"] + outcomes["cached"],
        found=sum(bool(finding.contents) for finding in report.findings),
        malicious=verdicts["malicious"],
        suspicious=verdicts["suspicious"],
    )


def facts(content: Content) -> tuple[Fact, ...]:
    """Tell what a content says, what weighs most first; nothing that is empty."""
    if isinstance(content, HostContent):
        told = [
            ("malware", _listed(map(_malware, content.related_malware))),
            ("URLs", _listed(url.url for url in content.related_urls)),
            ("domains", _listed(domain.name for domain in content.related_domains)),
            ("activities", _listed(map(_activity, content.activities))),
            *((name.replace("_", " "), _listed(getattr(content, name))) for name in _HOST_LISTS),
            ("software", _listed(map(_software, content.software))),
        ]
    elif isinstance(content, BinaryContent):
        told = [
            ("malware", _listed(map(_malware, content.related_malware))),
            ("activities", _listed(map(_activity, content.activities))),
            ("os", _listed(content.os)),
            ("software", _listed(map(_software, content.software))),
        ]
    elif content.type == "user":
        told = [("activities", _listed(map(_activity, content.activities)))]
    else:
        data = "" if content.data is None else json.dumps(content.data, ensure_ascii=False, sort_keys=True)
        told = [(content.title, content.text), ("data", data)]
        if not content.text:
            told[0] = ("note", content.title)
    return tuple((name, value) for name, value in told if value)


_HOST_LISTS = ("ipaddr", "hostname", "country", "as_owner", "owner", "username", "os", "macaddr")


def _listed(values: Iterable[str]) -> str:
    every: Sequence[str] = [value for value in values if value]
    more = len(every) - MAX_LISTED
    return ", ".join(every[:MAX_LISTED]) + (f" and {more:,} more" if more > 0 else "")


def _malware(malware: Malware) -> str:
    positive = [scan for scan in malware.scans if scan.positive]
    names = [f"{scan.vendor}: {scan.name}" if scan.name else scan.vendor for scan in positive[:MAX_LISTED]]
    said = [malware.relation or "", f"{len(positive)} of {len(malware.scans)} scans" if malware.scans else "", *names]
    more = "; ".join(part for part in said if part)
    return f"{malware.sha256} ({more})" if more else malware.sha256


def _activity(activity: Activity) -> str:
    where = f"from {activity.remote_addr}" if activity.remote_addr else ""
    target = f"on {activity.target}" if activity.target else ""
    when = f"at {activity.last_seen}" if activity.last_seen else ""
    parts = (activity.principal, activity.service_name, activity.action, target, where, when)
    return " ".join(part for part in parts if part)


def _software(software: Software) -> str:
    return f"{software.name} ({software.location})" if software.location else software.name
