"""Summarises the detector's information about an incident: severity, outcome, times, count, accounts, regions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from alert_responder.contracts.alert import AttemptOutcome, Source
from alert_responder.contracts.inspection import NoteContent
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Account, Finding, Overview, Report, ReportedAlert
from alert_responder.domain.alert_ranking import worst_alerts
from alert_responder.domain.body_details import MAX_NAME_LENGTH, BodyDetails, extract_details, milliseconds, region_in
from alert_responder.domain.directory import Directory
from alert_responder.domain.severities import in_words, worst_severity
from alert_responder.domain.sources import MAX_SOURCES

MAX_ACCOUNTS = 10
"""Maximum number of accounts; the first are kept."""

_MAX_SEVERITY_LENGTH = 100
_NAMES_IN_NOTES = ("account_name", "account name", "account_alias", "account alias")
"""Fields of an account's name in the data of an inspector's note."""


class AttributeFacts(Protocol):
    """An attribute of an alert or of a report."""

    @property
    def type(self) -> str:
        """The same as in the attribute."""
        ...

    @property
    def key(self) -> str:
        """The same as in the attribute."""
        ...

    @property
    def value(self) -> str:
        """The same as in the attribute."""
        ...

    @property
    def context(self) -> tuple[str, ...]:
        """The same as in the attribute."""
        ...


class AlertFacts(Protocol):
    """An alert, whole or in a group's summary."""

    @property
    def detector(self) -> str:
        """The same as in the alert."""
        ...

    @property
    def timestamp(self) -> str | None:
        """The same as in the alert [RFC 3339]."""
        ...

    @property
    def severity(self) -> str | None:
        """The same as in the alert."""
        ...


class SummaryFacts(AlertFacts, Protocol):
    """An alert in a group's summary."""

    @property
    def outcome(self) -> AttemptOutcome | None:
        """Extracted from the body by `domain.body_details`."""
        ...

    @property
    def account(self) -> str | None:
        """The account that the alert is about."""
        ...

    @property
    def verified(self) -> bool:
        """Whether no producer can have forged the account."""
        ...


def overview(
    shown: Iterable[ReportedAlert],
    others: Iterable[SummaryFacts],
    attributes: Iterable[AttributeFacts],
    sources: Iterable[Source],
    findings: Iterable[Finding] = (),
    directory: Directory | None = None,
) -> Overview:
    """Build an overview.

    Parameters
    ----------
    shown
        Whole alerts, whose bodies are parsed.
    others
        Other or the same alerts, with times formatted by `contracts.primitives.format_rfc3339`.
    attributes
        Attributes of all alerts, without those that inspectors found.
    findings
        Findings may contain the names of accounts.
    directory
        The accounts in it are described by its words; None if there is none.
    """
    shown, others = list(shown), list(others)
    details = [extract_details(alert.body) for alert in shown]
    outcomes = {*(each.outcome for each in details), *(each.outcome for each in others)}
    alerts: list[AlertFacts] = [*shown, *others]
    severities = {(alert.detector, alert.severity) for alert in alerts if alert.severity}
    moments = _moments(shown, details, others)
    severity = worst_severity(in_words(detector, text) for detector, text in severities)
    accounts = _described(_accounts(_verified(shown, others), attributes, details, findings), directory)
    return Overview(
        severity=severity and severity[:_MAX_SEVERITY_LENGTH],
        outcome="success" if "success" in outcomes else "failure" if "failure" in outcomes else None,
        first_seen=format_rfc3339(min(moments)) if moments else None,
        last_seen=format_rfc3339(max(moments)) if moments else None,
        occurrences=max((each.occurrences for each in details if each.occurrences is not None), default=None),
        accounts=accounts,
        directory_read_at=format_rfc3339(directory.read_at)
        if directory and any(each.in_directory for each in accounts)
        else None,
        regions=_regions(shown, details, sources),
    )


def overview_of(report: Report) -> Overview:
    """Return the overview of a report; for a report of an earlier version, build it from the report."""
    if report.overview:
        return report.overview
    attributes = (each for each in report.attributes if each.depth == 0)
    return overview(report.alerts, (), attributes, report.sources, report.findings)


def worst_shown(alerts: Iterable[ReportedAlert], most: int) -> list[int]:
    """Find the worst alerts of a report, see `domain.alert_ranking.worst_alerts`."""
    return worst_alerts(((each.detector, each.severity, extract_details(each.body).outcome) for each in alerts), most)


def _moments(shown: Sequence[ReportedAlert], details: Sequence[BodyDetails], others: Sequence[AlertFacts]) -> list[int]:
    """List when the alerts happened [ms since the epoch]."""
    seen = [[at for at in (each.first_seen, each.last_seen) if at is not None] for each in details]
    # The time of an alert may be that of a later update. It is used only if the body has no other time.
    texts = [alert.timestamp for alert, times in zip(shown, seen, strict=True) if alert.timestamp and not times]
    if not any(seen):
        # The first and the last are enough: all times in summaries have one form.
        stored = [alert.timestamp for alert in others if alert.timestamp]
        texts += {min(stored), max(stored)} if stored else ()
    return [*(at for times in seen for at in times), *(at for text in texts if (at := milliseconds(text)) is not None)]


def _verified(shown: Iterable[ReportedAlert], others: Iterable[SummaryFacts]) -> Iterator[str]:
    """Yield the accounts of verified alerts."""
    origins = (alert.origin for alert in shown)
    yield from (each.account for each in origins if each and each.verified and each.account)
    yield from (each.account for each in others if each.verified and each.account)


def _described(accounts: Iterable[Account], directory: Directory | None) -> tuple[Account, ...]:
    """Describe the accounts of the directory by its words alone."""
    if directory is None:
        return tuple(accounts)
    known = ((account, directory.find(account.id)) for account in accounts)
    return tuple(
        Account(
            id=account.id,
            name=facts.name or None,
            in_directory=True,
            unit=facts.unit or None,
            owner=facts.owner or None,
            environment=facts.environment or None,
        )
        if facts
        else account
        for account, facts in known
    )


def _accounts(
    verified: Iterable[str],
    attributes: Iterable[AttributeFacts],
    details: Iterable[BodyDetails],
    findings: Iterable[Finding],
) -> tuple[Account, ...]:
    details = list(details)
    names = dict(_names_found(findings)) | {
        each.account: each.account_name for each in details if each.account and each.account_name
    }
    said = dict.fromkeys(each.account for each in details if each.account)
    ids = dict.fromkeys(verified) | said | dict.fromkeys(_affected_accounts(attributes, is_said=bool(said)))
    return tuple(Account(id=each, name=names.get(each)) for each in list(ids)[:MAX_ACCOUNTS])


def _affected_accounts(attributes: Iterable[AttributeFacts], *, is_said: bool) -> list[str]:
    """List the accounts that alerts are about: attributes with the key `account`, or else other local accounts.

    The caller's account is not included.
    """
    found = [each for each in attributes if each.type == "account"]
    local = [each for each in found if "local" in each.context]
    named = [each for each in local if each.key == "account"]
    without = [each for each in found if not each.context]
    return [each.value for each in (named if named or is_said else local or without)]


def _names_found(findings: Iterable[Finding]) -> Iterator[tuple[str, str]]:
    for finding in findings:
        if finding.attribute_type != "account":
            continue
        for content in finding.contents:
            data: Any = content.data if isinstance(content, NoteContent) else None
            names = [data.get(name) for name in _NAMES_IN_NOTES] if isinstance(data, Mapping) else []
            yield from (
                (finding.attribute_value, name.strip()[:MAX_NAME_LENGTH])
                for name in names
                if isinstance(name, str) and name.strip()
            )


def _regions(
    shown: Iterable[ReportedAlert], details: Iterable[BodyDetails], sources: Iterable[Source]
) -> tuple[str, ...]:
    """List the regions of alerts: of the source, the body, or the affected resources."""
    found = {source.region for source in sources if source.region}
    for alert, each in zip(shown, details, strict=True):
        if alert.source is None or alert.source.region is None:
            found |= {each.region} if each.region else _regions_of(alert)
    return tuple(sorted(region for region in found if region)[:MAX_SOURCES])


def _regions_of(alert: ReportedAlert) -> set[str]:
    arns = (each.value for each in alert.attributes if each.type == "arn" and {"local", "object"} <= {*each.context})
    return {region for arn in arns if (region := region_in(arn))}
