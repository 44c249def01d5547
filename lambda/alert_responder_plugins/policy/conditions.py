"""Whether a report fits the conditions of a rule or a suppression. Pure.

Where more evidence raises the severity, conditions are fulfilled by *any* alert, attribute or finding, so that more of
them can only fulfil more conditions. In a rule that lowers the severity, and in a suppression, *all* of them must fit:
more of them can only fulfil fewer conditions.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from alert_responder.contracts.report import Account, Finding, ReportedAttribute
from alert_responder.domain.attributes import canonical_value
from alert_responder.domain.directory import units_above
from alert_responder.domain.severities import word_rank
from alert_responder.domain.sides import SIDED_TYPES
from alert_responder_plugins.policy.facts import FAILED, MAX_ACCOUNTS, MAX_REGIONS, ReportFacts, address_of
from alert_responder_plugins.policy.globs import Globs, globs, is_wild
from alert_responder_plugins.policy.hours import covers, occurrence
from alert_responder_plugins.policy.model import AttributeMatch, Hours, Match, Range

_MOST_SEEN = 10
"""Maximum number of values in what a check saw."""


class Check(NamedTuple):
    """What one condition saw in a report.

    Attributes
    ----------
    condition
        Its name, such as `detector`.
    wanted, saw
        JSON values, for people.
    """

    condition: str
    wanted: Any
    saw: Any
    holds: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What fulfilled the conditions, for the reason."""

    attribute: ReportedAttribute | None = None
    finding: Finding | None = None
    verdict: str | None = None
    earlier: int | None = None
    account: Account | None = None


NO_EVIDENCE = Evidence()


class _Condition(NamedTuple):
    """A condition, with what it wants as a JSON value."""

    name: str
    wanted: Any
    check: Callable[["PreparedMatch", ReportFacts], tuple[bool, Any, Evidence]]


@dataclass(frozen=True, slots=True)
class PreparedMatch:
    """The conditions of a rule or suppression, prepared for many reports.

    Attributes
    ----------
    lowers
        Whether all must fit.
    never_malicious
        Whether a malicious verdict anywhere in the report prevents a match.
    """

    match: Match
    lowers: bool
    never_malicious: bool
    conditions: tuple["_Condition", ...]
    attributes: tuple["_Attribute", ...] = field(default=())
    kinds: frozenset[str] | None = None
    contexts: frozenset[str] | None = None

    def checks(self, facts: ReportFacts) -> Iterator[tuple[Check, Evidence]]:
        """Yield the result of each condition, the cheapest first."""
        if self.lowers and facts.report.overflow is not None:
            yield Check("overflow", None, "the report holds alerts of many incidents", holds=False), NO_EVIDENCE
        if self.never_malicious and "malicious" in facts.findings_by_verdict:
            yield Check("verdict", "none is malicious", "malicious", holds=False), NO_EVIDENCE
        for condition in self.conditions:
            holds, saw, evidence = condition.check(self, facts)
            yield Check(condition.name, condition.wanted, saw, holds), evidence

    @property
    def is_about_attributes(self) -> bool:
        """Whether the conditions restrict attributes by their own properties."""
        return bool(self.attributes) or self.kinds is not None or self.contexts is not None

    def fits(self, facts: ReportFacts, attribute: ReportedAttribute) -> bool:
        """Check the properties of an attribute."""
        if self.kinds is not None and attribute.type not in self.kinds:
            return False
        if self.contexts is not None and self.contexts.isdisjoint(attribute.context):
            return False
        return not self.attributes or any(each.fits(facts, attribute) for each in self.attributes)


def prepare_match(match: Match, *, lowers: bool, never_malicious: bool = False) -> PreparedMatch:
    """Prepare conditions."""
    names = [name for name in _CONDITIONS if any(getattr(match, each) is not None for each in _fields(name))]
    return PreparedMatch(
        match=match,
        lowers=lowers,
        never_malicious=never_malicious,
        conditions=tuple(_Condition(name, _wanted(match, name), _CONDITIONS[name]) for name in names),
        attributes=tuple(map(_Attribute.of, match.attribute or ())),
        kinds=None if match.attribute_type is None else frozenset(match.attribute_type),
        contexts=None if match.context is None else frozenset(match.context),
    )


_Answer = tuple[bool, Any, Evidence]
_SHARED_FIELDS = {
    "attribute": ("attribute", "attribute_type", "context", "verdict", "outcome", "inspector"),
    "account_words": ("account_name", "account_unit", "account_owner", "account_environment"),
}
"""Conditions of several fields, which must fit one and the same attribute or account."""


def _fields(condition: str) -> tuple[str, ...]:
    return _SHARED_FIELDS.get(condition, (condition,))


def _wanted(match: Match, condition: str) -> Any:
    found = {name: value for name in _fields(condition) if (value := getattr(match, name)) is not None}
    dumped = match.model_dump(mode="json", include=set(found), by_alias=True, exclude_none=True)
    return dumped if condition in _SHARED_FIELDS else next(iter(dumped.values()))


class _Attribute(NamedTuple):
    """An `AttributeMatch`, prepared."""

    kinds: frozenset[str] | None
    contexts: frozenset[str] | None
    values: frozenset[str] | None
    pattern: Globs | None
    networks: Mapping[tuple[int, int], frozenset[int]] | None

    @classmethod
    def of(cls, match: AttributeMatch) -> "_Attribute":
        texts = match.value or ()
        exact = {text for text in texts if not is_wild(text)}
        kinds = match.type or ("ipaddr", "domain", "url", "email", "filehashvalue")
        canonical = {known for text in exact for kind in kinds if (known := _canonical_or_none(kind, text)) is not None}
        wild = tuple(text for text in texts if is_wild(text))
        return cls(
            kinds=None if match.type is None else frozenset(match.type),
            contexts=None if match.context is None else frozenset(match.context),
            values=frozenset(exact | canonical) if match.value is not None else None,
            pattern=globs(wild, ignore_case=False) if wild else None,
            networks=None if match.cidr is None else _networks(match.cidr),
        )

    def fits(self, facts: ReportFacts, attribute: ReportedAttribute) -> bool:
        if self.kinds is not None and attribute.type not in self.kinds:
            return False
        if self.contexts is not None and self.contexts.isdisjoint(attribute.context):
            return False
        if self.values is None and self.networks is None:
            return True
        value = facts.canonical(attribute)
        if value is None:
            return False
        if self.values is not None and value not in self.values and not self._is_like(value):
            return False
        return self.networks is None or (attribute.type == "ipaddr" and _is_within(value, self.networks))

    def might_fit(self, facts: ReportFacts) -> bool:
        """Check quickly whether any attribute might fit."""
        if self.values is not None and self.values.isdisjoint(facts.values):
            return self.pattern is not None and self.pattern.match_any(facts.values)
        return self.networks is None or any(
            not first_bits.isdisjoint(facts.prefixes(*key)) for key, first_bits in self.networks.items()
        )

    def _is_like(self, value: str) -> bool:
        return self.pattern is not None and self.pattern.match(value)


def _canonical_or_none(kind: str, text: str) -> str | None:
    try:
        return canonical_value(kind, text)
    except (ValueError, RecursionError):
        return None


def _networks(cidrs: tuple[str, ...]) -> dict[tuple[int, int], frozenset[int]]:
    found: dict[tuple[int, int], set[int]] = {}
    for network in map(ipaddress.ip_network, cidrs):
        bits = int(network.network_address) >> (network.max_prefixlen - network.prefixlen)
        found.setdefault((network.version, network.prefixlen), set()).add(bits)
    return {key: frozenset(bits) for key, bits in found.items()}


def _is_within(value: str, networks: Mapping[tuple[int, int], frozenset[int]]) -> bool:
    try:
        version, number, most = address_of(value)
    except ValueError:
        return False
    return any(
        version == each and number >> (most - length) in first_bits for (each, length), first_bits in networks.items()
    )


def _detector(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    pattern = globs(prepared.match.detector or ())
    return _of_alerts(prepared, [[alert.detector] for alert in facts.alerts], pattern)


def _rule(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    pattern = globs(prepared.match.rule or ())
    return _of_alerts(prepared, [[alert.rule_id, alert.rule_name] for alert in facts.alerts], pattern)


def _of_alerts(prepared: PreparedMatch, texts: list[list[str]], pattern: Globs) -> _Answer:
    fitting = [any(pattern.match(text) for text in each) for each in texts]
    holds = all(fitting) and bool(fitting) if prepared.lowers else any(fitting)
    return holds, _first(text for each in texts for text in each), NO_EVIDENCE


def _severity(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    wanted = [rank for word in prepared.match.severity or () if (rank := word_rank(word)) is not None]
    saw = facts.overview.severity
    if prepared.lowers:
        worst = min(wanted)
        return all(rank is not None and rank >= worst for rank in facts.severity_ranks), saw, NO_EVIDENCE
    mildest = max(wanted)
    return any(rank is not None and rank <= mildest for rank in facts.severity_ranks), saw, NO_EVIDENCE


def _status(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    return facts.report.status in (prepared.match.status or ()), facts.report.status, NO_EVIDENCE


def _account(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    wanted = frozenset(prepared.match.account or ())
    if not prepared.lowers:
        return not wanted.isdisjoint(facts.accounts), list(facts.accounts), NO_EVIDENCE
    all_known = len(facts.accounts) < MAX_ACCOUNTS and wanted.issuperset(facts.accounts)
    holds = all_known and bool(facts.alerts) and all(accounts for accounts, _ in facts.places_of_alerts)
    return holds, list(facts.accounts), NO_EVIDENCE


def _account_words(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    described = facts.described_accounts
    saw = [account.model_dump(exclude_none=True, exclude={"in_directory"}) for account in described]
    if prepared.lowers and facts.doubt_about_accounts is not None:
        return False, facts.doubt_about_accounts, NO_EVIDENCE
    fitting = [account for account in described if _has_words(account, prepared.match)]
    holds = bool(fitting) and (len(fitting) == len(described) or not prepared.lowers)
    return holds, saw, Evidence(account=fitting[0]) if holds else NO_EVIDENCE


def _has_words(account: Account, match: Match) -> bool:
    words = (
        (match.account_name, (account.name,)),
        (match.account_unit, units_above(account.unit) if account.unit else ()),
        (match.account_owner, (account.owner,)),
        (match.account_environment, (account.environment,)),
    )
    return all(
        patterns is None or globs(patterns).match_any([text for text in texts if text]) for patterns, texts in words
    )


def _region(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    pattern, regions = globs(prepared.match.region or ()), facts.overview.regions
    fitting = [pattern.match(region) for region in regions]
    if not prepared.lowers:
        return any(fitting), list(regions), NO_EVIDENCE
    # The regions of alerts that are not shown are known only from their sources.
    all_known = len(regions) < MAX_REGIONS and all(fitting) and (facts.shows_all or facts.every_source_has_a_region)
    return (
        all_known and bool(facts.alerts) and all(each for _, each in facts.places_of_alerts),
        list(regions),
        NO_EVIDENCE,
    )


def _tag(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    wanted = {key.lower(): globs(patterns) for key, patterns in (prepared.match.tag or {}).items()}
    fitting = [all(key in tags and pattern.match(tags[key]) for key, pattern in wanted.items()) for tags in facts.tags]
    saw = [dict(tags) for tags in facts.tags[:_MOST_SEEN]]
    if prepared.lowers:
        return bool(fitting) and all(fitting) and not facts.lacks_tags, saw, NO_EVIDENCE
    return any(fitting), saw, NO_EVIDENCE


def _complete(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    return facts.report.complete == prepared.match.complete, facts.report.complete, NO_EVIDENCE


def _alert_count(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    return _is_in(prepared.match.alert_count, facts.report.alert_count), facts.report.alert_count, NO_EVIDENCE


def _rounds(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    return _is_in(prepared.match.rounds, facts.report.round), facts.report.round, NO_EVIDENCE


def _is_in(limits: Range | None, number: int) -> bool:
    if limits is None:
        return True
    return (limits.min is None or number >= limits.min) and (limits.max is None or number <= limits.max)


def _time(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    holds = arrived_within(prepared.match.time or (), facts, all_alerts=prepared.lowers)
    return holds, _first(alert.arrived_at for alert in facts.alerts), NO_EVIDENCE


def arrived_within(hours: tuple[Hours, ...], facts: ReportFacts, *, all_alerts: bool) -> bool:
    """Check whether all alerts, or any that is shown, arrived within hours.

    Alerts that are not shown arrived between others: then all must have arrived within one and the same occurrence.
    """
    fitting = [at is not None and any(covers(each, at) for each in hours) for at in facts.arrivals]
    if not all_alerts:
        return any(fitting)
    if not facts.shows_all and not any(_have_one_occurrence(each, facts) for each in hours):
        return False
    return all(fitting) and bool(fitting)


def _have_one_occurrence(hours: Hours, facts: ReportFacts) -> bool:
    found = {None if at is None else occurrence(hours, at) for at in facts.arrivals}
    return len(found) == 1 and None not in found


def _earlier(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    wanted = prepared.match.earlier
    if wanted is None:
        return True, None, NO_EVIDENCE
    listed, most = {}, 0
    first = facts.alerts[0] if facts.alerts else None
    for attribute_id, notes in facts.history.items():
        attribute = facts.attributes.get(attribute_id)
        if attribute is None or not prepared.fits(facts, attribute):
            continue
        most = max(most, *(number for number, _ in notes))
        for report in (report for _, reports in notes for report in reports):
            if wanted.severity and report.severity not in wanted.severity:
                continue
            if wanted.same_rule and first and (report.detector, report.rule_id) != (first.detector, first.rule_id):
                continue
            if wanted.within_days and not _is_recent(facts, report.opened_at, wanted.within_days):
                continue
            listed[report.report_id] = report
    is_filtered = bool(wanted.severity or wanted.within_days or wanted.same_rule)
    count = len(listed) if is_filtered else max(most, len(listed))
    return count >= wanted.min, count, Evidence(earlier=count)


def _is_recent(facts: ReportFacts, opened_at: Any, days: int) -> bool:
    now = facts.opened_at
    return opened_at is not None and now is not None and 0 <= (now - opened_at).total_seconds() <= days * 86_400


def _attribute(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    return _all_attributes(prepared, facts) if prepared.lowers else _any_attribute(prepared, facts)


def _any_attribute(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    match = prepared.match
    if prepared.attributes and not any(each.might_fit(facts) for each in prepared.attributes):
        return False, _first(each.value for each in facts.of_alerts[:_MOST_SEEN]), NO_EVIDENCE
    if match.verdict is None and match.outcome is None and match.inspector is None:
        for attribute in facts.report.attributes:
            if prepared.fits(facts, attribute):
                return True, attribute.value, Evidence(attribute)
        return False, _first(each.value for each in facts.of_alerts[:_MOST_SEEN]), NO_EVIDENCE
    pattern = None if match.inspector is None else globs(match.inspector)
    if match.verdict is None:
        candidates: Iterable[tuple[str | None, Finding]] = ((None, each) for each in facts.report.findings)
    else:
        by_verdict = facts.findings_by_verdict
        candidates = ((verdict, each) for verdict in match.verdict for each in by_verdict.get(verdict, ()))
    seen: list[str] = []
    for verdict, finding in candidates:
        about = facts.attributes.get(finding.attribute_id)
        if match.outcome is not None and finding.outcome not in match.outcome:
            continue
        if pattern is not None and not pattern.match(finding.inspector):
            continue
        if prepared.is_about_attributes and (about is None or not prepared.fits(facts, about)):
            if len(seen) < _MOST_SEEN:
                seen.append(finding.attribute_value)
            continue
        return True, finding.attribute_value, Evidence(about, finding, verdict)
    return False, seen or sorted(facts.findings_by_verdict), NO_EVIDENCE


def _all_attributes(prepared: PreparedMatch, facts: ReportFacts) -> _Answer:
    match = prepared.match
    fitting: list[ReportedAttribute] | None = None
    if prepared.is_about_attributes:
        other = next((each for each in _actors(prepared, facts) if not prepared.fits(facts, each)), None)
        if other is not None:
            return False, f"{other.type} {other.value[:200]} does not match", NO_EVIDENCE
        fitting = [each for each in facts.of_alerts if prepared.fits(facts, each)]
        ids = {each.id for each in fitting}
        if not facts.ids_of_alerts or any(ids.isdisjoint(each) for each in facts.ids_of_alerts):
            return False, "an alert has no attribute that matches", NO_EVIDENCE
    pattern = None if match.inspector is None else globs(match.inspector)
    if match.verdict is not None:
        if not facts.report.complete:
            return False, "the report is not complete", NO_EVIDENCE
        found = facts.findings_by_verdict
        if other_verdict := next((verdict for verdict in found if verdict not in match.verdict), None):
            return False, f"a verdict is {other_verdict}", NO_EVIDENCE
        rated = {
            finding.attribute_id
            for findings in found.values()
            for finding in findings
            if pattern is None or pattern.match(finding.inspector)
        }
        if not rated or any(each.id not in rated for each in (facts.remote if fitting is None else fitting)):
            return False, "an attribute has no verdict", NO_EVIDENCE
    if match.outcome is not None:
        outcomes = [each.outcome for each in facts.report.findings if pattern is None or pattern.match(each.inspector)]
        # A lookup that fails is not a reason to lower the severity.
        if not outcomes or any(outcome not in match.outcome or outcome in FAILED for outcome in outcomes):
            return False, sorted(set(outcomes)), NO_EVIDENCE
    elif match.inspector is not None and match.verdict is None:
        return False, "inspector needs verdict or outcome", NO_EVIDENCE
    return True, _first(each.value for each in fitting or ()), Evidence(fitting[0] if fitting else None)


def _actors(prepared: PreparedMatch, facts: ReportFacts) -> Iterator[ReportedAttribute]:
    """Yield the attributes that must match: remote ones, and subjects of the types that are named."""
    kinds = set(prepared.kinds or ())
    for each in prepared.attributes:
        kinds |= each.kinds or set()
    kinds -= SIDED_TYPES
    for attribute in facts.of_alerts:
        # The side of an invalid value is unknown.
        is_remote = "remote" in attribute.context or (
            not attribute.valid and attribute.type in SIDED_TYPES and "local" not in attribute.context
        )
        if is_remote or (attribute.type in kinds and "subject" in attribute.context):
            yield attribute


def _first(values: Iterable[str]) -> list[str]:
    found = dict.fromkeys(value[:200] for value in values)
    return list(found)[:_MOST_SEEN]


_CONDITIONS: Mapping[str, Callable[[PreparedMatch, ReportFacts], _Answer]] = {
    "complete": _complete,
    "status": _status,
    "alert_count": _alert_count,
    "rounds": _rounds,
    "detector": _detector,
    "rule": _rule,
    "severity": _severity,
    "account": _account,
    "account_words": _account_words,
    "region": _region,
    "time": _time,
    "attribute": _attribute,
    "tag": _tag,
    "earlier": _earlier,
}
"""By name, the cheapest first; see `_SHARED_FIELDS`."""
