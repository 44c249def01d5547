"""Which emitters to notify, and how unfinished deliveries end."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

from alert_responder.domain.records import DeliveryRecord, EmitterRecord

if TYPE_CHECKING:
    from alert_responder.contracts.plugin import EmitterPlugin
    from alert_responder.contracts.report import Result

MAX_ATTEMPTS = 3
"""Maximum number of calls of an emitter per round: with 30 s each and the waits, they fit the two minutes of Emit."""


def emitters_to_notify(
    emitters: "Iterable[EmitterPlugin]",
    delivered: Mapping[str, EmitterRecord],
    deliveries: Iterable[DeliveryRecord],
    result: "Result",
    detector: str | None,
    digest: str,
    *,
    known_only: bool = False,
) -> "list[EmitterPlugin]":
    """Decide which emitters to notify of a report.

    Parameters
    ----------
    delivered
        The last confirmed delivery of each emitter, by name: of the report, or inherited from the one before.
    deliveries
        Earlier deliveries of the report. An emitter that may have been notified counts as notified, with unknown
        content.
    result
        A suppressed report notifies no emitter, also none that was notified before: what it created stays as it is.
    detector
        None if the alerts have several detectors: such a report matches the filter of every emitter.
    digest
        Digest of the current report.
    known_only
        Whether only emitters that were notified before may be notified.

    Returns
    -------
    list
        The enabled emitters whose filter matches or that were notified before, and to which the report is news, by
        name.
    """
    if result.is_suppressed:
        return []
    begun = [delivery for delivery in deliveries if delivery.attempts > delivery.failures]
    may_know = set(delivered) | {delivery.emitter for delivery in begun}
    knows = {name for name, last in delivered.items() if _knows(last, digest) and not _unsure(last, begun)}
    return [
        emitter
        for emitter in sorted(emitters, key=lambda emitter: emitter.name)
        if emitter.enabled
        and (emitter.name in may_know or (not known_only and _matches(emitter, result, detector)))
        and emitter.name not in knows
    ]


def final_outcome(delivery: DeliveryRecord) -> Literal["superseded", "failed", "unknown"]:
    """Return the outcome of a delivery that is no longer being made."""
    if delivery.attempts == 0:
        return "superseded"
    return "failed" if delivery.failures >= delivery.attempts else "unknown"


def _knows(last: EmitterRecord, digest: str) -> bool:
    return last.knows if last.inherited_from else last.digest == digest


def _unsure(last: EmitterRecord, begun: "Iterable[DeliveryRecord]") -> bool:
    """Check whether a later call with an unknown result may have delivered something else."""
    return any(
        delivery.emitter == last.emitter and delivery.round > last.round and delivery.digest != last.digest
        for delivery in begun
    )


def _matches(emitter: "EmitterPlugin", result: "Result", detector: str | None) -> bool:
    return (
        (not emitter.severities or result.severity in emitter.severities)
        and (not emitter.detectors or detector is None or detector in emitter.detectors)
        # Without a reviewer's answer the labels are unknown: all emitters are notified.
        and (not emitter.labels or result.reviewer is None or not {*emitter.labels}.isdisjoint(result.labels))
    )
