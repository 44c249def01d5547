"""What the conditions of a policy read in a report, computed once for each report. Pure."""

import ipaddress
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from alert_responder.contracts.inspection import NoteContent
from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.contracts.report import Account, Finding, Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.attributes import canonical_value, identity
from alert_responder.domain.directory import is_stale
from alert_responder.domain.overview import overview, overview_of
from alert_responder.domain.severities import in_words, word_rank

MAX_ACCOUNTS, MAX_REGIONS = 10, 20
"""An overview with so many may lack others."""

MAX_BODY = 64_000
"""Largest body that expressions see [characters of JSON]."""

FAILED = frozenset({"error", "invalid", "throttled", "timeout"})
"""Outcomes of lookups that failed."""


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """A report before this one, as the inspector `history` describes it."""

    report_id: str
    severity: str
    opened_at: datetime | None
    detector: str
    rule_id: str


class ReportFacts:
    """A report, and what is derived from it."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.overview = overview_of(report)

    @cached_property
    def attributes(self) -> dict[str, ReportedAttribute]:
        """All attributes by id."""
        return {attribute.id: attribute for attribute in self.report.attributes}

    @cached_property
    def of_alerts(self) -> tuple[ReportedAttribute, ...]:
        """The attributes that are in alerts, without those that inspectors found or that are derived."""
        return tuple(each for each in self.report.attributes if each.depth == 0 and each.origin.attribute_type is None)

    @cached_property
    def remote(self) -> tuple[ReportedAttribute, ...]:
        """The remote actors: the remote attributes of alerts."""
        return tuple(each for each in self.of_alerts if "remote" in each.context)

    @cached_property
    def ids_of_alerts(self) -> tuple[frozenset[str], ...]:
        """Ids of the attributes of each alert that is shown."""
        return tuple(frozenset(map(identity, alert.attributes)) for alert in self.report.alerts)

    @cached_property
    def _canonical(self) -> dict[str, str | None]:
        return {}

    def canonical(self, attribute: ReportedAttribute) -> str | None:
        """Return the canonical value; None for an invalid one."""
        if not attribute.valid:
            return None
        known = self._canonical
        if attribute.id not in known:
            known[attribute.id] = canonical_value(attribute.type, attribute.value)
        return known[attribute.id]

    @cached_property
    def values(self) -> frozenset[str]:
        """Return the canonical values of all attributes."""
        return frozenset(value for each in self.report.attributes if (value := self.canonical(each)) is not None)

    @cached_property
    def _addresses(self) -> tuple[tuple[int, int, int], ...]:
        found = (self.canonical(each) for each in self.report.attributes if each.type == "ipaddr")
        return tuple(address_of(value) for value in found if value is not None)

    def prefixes(self, version: int, length: int) -> frozenset[int]:
        """Return the first bits of all addresses of an IP version."""
        key = version, length
        if key not in self._prefixes:
            self._prefixes[key] = frozenset(
                number >> (most - length) for each, number, most in self._addresses if each == version
            )
        return self._prefixes[key]

    @cached_property
    def _prefixes(self) -> dict[tuple[int, int], frozenset[int]]:
        return {}

    @cached_property
    def severity_ranks(self) -> tuple[int | None, ...]:
        """Ranks of the severities of the alerts that are shown, and of the worst one of all; None if unknown."""
        alerts = [None if each.severity is None else in_words(each.detector, each.severity) for each in self.alerts]
        return tuple(None if word is None else word_rank(word) for word in (*alerts, self.overview.severity))

    @property
    def alerts(self) -> tuple[ReportedAlert, ...]:
        """The alerts that are shown."""
        return self.report.alerts

    @property
    def shows_all(self) -> bool:
        """Whether all alerts are shown."""
        return self.report.alert_count <= len(self.report.alerts)

    @cached_property
    def bodies(self) -> tuple[Any, ...]:
        """The bodies of the alerts that are shown; None if one is too large."""
        return tuple(each.body if len(json.dumps(each.body)) <= MAX_BODY else None for each in self.alerts)

    @property
    def shows_all_bodies(self) -> bool:
        """Whether expressions see the bodies of all alerts: those of a truncated report may be missing."""
        whole = (alert.body is None or body is not None for alert, body in zip(self.alerts, self.bodies, strict=True))
        return self.shows_all and not self.report.truncated and all(whole)

    @property
    def every_source_has_a_region(self) -> bool:
        """Whether each source of an alert, shown or not, names its region."""
        return bool(self.report.sources) and all(source.region for source in self.report.sources)

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """The accounts of all alerts."""
        return tuple(account.id for account in self.overview.accounts)

    @cached_property
    def described_accounts(self) -> tuple[Account, ...]:
        """The accounts with words of the directory."""
        return tuple(account for account in self.overview.accounts if account.in_directory)

    @cached_property
    def doubt_about_accounts(self) -> str | None:
        """Why accounts of alerts may be others, or be described by other words; None if neither is possible."""
        accounts = self.overview.accounts
        if not self.alerts or not self.shows_all or self.report.truncated:
            return "alerts are missing"
        if len(accounts) >= MAX_ACCOUNTS:
            return "there may be more accounts"
        if len(self.described_accounts) < len(accounts):
            return "an account is not in the directory"
        origins, known = [alert.origin for alert in self.alerts], {account.id for account in accounts}
        if not all(origin and origin.verified for origin in origins):
            return "an alert is not verified"
        if not all(origin and origin.account in known and origin.named is None for origin in origins):
            return "the account of an alert is unknown"
        read_at, compiled_at = moment_of(self.overview.directory_read_at), moment_of(self.report.updated_at)
        if read_at is None or compiled_at is None or is_stale(_milliseconds(read_at), _milliseconds(compiled_at)):
            return "the directory is stale"
        return None

    @cached_property
    def places_of_alerts(self) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
        """Accounts and regions of each alert that is shown."""
        sources = [() if each.source is None else (each.source,) for each in self.alerts]
        each_overview = [
            overview((alert,), (), alert.attributes, source) for alert, source in zip(self.alerts, sources, strict=True)
        ]
        return tuple((frozenset(one.id for one in each.accounts), frozenset(each.regions)) for each in each_overview)

    @cached_property
    def arrivals(self) -> tuple[datetime | None, ...]:
        """When the alerts that are shown arrived."""
        return tuple(moment_of(alert.arrived_at) for alert in self.alerts)

    @cached_property
    def findings_by_verdict(self) -> dict[str, list[Finding]]:
        """Findings by each verdict in them."""
        found: dict[str, list[Finding]] = {}
        for finding in self.report.findings:
            for verdict in {content.verdict for content in finding.contents if content.verdict}:
                found.setdefault(verdict, []).append(finding)
        return found

    @property
    def tags(self) -> tuple[Mapping[str, str], ...]:
        """The tags of each resource that `aws-context` describes; keys and values in lower case."""
        return self._tags[0]

    @property
    def lacks_tags(self) -> bool:
        """Whether a lookup by an inspector that describes resources failed: there may be others."""
        inspectors = self._tags[1]
        return any(
            each.inspector in inspectors and each.outcome in {*FAILED, "skipped"} for each in self.report.findings
        )

    @cached_property
    def _tags(self) -> tuple[tuple[Mapping[str, str], ...], frozenset[str]]:
        """The tags of each resource, and the inspectors that returned them."""
        found, inspectors = [], set[str]()
        for inspector, data in self._notes():
            tags: dict[str, str] = {}
            for name in ("owner_tags", "purpose_tags"):
                given = data.get(name)
                if isinstance(given, dict):
                    tags |= {str(key).lower(): str(value).lower() for key, value in given.items()}
            if "owner_tags" in data or "purpose_tags" in data:
                found.append(tags)
                inspectors.add(inspector)
        return tuple(found), frozenset(inspectors)

    def _notes(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for finding in self.report.findings:
            for content in finding.contents:
                if isinstance(content, NoteContent) and isinstance(content.data, dict):
                    yield finding.inspector, content.data

    @cached_property
    def history(self) -> dict[str, list[tuple[int, tuple[EarlierReport, ...]]]]:
        """Number of earlier reports, and the newest of them, by attribute id; any inspector may write such notes."""
        found: dict[str, list[tuple[int, tuple[EarlierReport, ...]]]] = {}
        for finding in self.report.findings:
            for content in finding.contents:
                if isinstance(content, NoteContent) and _is_history(content):
                    found.setdefault(finding.attribute_id, []).append(_history_of(content.data))
        return found

    @cached_property
    def opened_at(self) -> datetime | None:
        """When the report was opened."""
        return moment_of(self.report.created_at)


@lru_cache(maxsize=8192)
def address_of(value: str) -> tuple[int, int, int]:
    """Return version, number and length [bits] of an address; raise `ValueError` for other texts."""
    address = ipaddress.ip_address(value)
    return address.version, int(address), address.max_prefixlen


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def moment_of(text: Any) -> datetime | None:
    """Parse an RFC 3339 time; None for other texts."""
    try:
        return parse_rfc3339(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _is_history(content: NoteContent) -> bool:
    return content.title == "Seen before" and content.source == "AlertResponder" and isinstance(content.data, dict)


def _history_of(data: Mapping[str, Any]) -> tuple[int, tuple[EarlierReport, ...]]:
    number, listed = data.get("reports"), data.get("newest")
    newest = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    reports = tuple(
        EarlierReport(
            report_id=str(each.get("report_id", "")),
            severity=str(each.get("severity", "")),
            opened_at=moment_of(each.get("opened_at")),
            detector=str(each.get("detector", "")),
            rule_id=str(each.get("rule_id", "")),
        )
        for each in newest
    )
    return (number if isinstance(number, int) else len(reports)), reports
