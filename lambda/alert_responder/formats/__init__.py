"""The formats of alerts on the stream, told apart by their own fields.

To add a format:

1. Write a module beside these with ``recognises(document) -> bool`` and ``to_alert(document) -> Alert``, which may
   raise `RejectedAlertError` and nothing else. `extraction` reads fields by path and collects attributes.
2. Add the module to `FORMATS` below, before formats that would recognise its documents as well.
3. Put a sample event into ``tests/events/<service>_<event>.json`` and run ``tests/unit/formats``: the test prints the
   snapshot to check and to put beside the others.

Everything here is pure. Input is hostile: whatever the bytes, `parse_record` gives an answer and raises nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from alert_responder.contracts.alert import Alert, Attribute, Source
from alert_responder.domain.attributes import unite
from alert_responder.domain.missing_attributes import samples
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes
from alert_responder.formats.envelope import open_envelopes
from alert_responder.formats.extraction import MAX_ATTRIBUTES
from alert_responder.formats.lenient_json import without_unfit
from alert_responder.formats.messages import internal_error, quoted
from alert_responder.formats.record import decode
from alert_responder.formats.registry import BUILTIN_FORMATS, Format

_T = TypeVar("_T")

MAX_ALERTS_PER_RECORD = 1000
"""Most alerts of one record. Security Hub's largest answer has 100; a hostile record of 10 MB could name millions."""


UNKNOWN = "the format is not known"
"""How the reason begins where no format recognises a document."""


class ParsedAlert(NamedTuple):
    """One alert of a record.

    Attributes
    ----------
    position
        Place in the record, from 0, counted over alerts and rejects alike.
    event_id
        The id of the record's outermost object, if that is an envelope; see `domain.stream.event_id`.
    alert
        With united attributes, at most `MAX_ATTRIBUTES` of them.
    cut_off
        How many attributes it had beyond these; the record is rejected besides, so that it is kept whole.
    beyond
        Of these the first of each type.
    unfit
        How many of its fields did not fit and were left out or changed; the record is rejected besides.
    place
        Which document of the record it was in, and which event of that, from 0. Unlike the position it does not depend
        on which formats there are for what stands before it.
    """

    position: int
    event_id: str | None
    alert: Alert
    cut_off: int = 0
    beyond: tuple[Attribute, ...] = ()
    unfit: int = 0
    place: str = "0/0"


class Reject(NamedTuple):
    """A record, or one finding of it, that is no alert.

    Attributes
    ----------
    position
        Place in the record, from 0; None: the record as a whole.
    reason
        One sentence: what was wrong, at which field, what is allowed. Safe to log: input is escaped and cut short.
    internal
        Whether the fault is in this package.
    """

    position: int | None
    reason: str
    internal: bool = False


def parse_record(data: bytes, formats: Iterable[Format] = BUILTIN_FORMATS) -> tuple[list[ParsedAlert], list[Reject]]:
    """Read the alerts of one record of the stream.

    Parameters
    ----------
    data
        The record's data, as Kinesis carries it: one JSON object in UTF-8, or a list of them.
    formats
        In the order they are asked; gone through once for each alert.

    Returns
    -------
    tuple of list of ParsedAlert, list of Reject
        Both in order; never both empty. A finding that cannot be read does not hinder its neighbours.
    """
    try:
        document, lenient, fault = decode(data)
    except RejectedAlertError as error:
        return [], [Reject(None, error.reason)]
    if not isinstance(document, dict | list) or document == []:
        reason = f"the record must be one JSON object, or a list of them, not {quoted(document)}"
        return [], [Reject(None, reason)]
    parsed: list[ParsedAlert] = []
    rejected: list[Reject] = [] if fault is None else [Reject(None, f"{fault}; such bytes were spelled out")]
    for position, event in enumerate(_events(document, formats, lenient=lenient)):
        if position == MAX_ALERTS_PER_RECORD:
            reason = f"the record holds more than {MAX_ALERTS_PER_RECORD} alerts; the first {position} were read"
            rejected.append(Reject(None, reason))
            break
        if isinstance(event, Reject):
            rejected.append(event._replace(position=position))
            continue
        result = _attempt(partial(_read, event))
        if isinstance(result, Reject):
            rejected.append(_with_notes(result, event.notes)._replace(position=position))
            continue
        alert, more = result
        cut_off, unfit = len(more), event.notes.count
        parsed.append(ParsedAlert(position, event.event_id, alert, cut_off, samples(more), unfit, event.place))
        if unfit:
            shown_notes = "; ".join(event.notes.texts)
            reason = f"alert {position} was read without {unfit:,} of its fields that do not fit: {shown_notes}"
            rejected.append(Reject(None, reason))
        if cut_off:
            reason = f"alert {position} has {cut_off} attributes more than the {MAX_ATTRIBUTES} that were read of it"
            rejected.append(Reject(None, reason))
    return parsed, rejected


class _Event(NamedTuple):
    """One event of a record, and the format that reads it."""

    event_id: str | None
    place: str
    region: str | None
    account: str | None
    document: dict[str, Any]
    format: Format
    notes: Notes


def _events(document: Any, formats: Iterable[Format], *, lenient: bool) -> "Iterator[_Event | Reject]":
    """Yield the events of a record in order, or in its place what is wrong with one."""
    for which, content in enumerate(open_envelopes(document, lenient=lenient)):
        if isinstance(content, str):
            yield Reject(None, content)
            continue
        notes = Notes()
        inside = without_unfit(content.document, notes.add) if content.lenient else content.document
        found = _attempt(partial(_chosen, inside, formats))
        if isinstance(found, Reject):
            yield _with_notes(found, notes)
            continue
        chosen, events = found
        for number, event in enumerate(events):
            if isinstance(event, dict):
                place = f"{which}/{number}"
                yield _Event(content.event_id, place, content.region, content.account, event, chosen, notes.copy())
            else:
                yield Reject(None, f"event {number} of the list must be an object, not {quoted(event)}")


def _with_notes(reject: Reject, notes: Notes) -> Reject:
    """Say of an event that is rejected what was left out of it before."""
    return reject._replace(reason="; ".join((reject.reason, *notes.texts))) if notes.count else reject


def _attempt(step: Callable[[], _T]) -> _T | Reject:
    """Return what a step does, or the reason why it cannot; never raises."""
    try:
        return step()
    except RejectedAlertError as error:
        return Reject(None, error.reason)
    except Exception as error:  # noqa: BLE001 (an unexpected error in one event must not stop the stream)
        return Reject(None, internal_error(error), internal=True)


def _read(event: _Event) -> tuple[Alert, tuple[Attribute, ...]]:
    """Read an alert, and give those of its attributes that were cut off."""
    alert = event.format.to_alert(event.document, event.notes)
    united = unite(alert.attributes)
    kept = united[:MAX_ATTRIBUTES]
    changes: dict[str, Any] = {}
    if len(kept) < len(alert.attributes):
        changes["attributes"] = kept
    if event.account and len(kept) < MAX_ATTRIBUTES and not any(each.type == "account" for each in kept):
        # CloudWatch alarms, among others, name their account on the envelope alone.
        changes["attributes"] = (*kept, _of_account(event.account))
    if event.region and (alert.source is None or alert.source.region is None):
        changes["source"] = _in_region(alert, event.region)
    if changes:
        # A copy costs about as much as reading the alert; mostly there is nothing to change.
        alert = alert.model_copy(update=changes)
    return alert, united[MAX_ATTRIBUTES:]


def _chosen(document: dict[str, Any], formats: Iterable[Format]) -> tuple[Format, list[Any]]:
    """Choose the format of a document, and list the events in it."""
    candidates: Callable[[dict[str, Any]], Iterable[Format]] | None = getattr(formats, "candidates", None)
    for candidate in formats if candidates is None else candidates(document):
        if candidate.recognises(document):
            events: Callable[[dict[str, Any]], list[Any]] | None = getattr(candidate, "events", None)
            return candidate, [document] if events is None else events(document)
    fields = ", ".join(quoted(key) for key in list(document)[:5]) or "none"
    raise RejectedAlertError(
        f"{UNKNOWN}: an Alert, a GuardDuty, Security Hub (ASFF) or OCSF detection finding, an event of a "
        "vendor that is known, or one of a format of your own is wanted; "
        f"the first fields are {fields}"
    )


@lru_cache(maxsize=256)
def _of_account(account: str) -> Attribute:
    return Attribute(type="account", key="account", value=account, context=("local",))


def _in_region(alert: Alert, region: str) -> Source:
    """Say of an alert whose format does not know its region that it came in the one of its envelope."""
    if alert.source is None:
        return source_of(alert.detector, region)
    return Source(product=alert.source.product, region=region, standards=alert.source.standards)
