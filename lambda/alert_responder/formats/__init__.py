"""The formats of alerts on the stream, told apart by their own fields.

To add a format:

1. Write a module beside these with ``recognises(document) -> bool`` and ``to_alert(document) -> Alert``, which may
   raise `RejectedAlertError` and nothing else. `extraction` reads fields by path and collects attributes.
2. Add the module to `FORMATS` below, before formats that would recognise its documents as well.
3. Put a sample event into ``tests/events/<service>_<event>.json`` and run ``tests/unit/formats``: the test prints the
   snapshot to check and to put beside the others.

Everything here is pure. Input is hostile: whatever the bytes, `parse_record` gives an answer and raises nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from alert_responder.contracts.alert import Alert, Source
from alert_responder.domain.attributes import unite
from alert_responder.errors import RejectedAlertError
from alert_responder.formats import first, guardduty, native, ocsf, securityhub
from alert_responder.formats.envelope import open_envelopes
from alert_responder.formats.extraction import MAX_ATTRIBUTES
from alert_responder.formats.reasons import shown
from alert_responder.formats.strict_json import decode

MAX_ALERTS_PER_RECORD = 1000
"""Most alerts of one record. Security Hub's largest answer has 100; a hostile record of 10 MB could name millions."""


class Format(Protocol):
    """What a module in `FORMATS` offers."""

    def recognises(self, document: dict[str, Any]) -> bool:
        """Tell by its own fields whether a document means to be of this format."""
        ...

    def to_alert(self, document: dict[str, Any]) -> Alert:
        """Read it, or raise `RejectedAlertError`."""
        ...


FORMATS: tuple[Format, ...] = (native, first, ocsf, securityhub, guardduty)
"""In the order they are asked; the first that recognises a document reads it."""


class ParsedAlert(NamedTuple):
    """One alert of a record.

    Attributes
    ----------
    position
        Place in the record, from 0, counted over alerts and rejects alike.
    event_id
        The innermost envelope's own id, with ``/<position in that envelope>`` if it holds several; the same on every
        delivery. None: no envelope has one, and shard, sequence number and position tell the alert.
    alert
        With united attributes, at most `MAX_ATTRIBUTES` of them.
    cut_off
        How many attributes it had beyond these; the record is rejected besides, so that it is kept whole.
    """

    position: int
    event_id: str | None
    alert: Alert
    cut_off: int = 0


@dataclass(frozen=True)
class Reject:
    """A record, or one finding of it, that is no alert.

    Attributes
    ----------
    position
        Place in the record, from 0; None: the record as a whole.
    reason
        One sentence: what was wrong, at which field, what is allowed. Safe to log: input is escaped and cut short.
    """

    position: int | None
    reason: str


def parse_record(data: bytes, formats: Iterable[Format] = FORMATS) -> tuple[list[ParsedAlert], list[Reject]]:
    """Read the alerts of one record of the stream.

    Parameters
    ----------
    data
        The record's data, as Kinesis carries it: one JSON object in UTF-8.
    formats
        In the order they are asked; gone through once for each alert.

    Returns
    -------
    tuple of list of ParsedAlert, list of Reject
        Both in order; never both empty. A finding that cannot be read does not hinder its neighbours.
    """
    try:
        document = decode(data)
    except RejectedAlertError as error:
        return [], [Reject(None, error.reason)]
    if not isinstance(document, dict):
        return [], [Reject(None, f"the record must be one JSON object, not {shown(document)}")]
    parsed: list[ParsedAlert] = []
    rejected: list[Reject] = []
    for position, content in enumerate(open_envelopes(document)):
        if position == MAX_ALERTS_PER_RECORD:
            reason = f"the record holds more than {MAX_ALERTS_PER_RECORD} alerts; the first {position} were read"
            rejected.append(Reject(None, reason))
            break
        if content.reason is not None:
            rejected.append(Reject(position, content.reason))
            continue
        try:
            alert, cut_off = _read(content.document, content.region, formats)
            parsed.append(ParsedAlert(position, content.event_id, alert, cut_off))
            if cut_off:
                reason = (
                    f"alert {position} has {cut_off} attributes more than the {MAX_ATTRIBUTES} that were read of it"
                )
                rejected.append(Reject(None, reason))
        except RejectedAlertError as error:
            rejected.append(Reject(position, error.reason))
        except Exception as error:  # noqa: BLE001 (a mistake of ours in one finding must not stop the stream)
            rejected.append(Reject(position, f"the finding could not be read: {type(error).__name__} in our code"))
    return parsed, rejected


def _read(document: dict[str, Any], region: str | None, formats: Iterable[Format]) -> tuple[Alert, int]:
    """Read an alert, and say how many of its attributes were cut off."""
    for candidate in formats:
        if candidate.recognises(document):
            alert = candidate.to_alert(document)
            united = unite(alert.attributes)
            kept = united[:MAX_ATTRIBUTES]
            changes: dict[str, Any] = {}
            if len(kept) < len(alert.attributes):
                changes["attributes"] = kept
            if region and (alert.source is None or alert.source.region is None):
                changes["source"] = _in_region(alert, region)
            if changes:
                # A copy costs about as much as reading the alert; mostly there is nothing to change.
                alert = alert.model_copy(update=changes)
            return alert, len(united) - len(kept)
    fields = ", ".join(shown(key) for key in list(document)[:5]) or "none"
    raise RejectedAlertError(
        "the format is not known: an Alert, a GuardDuty, Security Hub (ASFF) or OCSF detection finding, an event of a "
        "vendor that is known, or one of a format of your own is wanted; "
        f"the first fields are {fields}"
    )


def _in_region(alert: Alert, region: str) -> Source:
    """Say of an alert whose format does not know its region that it came in the one of its envelope."""
    product, standards = (alert.source.product, alert.source.standards) if alert.source else (alert.detector, ())
    return Source(product=product, region=region, standards=standards)
