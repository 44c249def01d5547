"""The deliveries of earlier rounds, as listed in a report."""

from collections.abc import Iterable

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Emission
from alert_responder.domain.records import DeliveryRecord


def emission(delivery: DeliveryRecord) -> Emission:
    """Convert a delivery for a report; one without an outcome is pending."""
    return Emission.model_validate(
        {
            "emitter": delivery.emitter,
            "round": delivery.round,
            "outcome": delivery.outcome or "pending",
            "reason": delivery.reason,
            "url": delivery.url,
            "at": None if delivery.ended is None else format_rfc3339(delivery.ended),
        }
    )


def in_order(deliveries: Iterable[DeliveryRecord]) -> list[DeliveryRecord]:
    """Sort deliveries by round and emitter."""
    return sorted(deliveries, key=lambda delivery: (delivery.round, delivery.emitter))
