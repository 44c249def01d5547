"""Parsing of records: the formats that alerts have on the stream.

To add a vendor, add a module of expressions to `vendors`. To add a format that expressions cannot describe:

1. Write a module next to this one with ``recognises(document) -> bool`` and ``to_alert(document, notes) -> Alert``,
   which raises nothing but `RejectedAlertError`. `extraction` reads fields by path and collects attributes.
2. Add the module to `registry.CODED_FORMATS`, before formats that would recognise its documents too.
3. Add a sample event as ``tests/events/<service>_<event>.json`` and run ``tests/unit/formats``: the test prints the
   snapshot. Check it, and add it to the other snapshots.

Everything here is pure. Input is hostile: `parse_record` returns a result for any bytes, and raises nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from alert_responder.contracts.alert import Alert, Attribute, Source
from alert_responder.domain.attributes import unite
from alert_responder.domain.instants import parse_instant
from alert_responder.domain.missing_attributes import samples
from alert_responder.domain.origin import Named, Sender, named_in_finding
from alert_responder.domain.sources import source_of
from alert_responder.errors import RejectedAlertError
from alert_responder.formats.alert_builder import Notes
from alert_responder.formats.envelope import open_envelopes, short_fields
from alert_responder.formats.extraction import MAX_ATTRIBUTES
from alert_responder.formats.lenient_json import without_unfit
from alert_responder.formats.messages import internal_error, quoted
from alert_responder.formats.record import decode
from alert_responder.formats.registry import BUILTIN_FORMATS, NATIVE_FORMATS, Format

_T = TypeVar("_T")

MAX_ALERTS_PER_RECORD = 1000
"""Maximum number of alerts in one record. Security Hub returns at most 100; a hostile record could contain millions."""


UNKNOWN = "unknown format"
"""Begins the reason when no format recognises a document."""


class ParsedAlert(NamedTuple):
    """One alert of a record.

    Attributes
    ----------
    position
        Position in the record, from 0; rejected events count too.
    event_id
        The id of the record's outermost object, if that is an envelope; see `domain.stream.event_id`.
    alert
        With merged attributes, at most `MAX_ATTRIBUTES` of them.
    cut_off
        Number of attributes that were left out. The record is rejected too, so that it is archived whole.
    beyond
        The first attribute of each type that was left out.
    unfit
        Number of invalid fields that were left out or changed. The record is rejected too.
    place
        Indexes of the document in the record and of the event in the document, from 0. Unlike `position`, it does not
        depend on how the documents before it are parsed.
    native
        Whether the event has a native format: decided by the format that was chosen, and by no field of the event.
    sender
        The outermost EventBridge event around the alert; None without one.
    named
        The account and region that the finding names, if the sender's service names them; None for other senders.
    """

    position: int
    event_id: str | None
    alert: Alert
    cut_off: int = 0
    beyond: tuple[Attribute, ...] = ()
    unfit: int = 0
    place: str = "0/0"
    native: bool = False
    sender: Sender | None = None
    named: Named | None = None


class Reject(NamedTuple):
    """A record, or one event of it, that could not be parsed as an alert.

    Attributes
    ----------
    position
        Position in the record, from 0; None stands for the whole record.
    reason
        One sentence: which field is wrong and what is allowed. Safe to log: input is escaped and shortened.
    internal
        Whether the reason is a bug in this package.
    """

    position: int | None
    reason: str
    internal: bool = False


def parse_record(data: bytes, formats: Iterable[Format] = BUILTIN_FORMATS) -> tuple[list[ParsedAlert], list[Reject]]:
    """Parse the alerts of one record.

    Parameters
    ----------
    data
        The record's data: a JSON object in UTF-8, or an array of objects.
    formats
        In the order in which they are tried; iterated once for each alert.

    Returns
    -------
    tuple of list of ParsedAlert, list of Reject
        Both in order; never both empty. An invalid event does not affect the others.
    """
    try:
        document, lenient, fault = decode(data)
    except RejectedAlertError as error:
        return [], [Reject(None, error.reason)]
    if not isinstance(document, dict | list) or document == []:
        reason = f"the record must be a JSON object or an array of objects, got {quoted(document)}"
        return [], [Reject(None, reason)]
    parsed: list[ParsedAlert] = []
    rejected: list[Reject] = [] if fault is None else [Reject(None, f"{fault}; the invalid bytes were escaped")]
    for position, event in enumerate(_events(document, formats, lenient=lenient)):
        if position == MAX_ALERTS_PER_RECORD:
            reason = (
                f"the record contains more than {MAX_ALERTS_PER_RECORD} alerts; only the first {position} were parsed"
            )
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
        is_native = event.format in NATIVE_FORMATS
        named = named_in_finding(event.sender.source, event.document) if event.sender else None
        parsed.append(
            ParsedAlert(
                position,
                event.event_id,
                alert,
                cut_off,
                samples(more),
                unfit,
                event.place,
                is_native,
                event.sender,
                named,
            )
        )
        if unfit:
            notes = "; ".join(event.notes.texts)
            reason = f"alert {position} was parsed; {unfit:,} of its fields are invalid, left out or changed: {notes}"
            rejected.append(Reject(None, reason))
        if cut_off:
            reason = (
                f"alert {position} was parsed; {cut_off} attributes beyond the first {MAX_ATTRIBUTES} were left out"
            )
            rejected.append(Reject(None, reason))
    return parsed, rejected


class _Event(NamedTuple):
    """One event of a record, and its format."""

    event_id: str | None
    place: str
    region: str | None
    account: str | None
    document: dict[str, Any]
    format: Format
    notes: Notes
    envelope: dict[str, Any]
    sender: Sender | None


def _events(document: Any, formats: Iterable[Format], *, lenient: bool) -> "Iterator[_Event | Reject]":
    """Yield the events of a record in order, and a `Reject` in place of each that cannot be parsed."""
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
        envelope = content.envelope
        if not (len(events) == 1 and events[0] is inside):
            # Events that a format selects from a document are inside it.
            envelope = {**short_fields(inside), **envelope}
        for number, event in enumerate(events):
            if isinstance(event, dict):
                place = f"{which}/{number}"
                copied = notes.copy()
                yield _Event(
                    content.event_id,
                    place,
                    content.region,
                    content.account,
                    event,
                    chosen,
                    copied,
                    envelope,
                    content.sender,
                )
            else:
                yield Reject(None, f"event {number} of the list must be an object, got {quoted(event)}")


def _with_notes(reject: Reject, notes: Notes) -> Reject:
    """Append what was left out of a rejected event before it was rejected."""
    return reject._replace(reason="; ".join((reject.reason, *notes.texts))) if notes.count else reject


def _attempt(step: Callable[[], _T]) -> _T | Reject:
    """Return the result of a step, or a `Reject` if it raises."""
    try:
        return step()
    except RejectedAlertError as error:
        return Reject(None, error.reason)
    except Exception as error:  # noqa: BLE001 (an unexpected error in one event must not stop the stream)
        return Reject(None, internal_error(error), internal=True)


def _read(event: _Event) -> tuple[Alert, tuple[Attribute, ...]]:
    """Convert an event; return the alert, and the attributes that were left out."""
    within: Callable[..., Alert] | None = getattr(event.format, "to_alert_within", None)
    if within is None:
        alert = event.format.to_alert(event.document, event.notes)
    else:
        alert = within(event.document, event.notes, event.envelope)
    united = unite(alert.attributes)
    kept = united[:MAX_ATTRIBUTES]
    changes: dict[str, Any] = {}
    if len(kept) < len(alert.attributes):
        changes["attributes"] = kept
    if event.account and len(kept) < MAX_ATTRIBUTES and not any(each.type == "account" for each in kept):
        # Some services, such as CloudWatch alarms, name their account only in the envelope.
        changes["attributes"] = (*kept, _of_account(event.account))
    if alert.timestamp is None and (moment := parse_instant(event.envelope.get("time"))):
        # Scans of images, for example, have no time of their own.
        changes["timestamp"] = moment
    if event.region and (alert.source is None or alert.source.region is None):
        changes["source"] = _in_region(alert, event.region)
    if changes:
        # A copy costs about as much as parsing the alert, and is rarely needed.
        alert = alert.model_copy(update=changes)
    return alert, united[MAX_ATTRIBUTES:]


def _chosen(document: dict[str, Any], formats: Iterable[Format]) -> tuple[Format, list[Any]]:
    """Find the format of a document, and list its events."""
    candidates: Callable[[dict[str, Any]], Iterable[Format]] | None = getattr(formats, "candidates", None)
    for candidate in formats if candidates is None else candidates(document):
        if candidate.recognises(document):
            events: Callable[[dict[str, Any]], list[Any]] | None = getattr(candidate, "events", None)
            return candidate, [document] if events is None else events(document)
    fields = ", ".join(quoted(key) for key in list(document)[:5]) or "none"
    raise RejectedAlertError(
        f"{UNKNOWN}: it must be an Alert, a GuardDuty, Security Hub (ASFF) or OCSF finding, or an event "
        f"of a supported vendor or a custom format; first fields: {fields}"
    )


@lru_cache(maxsize=256)
def _of_account(account: str) -> Attribute:
    return Attribute(type="account", key="account", value=account, context=("local",))


def _in_region(alert: Alert, region: str) -> Source:
    """Return the alert's source with the region of its envelope."""
    if alert.source is None:
        return source_of(alert.detector, region)
    return Source(product=alert.source.product, region=region, standards=alert.source.standards)
