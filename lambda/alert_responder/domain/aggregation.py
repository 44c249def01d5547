"""Which report an alert belongs to, and how the alerts of a batch are grouped."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from alert_responder.contracts.alert import Alert, AttemptOutcome, Attribute
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.admission import Key, Overflow, first_keys
from alert_responder.domain.alert_ranking import worst_alerts
from alert_responder.domain.attributes import MAX_VALUE_LENGTH, identity, united
from alert_responder.domain.body_details import extract_details
from alert_responder.domain.chain import MAX_FINDINGS, finding_state, united_states
from alert_responder.domain.free_text import limit_free_text
from alert_responder.domain.missing_attributes import MissingAttributes
from alert_responder.domain.records import AlertHead, Event, GroupSummary, Head, Window
from alert_responder.domain.sources import sources_of

MAX_ATTRIBUTES_LENGTH = 100_000
"""Maximum total length of the attribute values of one alert that are inspected [characters]: with the rest of the
summary they must fit a DynamoDB item."""

MAX_NAME_LENGTH = 1024
"""Longest rule name and severity in a summary [characters]; the stored alert has the whole text."""

_HEAD_LENGTH, _ATTRIBUTE_LENGTH, _EVENT_LENGTH, _STATE_LENGTH = 250, 90, 90, 140
"""Length of field names and ids in a summary, in addition to its texts [characters]."""

MAX_DESCRIPTION_LENGTH = 2048
"""Longest description in a summary [characters]; the stored alert has the whole text."""


MAX_SHORTENED_LENGTH = 100_000
"""Longest rule name, description and severity of an alert that is too large to be stored whole [characters]."""

TOO_LARGE = "This alert is too large to be stored whole; it is archived under rejected/."
"""Replaces the body of such an alert."""


def by_alert_id(events: Iterable[Event]) -> dict[str, tuple[Event, ...]]:
    """Group a batch by alert id, each event id once.

    Returns
    -------
    dict
        Alert id to its events, sorted by arrival and event id. Order and duplicates in `events` do not matter.
    """
    groups: dict[str, dict[str, Event]] = {}
    for event in sorted(events, key=_order):
        groups.setdefault(event.alert.alert_id, {}).setdefault(event.event_id, event)
    return {alert_id: tuple(group.values()) for alert_id, group in groups.items()}


def open_window(
    events: Sequence[Event], report_id: str, window_ms: int, previous: Window | None
) -> tuple[Window, tuple[Event, ...]]:
    """Open a report for events that belong to none, starting at the earliest.

    Parameters
    ----------
    events
        At least one, by arrival.
    window_ms
        Length of the new report's window [ms, > 0].
    previous
        The newest window so far, to which the new report refers.

    Returns
    -------
    window, events
        The new window, and the events that arrived inside it: at least the first.
    """
    opened = events[0].arrival
    window = Window(
        report_id=report_id,
        opened=opened,
        ends=opened + window_ms,
        previous=previous.report_id if previous else None,
        previous_ends=previous.ends if previous else None,
    )
    return window, tuple(event for event in events if event.arrival < window.ends)


def overflow_window(events: Sequence[Event], report_id: str, ends: int, previous: Window | None = None) -> Window:
    """Return the window in which an overflow report takes alerts of all alert ids, or of one that had a report before.

    It ends with the hour. The alert id may then get a report of its own.

    Parameters
    ----------
    events
        At least one, by arrival.
    ends
        End of the hour [ms].
    previous
        The newest window of the alert id so far.
    """
    return Window(
        report_id=report_id,
        opened=events[0].arrival,
        ends=ends,
        previous=previous.report_id if previous else None,
        previous_ends=previous.ends if previous else None,
        overflow=True,
    )


def new_head(window: Window, alert_id: str, overflow: Overflow | None = None) -> Head:
    """Return the head of a new report with its first group of alerts."""
    return Head(
        report_id=window.report_id,
        alert_id=alert_id,
        revision=1,
        state="open",
        round=1,
        started=0,
        opened=window.opened,
        ends=window.ends,
        previous=window.previous,
        previous_ends=window.previous_ends,
        overflow=overflow,
    )


def summarise(events: Sequence[Event]) -> GroupSummary:
    """Summarise what planning needs of a group of alerts.

    Parameters
    ----------
    events
        At least one, by arrival; all of one alert id, except in an overflow report.

    Returns
    -------
    GroupSummary
        Its id is the hash of the sorted event ids: a group that is delivered again is the same item.
    """
    missing = MissingAttributes()
    kept = {
        event.event_id: [(identity(attribute), attribute) for attribute in _inspectable(event, missing)]
        for event in events
    }
    attributes = united(pair for event in events for pair in kept[event.event_id])
    position = {key: index for index, key in enumerate(attributes)}
    heads: list[AlertHead] = []
    carrier: dict[int, int] = {}
    foremost: dict[int, int] = {}
    details = [extract_details(event.alert.body) for event in events]
    outcomes: list[AttemptOutcome | None] = [each.outcome for each in details]
    ranked_by = [(event.alert.detector, event.alert.severity) for event in events]
    worst = set(worst_alerts((*each, outcome) for each, outcome in zip(ranked_by, outcomes, strict=True)))
    # Verified alerts first: inspectors get them as context, even if another producer was faster.
    for place, event in sorted(enumerate(events), key=lambda each: not each[1].origin.verified):
        carried = tuple({position[key]: None for key, _ in kept[event.event_id]})
        first_of = [index for index in carried if index not in carrier]
        # An alert with few attributes must not wait for one that has the same ones after a thousand others.
        further = {index: rank for rank, index in enumerate(carried) if rank < foremost.get(index, len(position))}
        if not heads or further or place in worst:
            carrier.update(dict.fromkeys(first_of, len(heads)))
            foremost |= further
            heads.append(_head(event, carried, place, outcomes[place]))
    states = tuple(
        united_states(
            finding_state(
                event.alert,
                event.arrival,
                each,
                ((key, one.context) for key, one in kept[event.event_id]),
                verified=event.origin.verified,
            )
            for event, each in zip(events, details, strict=True)
        ).values()
    )
    return GroupSummary(
        group_id=group_id(event.event_id for event in events),
        events=tuple((event.event_id, event.arrival) for event in events),
        heads=tuple(heads),
        attributes=tuple((attribute, carrier[index]) for index, attribute in enumerate(attributes.values())),
        left_out=sum(len(event.alert.attributes) - len(kept[event.event_id]) for event in events),
        cut_off=sum(event.cut_off for event in events),
        sources=sources_of(event.alert for event in events),
        unfit=sum(event.unfit for event in events),
        missing=missing.listed(),
        keys=keys if len(keys := first_keys([[key_of(event.alert) for event in events]])) > 1 else (),
        states=states if len(states) <= MAX_FINDINGS else None,
        native=tuple(place for place, event in enumerate(events) if event.native),
        mismatched=sum(event.origin.named is not None for event in events),
    )


def key_of(alert: Alert | AlertHead) -> Key:
    """Return the three fields that identify the alert's incident."""
    return alert.detector, alert.rule_id, alert.alert_key


def summary_length(summary: GroupSummary) -> int:
    """Estimate the length of a summary as JSON [characters]."""
    heads = sum(
        _HEAD_LENGTH + len(head.description) + len(head.rule_name) + len(head.alert_key) for head in summary.heads
    )
    attributes = sum(_ATTRIBUTE_LENGTH + size_of(attribute) for attribute, _ in summary.attributes)
    states = _STATE_LENGTH * len(summary.states or ())
    return heads + attributes + states + _EVENT_LENGTH * len(summary.events)


def group_id(event_ids: Iterable[str]) -> str:
    """Hash a set of event ids into 64 hexadecimal digits; the order does not matter."""
    return hashlib.sha256(json.dumps(sorted(event_ids), separators=(",", ":")).encode()).hexdigest()


def alert_bodies(events: Iterable[Event]) -> list[dict[str, object]]:
    """Return a group's whole alerts: `event_id`, `arrival` [ms], `alert` and `origin` of each."""
    return [
        {
            "event_id": event.event_id,
            "arrival": event.arrival,
            "alert": event.alert,
            "origin": event.origin._asdict(),
        }
        for event in events
    ]


def shortened(event: Event) -> tuple[Event, str]:
    """Shorten an alert that is too large to be stored; return it with a description of what was left out."""
    alert = event.alert
    attributes = tuple(_inspectable(event, MissingAttributes()))
    changes = {
        "attributes": attributes,
        "body": TOO_LARGE,
        "rule_name": alert.rule_name[:MAX_SHORTENED_LENGTH],
        "description": alert.description[:MAX_SHORTENED_LENGTH],
        "severity": alert.severity and alert.severity[:MAX_SHORTENED_LENGTH],
    }
    left_out = f"its body and {len(alert.attributes) - len(attributes):,} attributes were left out"
    return (
        event._replace(alert=alert.model_copy(update=changes)),
        f"an alert is too large to be stored whole: {left_out}",
    )


def owner_of(arrival: int, newest: Window, heads: Mapping[str, Head | Window | None]) -> str | None:
    """Find the report that owns an arrival, using the heads that have been read so far.

    Parameters
    ----------
    arrival
        When the alert arrived [ms].
    newest
        The alert id's newest window.
    heads
        Heads of earlier reports that have been read so far; for an overflow report, the alert id's window in it. None
        for a report that is missing or expired.

    Returns
    -------
    str or None
        A report id; None if the arrival is after the newest window and a report must be opened. If the report is
        neither the newest nor in `heads`, read its head and call again. An expired report takes no alerts; the oldest
        report that is left takes them.
    """
    if arrival >= newest.ends:
        return None
    owner, previous, previous_ends = newest.report_id, newest.previous, newest.previous_ends
    while previous is not None and previous_ends is not None and arrival < previous_ends:
        if previous not in heads:
            return previous
        head = heads[previous]
        if head is None:
            break
        owner, previous, previous_ends = previous, head.previous, head.previous_ends
    return owner


def size_of(attribute: Attribute) -> int:
    """Return the length of an attribute that counts against limits [characters]."""
    return len(attribute.value) + len(attribute.key) + sum(map(len, attribute.context))


def _order(event: Event) -> tuple[int, str]:
    return (event.arrival, event.event_id)


def _inspectable(event: Event, missing: MissingAttributes) -> list[Attribute]:
    """Return the attributes of an alert that are small enough, in order; the stored alert has all."""
    left, kept = MAX_ATTRIBUTES_LENGTH, []
    for attribute in event.alert.attributes:
        length = len(attribute.value)
        if length <= min(left, MAX_VALUE_LENGTH):
            kept.append(attribute)
            left -= length
        else:
            missing.add("large" if length > MAX_VALUE_LENGTH else "much", attribute)
    for attribute in event.beyond:
        missing.add("many", attribute)
    return limit_free_text(kept)


def _head(event: Event, attributes: tuple[int, ...], place: int, outcome: AttemptOutcome | None) -> AlertHead:
    alert = event.alert
    return AlertHead(
        detector=alert.detector,
        rule_id=alert.rule_id,
        rule_name=alert.rule_name[:MAX_NAME_LENGTH],
        alert_key=alert.alert_key,
        description=alert.description[:MAX_DESCRIPTION_LENGTH],
        timestamp=format_rfc3339(int(alert.timestamp.timestamp() * 1000)) if alert.timestamp else None,
        severity=alert.severity and alert.severity[:MAX_NAME_LENGTH],
        attributes=attributes,
        event=place,
        outcome=outcome,
        account=event.origin.account,
        region=event.origin.region,
        verified=event.origin.verified,
    )
