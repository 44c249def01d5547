"""Parse a batch of the stream into groups of alerts that are ready to be stored, before any call of AWS.

An error while a record is parsed, summarised or packed affects only that record, or one alert of it. It never delays
the rest of the batch or of the shard.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, TypeVar

from alert_responder.domain.aggregation import by_alert_id
from alert_responder.domain.body_details import extract_details
from alert_responder.domain.origin import NO_RULES, OriginRules, named_in_body, origin_of
from alert_responder.domain.records import Event
from alert_responder.domain.stream import StreamRecord, event_id
from alert_responder.errors import TimeLimitExceededError
from alert_responder.formats import ParsedAlert, Reject, parse_record
from alert_responder.formats.messages import internal_error
from alert_responder.formats.registry import Format
from alert_responder.store.reports import StoredGroup, pack_groups

_T = TypeVar("_T")

_PANIC = "PanicException"
"""Raised by pydantic for bugs in its Rust code. It is not an `Exception`, and cannot be imported."""

Limit = Callable[[], AbstractContextManager[None]]
"""Limits the time of the code inside, which may end with any exception."""


class Group(NamedTuple):
    """Alerts of one alert id, by arrival, and packed."""

    alert_id: str
    events: tuple[Event, ...]
    packed: tuple[StoredGroup, ...]


class Batch(NamedTuple):
    """A parsed batch.

    Attributes
    ----------
    rejects
        Rejected parts, by sequence number of their record.
    unread
        Sequence numbers of records that were not parsed for lack of time.
    """

    groups: tuple[Group, ...]
    rejects: dict[str, list[Reject]]
    unread: frozenset[str]

    @property
    def events(self) -> list[Event]:
        """All alerts."""
        return [event for group in self.groups for event in group.events]

    @property
    def packed(self) -> dict[str, tuple[StoredGroup, ...]]:
        """All packed groups, by alert id."""
        return {group.alert_id: group.packed for group in self.groups}


def read_batch(
    records: Sequence[StreamRecord],
    formats: Iterable[Format],
    limit: Limit = nullcontext,
    has_time: Callable[[], bool] = lambda: True,
    rules: OriginRules = NO_RULES,
) -> Batch:
    """Parse a batch; exceptions become rejects, unless they end the process.

    Parameters
    ----------
    limit
        Limits the time for one record, and for one group of alerts.
    has_time
        Whether another record may be parsed.
    rules
        What the installation knows of senders.
    """
    rejects: dict[str, list[Reject]] = {}
    events: list[Event] = []
    unread: set[str] = set()
    for record in records:
        if not has_time():
            unread.add(record.sequence_number)
            continue
        read = attempt(lambda record=record: _read(record, formats, rules), limit)  # type: ignore[misc]
        found, wrong = ([], [read]) if isinstance(read, Reject) else read
        events += found
        if wrong:
            rejects.setdefault(record.sequence_number, []).extend(wrong)
    groups = [_packed(alert_id, group, limit, rejects) for alert_id, group in by_alert_id(events).items()]
    return Batch(tuple(group for group in groups if group.events), rejects, frozenset(unread))


def attempt(work: Callable[[], _T], limit: Limit = nullcontext) -> _T | Reject:
    """Do pure work; return its result, or the exception as a reject."""
    try:
        with limit():
            return work()
    except (Exception, TimeLimitExceededError) as error:  # noqa: BLE001 - any exception concerns this work alone
        return Reject(None, internal_error(error), internal=True)
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        return Reject(None, internal_error(error), internal=True)


def event_of(record: StreamRecord, parsed: ParsedAlert, rules: OriginRules = NO_RULES) -> Event:
    """Return a parsed alert as it arrived, with its origin."""
    named = parsed.named or named_in_body(extract_details(parsed.alert.body))
    return Event(
        event_id(record, parsed.event_id, parsed.place),
        record.arrival,
        record.sequence_number,
        parsed.alert,
        parsed.cut_off,
        parsed.beyond,
        parsed.unfit,
        parsed.native,
        origin_of(parsed.sender, named, rules, record.stream),
    )


def _read(record: StreamRecord, formats: Iterable[Format], rules: OriginRules) -> tuple[list[Event], list[Reject]]:
    parsed, rejects = parse_record(record.data, formats)
    return [event_of(record, each, rules) for each in parsed], rejects


def _packed(alert_id: str, events: tuple[Event, ...], limit: Limit, rejects: dict[str, list[Reject]]) -> Group:
    """Pack a group; if that fails, pack its alerts one by one, and reject those that fail."""
    packed = attempt(lambda: pack_groups(events), limit)
    if not isinstance(packed, Reject):
        _note_shortened(events, packed, rejects)
        return Group(alert_id, events, tuple(packed))
    kept: list[Event] = []
    alone: list[StoredGroup] = []
    for event in events:
        packed = attempt(lambda event=event: pack_groups([event]), limit)  # type: ignore[misc]
        if isinstance(packed, Reject):
            rejects.setdefault(event.record, []).append(packed)
        else:
            kept.append(event)
            alone += packed
    _note_shortened(events, alone, rejects)
    return Group(alert_id, tuple(kept), tuple(alone))


def _note_shortened(events: Iterable[Event], packed: Iterable[StoredGroup], rejects: dict[str, list[Reject]]) -> None:
    """Reject alerts that are too large to be stored whole, so that their records are archived."""
    records = {event.event_id: event.record for event in events}
    for group in packed:
        if group.shortened:
            ((event_id, _),) = group.summary.events
            rejects.setdefault(records[event_id], []).append(Reject(None, group.shortened))
