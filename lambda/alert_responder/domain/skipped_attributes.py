"""Attributes that match an inspector's filters but are not sent to it; the report lists them as `skipped`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.attributes import identity
from alert_responder.domain.internal import InternalEstate
from alert_responder.domain.lookup_plan import KnownAttribute, takes, wants
from alert_responder.domain.missing_attributes import Missing, Why, united_missing
from alert_responder.domain.records import GroupSummary, LookupRecord
from alert_responder.domain.sides import SIDED_TYPES, SIDES, derived_side

_WHY: dict[Why, str] = {
    "large": "The value is longer than 4,096 characters.",
    "much": "The values of the alert's attributes have more than 100,000 characters together.",
    "many": "The alert has more than 1,000 attributes, and this is not one of the first 1,000.",
}
_UNFIT = "The value does not fit its type."


class Unasked(NamedTuple):
    """An inspector, an attribute that is not sent to it, and the reason."""

    inspector: str
    attribute_id: str
    attribute: Attribute
    depth: int
    reason: str


def unasked(
    known: Iterable[KnownAttribute], groups: Sequence[GroupSummary], inspectors: Sequence[InspectorPlugin]
) -> list[Unasked]:
    """List the attributes that are not in the report, one per type, and then those that do not fit their type."""
    in_order = sorted(inspectors, key=lambda inspector: inspector.name)
    return [*_missing(groups, in_order), *_unfit(known, in_order)]


def called_local(
    known: Iterable[KnownAttribute],
    lookups: Iterable[LookupRecord],
    inspectors: Sequence[InspectorPlugin],
    internal: InternalEstate,
) -> int:
    """Count the public addresses and domains without lookups because alerts call them local.

    These are the attributes that an inspector would be asked about if the side was derived. URLs and their hosts do not
    count: many are links to the detector's console.
    """
    asked = {lookup.attribute_id for lookup in lookups}
    return sum(
        derived_side(each.attribute, internal) == "remote"
        and any(wants(inspector, _called_remote(each)) for inspector in inspectors)
        and not any(wants(inspector, each) for inspector in inspectors)
        for each in known
        if each.id not in asked
        and each.attribute.type in {"domain", "ipaddr"}
        and not (each.origin and each.origin.inspector is None)
        and set(each.attribute.context) & SIDES == {"local"}
    )


def _called_remote(known: KnownAttribute) -> KnownAttribute:
    return known._replace(attribute=_with_contexts(known.attribute, ("remote",)))


def _with_contexts(attribute: Attribute, contexts: Iterable[str]) -> Attribute:
    return attribute.model_copy(update={"context": tuple(sorted({*attribute.context, *contexts}))})


def _might_take(inspector: InspectorPlugin, attribute: Attribute, detector: str) -> bool:
    """Like `takes`; an attribute may have either side if none can be derived from its value."""
    if attribute.type in SIDED_TYPES and SIDES.isdisjoint(attribute.context):
        attribute = _with_contexts(attribute, SIDES)
    return takes(inspector, attribute, detector)


def _missing(groups: Sequence[GroupSummary], inspectors: Sequence[InspectorPlugin]) -> Iterator[Unasked]:
    if not groups:
        return
    # All alerts of a report have the same detector.
    detector = groups[0].heads[0].detector
    for missing in united_missing(group.missing for group in groups):
        for inspector in inspectors:
            if _might_take(inspector, missing.attribute, detector):
                yield Unasked(inspector.name, identity(missing.attribute), missing.attribute, 0, _reason(missing))


def _reason(missing: Missing) -> str:
    more = f" The same applies to {missing.number - 1:,} more attributes of this type." if missing.number > 1 else ""
    return _WHY[missing.why] + more


def _unfit(known: Iterable[KnownAttribute], inspectors: Sequence[InspectorPlugin]) -> Iterator[Unasked]:
    for each in known:
        if not each.valid:
            for inspector in inspectors:
                if _might_take(inspector, each.attribute, each.alert["detector"]):
                    yield Unasked(inspector.name, each.id, each.attribute, each.depth, _UNFIT)
