"""Whom to tell of a report, and what became of tellings that did not end (protocol: REVIEW, EMIT)."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from alert_responder.domain.records import DeliveryRecord, EmitterRecord

if TYPE_CHECKING:
    from alert_responder.contracts.plugin import EmitterPlugin

MAX_ATTEMPTS = 3
"""Calls of an emitter in one round: with 30 s each and the waits between, within the two minutes EMIT may take."""


def emitters_to_notify(
    emitters: "Iterable[EmitterPlugin]",
    told: Mapping[str, EmitterRecord],
    deliveries: Iterable[DeliveryRecord],
    severity: str,
    detector: str | None,
    digest: str,
) -> "list[EmitterPlugin]":
    """Decide which emitters are told of a report as it is now.

    Parameters
    ----------
    told
        What each was last told for certain, by name.
    deliveries
        Earlier deliveries of the report: an emitter that may have been told counts as told, of what nobody knows.
    detector
        None: the alerts are of several, and so every emitter's.
    digest
        Of the report as it is now.

    Returns
    -------
    list
        Those attached and enabled whose filter matches or who were told before, and to whom it is news; by name.
    """
    begun = [delivery for delivery in deliveries if delivery.attempts > delivery.failures]
    may_know = set(told) | {delivery.emitter for delivery in begun}
    knows = {name for name, last in told.items() if last.digest == digest and not _unsure(last, begun)}
    return [
        emitter
        for emitter in sorted(emitters, key=lambda emitter: emitter.name)
        if emitter.enabled
        and (emitter.name in may_know or _matches(emitter, severity, detector))
        and emitter.name not in knows
    ]


def final_outcome(delivery: DeliveryRecord) -> Literal["superseded", "failed", "unknown"]:
    """Name the outcome of a delivery nobody works on any more."""
    if delivery.attempts == 0:
        return "superseded"
    return "failed" if delivery.failures >= delivery.attempts else "unknown"


def _unsure(last: EmitterRecord, begun: "Iterable[DeliveryRecord]") -> bool:
    """Whether an emitter may have been told something else since, in a call whose end nobody knows."""
    return any(
        delivery.emitter == last.emitter and delivery.round > last.round and delivery.digest != last.digest
        for delivery in begun
    )


def _matches(emitter: "EmitterPlugin", severity: str, detector: str | None) -> bool:
    return (not emitter.severities or severity in emitter.severities) and (
        not emitter.detectors or detector is None or detector in emitter.detectors
    )
