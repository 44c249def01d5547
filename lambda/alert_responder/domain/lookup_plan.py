"""Which lookups a report still needs, and which of them a limit or an egress rule excludes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.inspection import AlertSummary, InspectionTask
from alert_responder.contracts.plugin import MAX_BATCH, External, InspectorPlugin
from alert_responder.domain.aggregation import size_of
from alert_responder.domain.attributes import canonical, identity, unite
from alert_responder.domain.derived_attributes import derived_from, with_contexts_of
from alert_responder.domain.egress import Rule, may_see_spelling, reason, redacted_alert, redacted_attribute, refusal
from alert_responder.domain.free_text import limit_contexts
from alert_responder.domain.identifiers import first_wave, plan_of, sequence
from alert_responder.domain.internal import NO_INTERNAL, InternalEstate
from alert_responder.domain.lookup_batches import in_calls
from alert_responder.domain.lookup_shares import Batches, Spent, share
from alert_responder.domain.records import CHUNK_SIZE, MAX_LOOKUPS, GroupSummary, LookupRecord, Origin
from alert_responder.domain.report_caps import MAX_ATTRIBUTES
from alert_responder.domain.sides import is_without_lookups, with_side

MAX_SUMMARY_ATTRIBUTES = 20
"""Maximum number of attributes in the alert that an inspector receives as context."""

MAX_SUMMARY_LENGTH = 30_000
"""Maximum length of these attributes [characters]: a task and its answer must fit a DynamoDB item."""


FIRST_PLAN = sequence(1, 1)
NOTHING_SEEN: Mapping[str, int] = MappingProxyType({})


class Limits(NamedTuple):
    """Limits on the lookups of a report.

    Attributes
    ----------
    max_depth
        Largest depth of an attribute that is looked up [0 (only those of alerts) to 5].
    max_tasks
        Maximum number of calls of inspectors in all rounds of a report [1 to 500]; lookups in a batch share one.
    """

    max_depth: int
    max_tasks: int


class KnownAttribute(NamedTuple):
    """An attribute of the report.

    Attributes
    ----------
    depth
        0 for an attribute of an alert; n for one that was found from an attribute of depth n - 1.
    attribute
        Its contexts include its side, see `domain.sides`.
    origin
        None for an attribute of an alert; without inspector for one derived from another attribute.
    alert
        The alert that has it, or from which it was found; JSON of `AlertSummary`.
    carrier
        The alert to which its lookups are charged, see `GroupSummary.carrier`: the one that has it at the earliest
        position, or whose lookup found it.
    """

    id: str
    attribute: Attribute
    valid: bool
    depth: int
    origin: Origin | None
    alert: Mapping[str, Any]
    carrier: str = ""


class Lookup(NamedTuple):
    """One inspector and one attribute.

    Attributes
    ----------
    shares_call
        See `LookupRecord`.
    """

    inspector: InspectorPlugin
    known: KnownAttribute
    shares_call: bool = False

    @property
    def task_id(self) -> str:
        """Equal for equal lookups."""
        return f"{self.inspector.name}/{self.known.id}"

    @property
    def batch_size(self) -> int:
        """Maximum number of lookups in its call."""
        types = self.inspector.batch_types
        return self.inspector.batch_size if types is None or self.known.attribute.type in types else 1


class Agenda(NamedTuple):
    """The lookups to add to the ledger, and those that are left out, by reason.

    Attributes
    ----------
    refused
        Lookups that an egress rule forbids, with the rule; they are written to the ledger as `skipped`.
    deferred
        Lookups for the next round, because the lookups of this round are shared with other alerts.
    unlisted
        More lookups that an egress rule forbids, beyond the limit of the ledger.
    wave
        The wave of the lookups to make now, see `domain.lookup_shares`.
    """

    lookups: tuple[Lookup, ...]
    too_deep: tuple[Lookup, ...]
    over_budget: tuple[Lookup, ...]
    refused: tuple[tuple[Lookup, Rule], ...] = ()
    deferred: tuple[Lookup, ...] = ()
    unlisted: tuple[tuple[Lookup, Rule], ...] = ()
    wave: int = 0


def known_attributes(
    groups: Iterable[GroupSummary], tasks: Iterable[LookupRecord], internal: InternalEstate = NO_INTERNAL
) -> tuple[KnownAttribute, ...]:
    """Merge the attributes of all alerts and all answers, derive hosts from them, and give each its side.

    Parameters
    ----------
    internal
        Internal networks and domains, on which sides depend.

    Returns
    -------
    tuple
        Each attribute once, at its smallest depth: those of alerts by arrival, then those derived from them, then those
        from answers by depth. The order of `groups` and `tasks` does not matter.
    """
    known: dict[str, KnownAttribute] = {}
    ordered = sorted(groups, key=lambda group: (group.events[0][1], group.group_id))
    united = unite(attribute for group in ordered for attribute, _ in group.attributes)
    # Built once for each alert, which may have 1,000 attributes.
    of_alerts = [
        {head: _summary(group, head, internal) for head in {head for _, head in group.attributes}} for group in ordered
    ]
    # The first alert with an attribute, or the first verified one, whose account no producer can forge.
    summaries = {
        identity(attribute): of_alert[head]
        for verified in (False, True)
        for group, of_alert in reversed(list(zip(ordered, of_alerts, strict=True)))
        if not verified or any(each.verified for each in group.heads)
        for attribute, head in reversed(group.attributes)
        if group.heads[head].verified >= verified
    }
    carriers = _carriers(ordered)
    for attribute in united:
        key = identity(attribute)
        valid = canonical(attribute) is not None
        known[key] = KnownAttribute(key, attribute, valid, 0, None, summaries[key], carriers[key])
    _derive(known, list(known.values()))
    in_order = sorted(tasks, key=lambda task: (task.depth, task.task_id))
    for _, of_depth in groupby(in_order, key=lambda task: task.depth):
        found = [each for task in of_depth for each in _found(task, known)]
        _derive(known, found)
    return tuple(_with_side(each, internal) for each in known.values())


def underived(known: Sequence[KnownAttribute]) -> int:
    """Count the hosts and domains that were not derived, because the report has `MAX_ATTRIBUTES` without them."""
    if len(known) < MAX_ATTRIBUTES:
        return 0
    derived = {identity(each) for one in known if (each := derived_from(one.attribute))}
    return len(derived - {one.id for one in known})


def agenda(
    known: Iterable[KnownAttribute],
    inspectors: Sequence[InspectorPlugin],
    ledger: Iterable[LookupRecord],
    limits: Limits,
    internal: InternalEstate = NO_INTERNAL,
    plan: int = FIRST_PLAN,
    seen: Mapping[str, int] = NOTHING_SEEN,
) -> Agenda:
    """Decide which lookups to make.

    Parameters
    ----------
    ledger
        The existing tasks, which are not planned again. All of them count against the budget, except those that an
        egress rule forbade. These cost no call, and count against a separate budget of the same size: they do not
        reduce the number of lookups, and hostile alerts cannot fill the ledger.
    internal
        Internal networks and domains, which are not sent to external inspectors.
    plan
        Sequence number of the Plan.
    seen
        Alerts that earlier Plans left without a lookup, see `left_empty`, with the wave of the first of these Plans.

    Returns
    -------
    Agenda
        Lookups by depth; within a depth the alerts take turns, attribute by attribute, in order of appearance, then by
        the inspector's name. Planning again adds nothing.
    """
    ledger = list(ledger)
    outcomes = {task.task_id: task.outcome for task in ledger}
    refused_before = list(outcomes.values()).count("skipped")
    wanted = _in_turns(
        [
            lookup
            for attribute in known
            for inspector in sorted(inspectors, key=lambda inspector: inspector.name)
            if (lookup := Lookup(inspector, attribute)).task_id not in outcomes and wants(inspector, attribute)
        ]
    )
    in_reach: list[tuple[Lookup, Rule | None]] = [
        (lookup, refusal(lookup.known.attribute, lookup.inspector.external, internal))
        for lookup in wanted
        if lookup.known.depth <= limits.max_depth
    ]
    allowed = [lookup for lookup, rule in in_reach if rule is None]
    refused: list[tuple[Lookup, Rule]] = [(lookup, rule) for lookup, rule in in_reach if rule is not None]
    # By the wave that wrote a task first: an alert is not new again because its runner died or it had no turn.
    spent = [
        Spent(task.carrier, task.wave, task.sequence, task.outcome is None, task.shares_call)
        for task in ledger
        if task.outcome != "skipped"
    ]
    batches = _batches(allowed, ledger, plan)
    shares = share([lookup.known.carrier for lookup in allowed], spent, seen, limits.max_tasks, plan, batches)
    left_refused = max(0, limits.max_tasks - refused_before)
    return Agenda(
        lookups=tuple(allowed[position]._replace(shares_call=position in shares.sharing) for position in shares.now),
        too_deep=tuple(lookup for lookup in wanted if lookup.known.depth > limits.max_depth),
        over_budget=tuple(allowed[position] for position in shares.over),
        refused=tuple(refused[:left_refused]),
        unlisted=tuple(refused[left_refused:]),
        deferred=tuple(allowed[position] for position in shares.deferred),
        wave=shares.wave,
    )


def budget(limits: Limits, ledger: Iterable[LookupRecord]) -> str:
    """Name the limits on the number of lookups, as a clause; the second one applies only with batches."""
    more = f", and a report has at most {MAX_LOOKUPS} lookups" if any(task.shares_call for task in ledger) else ""
    return f"max_inspections_per_report is {limits.max_tasks}{more}"


def beyond(limits: Limits, ledger: Iterable[LookupRecord]) -> str:
    """Return why a lookup is over budget, as one sentence."""
    more = f" or {MAX_LOOKUPS} lookups" if any(task.shares_call for task in ledger) else ""
    return f"Beyond max_inspections_per_report ({limits.max_tasks}){more}."


def left_empty(planned: Agenda, ledger: Iterable[LookupRecord], seen: Mapping[str, int]) -> set[str]:
    """Return the alerts that this Plan leaves without any lookup for the first time.

    They must be stored as seen. Otherwise they would count as new in a later Plan, and use up the reserve of later
    alerts.
    """
    waiting = {lookup.known.carrier for lookup in (*planned.deferred, *planned.over_budget)}
    served = {task.carrier for task in ledger} | {lookup.known.carrier for lookup in planned.lookups}
    return waiting - served - set(seen)


def wants(inspector: InspectorPlugin, known: KnownAttribute) -> bool:
    """Check whether an inspector is attached for an attribute.

    No inspector is called for an invalid value, or for a name that only AWS can use.
    """
    return (
        known.valid
        and not is_without_lookups(known.attribute)
        and takes(inspector, known.attribute, known.alert["detector"])
    )


def takes(inspector: InspectorPlugin, attribute: Attribute, detector: str) -> bool:
    """Check whether an inspector's filters match an attribute in an alert of this detector."""
    return (
        inspector.enabled
        and (not inspector.attribute_types or attribute.type in inspector.attribute_types)
        and (not inspector.contexts or not set(inspector.contexts).isdisjoint(attribute.context))
        and (not inspector.detectors or detector in inspector.detectors)
    )


def lookup_record(
    report_id: str, lookup: Lookup, sequence: int, internal: InternalEstate = NO_INTERNAL, wave: int | None = None
) -> LookupRecord:
    """Convert a lookup to an open task of the ledger, redacted for an external inspector."""
    known, inspector = lookup.known, lookup.inspector
    attribute = redacted_attribute(known.attribute, inspector.external)
    return LookupRecord(
        inspector=inspector.name,
        attribute_id=known.id,
        arn=inspector.arn,
        sequence=sequence,
        depth=known.depth,
        task=_task(report_id, lookup, attribute, redacted_alert(known.alert, inspector.external, internal)),
        cache_seconds=inspector.cache_seconds,
        cache_empty_seconds=inspector.cache_empty_seconds,
        max_per_minute=inspector.max_per_minute,
        max_per_day=inspector.max_per_day,
        carrier=known.carrier,
        wave=first_wave(sequence) if wave is None else wave,
        batch_size=lookup.batch_size,
        shares_call=lookup.shares_call,
        per_account=inspector.per_account,
    )


def skipped_record(report_id: str, lookup: Lookup, rule: Rule, sequence: int, now: int) -> LookupRecord:
    """Convert a lookup that an egress rule forbids to a finished task without an alert, which is not sent."""
    known, inspector = lookup.known, lookup.inspector
    no_alert = redacted_alert({**known.alert, "attributes": []}, External(), NO_INTERNAL)
    return LookupRecord(
        inspector=inspector.name,
        attribute_id=known.id,
        arn=inspector.arn,
        sequence=sequence,
        depth=known.depth,
        task=_task(report_id, lookup, redacted_attribute(known.attribute, None), no_alert),
        ended=now,
        outcome="skipped",
        reason=reason(rule),
    )


def forbidden(task: LookupRecord, inspector: InspectorPlugin, internal: InternalEstate) -> Rule | None:
    """Return the egress rule that now forbids a task of an earlier Plan."""
    return refusal(Attribute.model_validate(task.task["attribute"]), inspector.external, internal)


def redacted_task(task: LookupRecord, inspector: InspectorPlugin, internal: InternalEstate) -> dict[str, Any]:
    """Redact a task of an earlier Plan by the current rules; it is unchanged if they forbid nothing more."""
    attribute = redacted_attribute(Attribute.model_validate(task.task["attribute"]), inspector.external)
    alert = redacted_alert(task.task["alert"], inspector.external, internal)
    spelling = task.task.get("spelling") if may_see_spelling(attribute.type, inspector.external) else None
    return {**task.task, "attribute": attribute.model_dump(mode="json"), "spelling": spelling, "alert": alert}


def reopenable(
    ledger: Iterable[LookupRecord], inspectors: Iterable[InspectorPlugin], internal: InternalEstate
) -> list[LookupRecord]:
    """Return the tasks that had no turn and get another one in the next round, if the rules still allow it."""
    attached = {inspector.name: inspector for inspector in inspectors}
    return [
        task
        for task in ledger
        if task.no_turn
        and not task.reopened
        and (inspector := attached.get(task.inspector))
        and inspector.arn == task.arn
        and forbidden(task, inspector, internal) is None
    ]


def in_chunks(tasks: Iterable[LookupRecord]) -> list[list[str]]:
    """Split tasks into chunks of whole calls for the runner, and return their ids: equal tasks give equal chunks."""
    chunks: list[list[str]] = []
    calls = 0
    for call in in_calls(tasks):
        if not chunks or calls == CHUNK_SIZE or len(chunks[-1]) + len(call) > MAX_BATCH:
            chunks.append([])
            calls = 0
        chunks[-1] += [task.task_id for task in call]
        calls += 1
    return chunks


def _batches(allowed: Sequence[Lookup], ledger: Iterable[LookupRecord], plan: int) -> Batches:
    """Determine which lookups may share calls, also with those that an earlier try of this Plan has written."""
    sizes = {lookup.inspector.name: lookup.batch_size for lookup in allowed if lookup.batch_size > 1}
    written = Counter(task.inspector for task in ledger if task.batch_size > 1 and plan_of(task.wave) == plan)
    return Batches(
        inspectors=[lookup.inspector.name if lookup.batch_size > 1 else None for lookup in allowed],
        sizes=sizes,
        free={name: -written[name] % size for name, size in sizes.items()},
    )


def _task(report_id: str, lookup: Lookup, attribute: Attribute, alert: Mapping[str, Any]) -> dict[str, Any]:
    return InspectionTask(
        report_id=report_id,
        task_id=lookup.task_id,
        inspector=lookup.inspector.name,
        attribute=attribute.model_copy(update={"context": limit_contexts(attribute.context)}),
        spelling=lookup.known.attribute.value if may_see_spelling(attribute.type, lookup.inspector.external) else None,
        alert=AlertSummary.model_validate(alert),
        depth=lookup.known.depth,
    ).model_dump(mode="json")


def _found(task: LookupRecord, known: dict[str, KnownAttribute]) -> list[KnownAttribute]:
    """Add the new attributes of an answer, and return those that were not known."""
    # From the attribute's source: the task may contain a redacted alert.
    source = known.get(task.attribute_id)
    alert = source.alert if source else task.task["alert"]
    origin = Origin(task.inspector, task.attribute_id)
    added: list[KnownAttribute] = []
    for attribute in task.new_attributes:
        key = identity(attribute)
        if key not in known:
            valid = canonical(attribute) is not None
            known[key] = KnownAttribute(key, attribute, valid, task.depth + 1, origin, alert, task.carrier)
            added.append(known[key])
    return added


def _derive(known: dict[str, KnownAttribute], sources: Iterable[KnownAttribute]) -> None:
    """Add the attributes that are derived from others of one depth, or unite them with equal ones of this depth."""
    for source in sources:
        attribute = derived_from(source.attribute)
        if attribute is None:
            continue
        key = identity(attribute)
        earlier = known.get(key)
        if earlier is not None and earlier.depth == source.depth:
            known[key] = earlier._replace(attribute=with_contexts_of(attribute, earlier.attribute))
        elif earlier is None and len(known) < MAX_ATTRIBUTES:
            origin = Origin(None, source.id)
            known[key] = KnownAttribute(key, attribute, True, source.depth, origin, source.alert, source.carrier)


def _with_side(known: KnownAttribute, internal: InternalEstate) -> KnownAttribute:
    attribute = with_side(known.attribute, internal)
    return known if attribute is known.attribute else known._replace(attribute=attribute)


def _carriers(ordered: Iterable[GroupSummary]) -> dict[str, str]:
    """Find for each attribute the alert that has it at the earliest position, or the first such alert."""
    found: dict[str, tuple[int, str]] = {}
    for group in ordered:
        ids = [identity(attribute) for attribute, _ in group.attributes]
        for position, head in enumerate(group.heads):
            for place, index in enumerate(head.attributes):
                if ids[index] not in found or place < found[ids[index]][0]:
                    found[ids[index]] = (place, group.carrier(position))
    return {key: carrier for key, (_, carrier) in found.items()}


def _in_turns(wanted: Iterable[Lookup]) -> list[Lookup]:
    """Sort lookups by depth, then by the number of attributes of the same alert before them."""
    before: Counter[tuple[int, str]] = Counter()
    turns: dict[str, tuple[int, int]] = {}
    ordered = list(wanted)
    for lookup in ordered:
        if lookup.known.id not in turns:
            place = (lookup.known.depth, lookup.known.carrier)
            turns[lookup.known.id] = (lookup.known.depth, before[place])
            before[place] += 1
    return sorted(ordered, key=lambda lookup: turns[lookup.known.id])


def _summary(group: GroupSummary, position: int, internal: InternalEstate) -> dict[str, Any]:
    head = group.heads[position]
    attributes = [group.attributes[index][0] for index in head.attributes[:MAX_SUMMARY_ATTRIBUTES]]
    sizes = accumulate(map(size_of, attributes))
    return {
        "detector": head.detector,
        "rule_id": head.rule_id,
        "rule_name": head.rule_name,
        "alert_key": head.alert_key,
        "description": head.description,
        "timestamp": head.timestamp,
        "severity": head.severity,
        "account": head.account,
        "region": head.region,
        "attributes": [
            with_side(attribute, internal).model_dump(mode="json")
            for attribute, size in zip(attributes, sizes, strict=True)
            if size <= MAX_SUMMARY_LENGTH
        ],
    }
