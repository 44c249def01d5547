"""Which report an alert belongs to, and how the alerts of a batch are grouped (protocol: receptor)."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from alert_responder.contracts.alert import Alert, AttemptOutcome, Attribute
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.domain.admission import Key, Overflow, first_keys
from alert_responder.domain.alert_ranking import gravest
from alert_responder.domain.attributes import MAX_VALUE_LENGTH, identity, united
from alert_responder.domain.body_details import particulars
from alert_responder.domain.free_text import with_little_text
from alert_responder.domain.missing_attributes import MissingAttributes
from alert_responder.domain.records import AlertHead, Event, GroupSummary, Head, Window
from alert_responder.domain.sources import sources_of

MAX_ATTRIBUTES_LENGTH = 100_000
"""Values of all attributes of one alert that are inspected [characters]: with what else is kept of the alert they must
fit a DynamoDB item."""

MAX_NAME_LENGTH = 1024
"""Longest rule name and severity in a summary [characters]; the alert itself keeps them whole."""

_HEAD_LENGTH, _ATTRIBUTE_LENGTH, _EVENT_LENGTH = 250, 90, 90
"""Beside its texts: the names of the fields, and ids."""

MAX_DESCRIPTION_LENGTH = 2048
"""Longest description in a summary [characters]; the alert itself keeps it whole."""


MAX_SHORTENED_LENGTH = 100_000
"""Longest rule name, description and severity of an alert that is too large to be stored whole [characters]."""

TOO_LARGE = "This alert is too large to be stored whole; the archive keeps it under rejected/."
"""Stands for the body of such an alert."""


def by_alert_id(events: Iterable[Event]) -> dict[str, tuple[Event, ...]]:
    """Group a batch by alert id, each event id once.

    Returns
    -------
    dict
        Alert id to its events by arrival, then event id; insensitive to order and repetition in `events`.
    """
    groups: dict[str, dict[str, Event]] = {}
    for event in sorted(events, key=_order):
        groups.setdefault(event.alert.alert_id, {}).setdefault(event.event_id, event)
    return {alert_id: tuple(group.values()) for alert_id, group in groups.items()}


def open_window(
    events: Sequence[Event], report_id: str, window_ms: int, previous: Window | None
) -> tuple[Window, tuple[Event, ...]]:
    """Open a report at the earliest of some events that belong to none.

    Parameters
    ----------
    events
        At least one, by arrival.
    window_ms
        Length of the new report's window [ms, > 0].
    previous
        The window that was the newest so far; the new report names it.

    Returns
    -------
    window, events
        The new window, and those of the events that arrived inside it: at least the first.
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
    """Return the window in which an overflow report takes alerts: of all alert ids, or of one that had a report before.

    It ends with the hour, so that an alert id gets another chance of a report of its own.

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
    """Return the head of a report that was just opened with its first group of alerts."""
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
    """Keep of a group of alerts what planning needs.

    Parameters
    ----------
    events
        At least one, by arrival; all of one alert id, but for those of an overflow report.

    Returns
    -------
    GroupSummary
        Its id is the hash of the sorted event ids: the same group is the same item, however often it is delivered.
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
    outcomes: list[AttemptOutcome | None] = [particulars(event.alert.body).outcome for event in events]
    said = [(event.alert.detector, event.alert.severity) for event in events]
    worst = set(gravest((*each, outcome) for each, outcome in zip(said, outcomes, strict=True)))
    for place, event in enumerate(events):
        carried = tuple({position[key]: None for key, _ in kept[event.event_id]})
        first_of = [index for index in carried if index not in carrier]
        # An alert with a few attributes is not to wait for one that has them behind a thousand others.
        further = {index: rank for rank, index in enumerate(carried) if rank < foremost.get(index, len(position))}
        if not heads or further or place in worst:
            carrier.update(dict.fromkeys(first_of, len(heads)))
            foremost |= further
            heads.append(_head(event, carried, place, outcomes[place]))
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
    )


def key_of(alert: Alert | AlertHead) -> Key:
    """Return what tells the alert's incident from others."""
    return alert.detector, alert.rule_id, alert.alert_key


def summary_length(summary: GroupSummary) -> int:
    """Return about how long a summary is as JSON [characters]."""
    heads = sum(
        _HEAD_LENGTH + len(head.description) + len(head.rule_name) + len(head.alert_key) for head in summary.heads
    )
    attributes = sum(_ATTRIBUTE_LENGTH + size_of(attribute) for attribute, _ in summary.attributes)
    return heads + attributes + _EVENT_LENGTH * len(summary.events)


def group_id(event_ids: Iterable[str]) -> str:
    """Hash a set of event ids: 64 hexadecimal digits, insensitive to order."""
    return hashlib.sha256(json.dumps(sorted(event_ids), separators=(",", ":")).encode()).hexdigest()


def alert_bodies(events: Iterable[Event]) -> list[dict[str, object]]:
    """Write a group's alerts whole: `event_id`, `arrival` [ms] and `alert` of each."""
    return [{"event_id": event.event_id, "arrival": event.arrival, "alert": event.alert} for event in events]


def shortened(event: Event) -> tuple[Event, str]:
    """Make an alert that is too large small enough for any store; say what was left out of it."""
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
    """Find the report that owns an arrival, as far as the heads read so far tell.

    Parameters
    ----------
    arrival
        When the alert came in [ms].
    newest
        The alert id's newest window.
    heads
        Heads of earlier reports that were read so far, of an overflow report the alert id's own window in it; None for
        one that is missing or expired.

    Returns
    -------
    str or None
        A report id, or None when the arrival is past the newest window: a report is to be opened. When the returned
        report is neither the newest nor in `heads`, its head must be read and the question asked again. An expired
        report takes no more alerts; the oldest that is left does.
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
    """Return how much of the limits an attribute takes up [characters]."""
    return len(attribute.value) + len(attribute.key) + sum(map(len, attribute.context))


def _order(event: Event) -> tuple[int, str]:
    return (event.arrival, event.event_id)


def _inspectable(event: Event, missing: MissingAttributes) -> list[Attribute]:
    """Pick the attributes of an alert that are small enough, in order; the alert itself keeps all."""
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
    return with_little_text(kept)


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
    )
