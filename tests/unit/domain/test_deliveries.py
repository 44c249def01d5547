"""Which emitters are notified, and how unfinished deliveries end."""

import pytest

from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.domain.deliveries import emitters_to_notify, final_outcome
from alert_responder.domain.records import DeliveryRecord, EmitterRecord


def emitter(name: str = "e", **fields: object) -> EmitterPlugin:
    return EmitterPlugin.model_validate({"name": name, "arn": name, "version": 1, **fields})


def told(digest: str, name: str = "e", round_: int = 1) -> dict[str, EmitterRecord]:
    return {name: EmitterRecord(name, round_, digest)}


def delivery(attempts: int, failures: int, *, round_: int = 1, digest: str = "old", name: str = "e") -> DeliveryRecord:
    return DeliveryRecord(name, round_, name, digest, "snapshot", 0, attempts, failures)


URGENT = emitter(severities=["urgent"])


@pytest.mark.parametrize(
    ("plugin", "known", "earlier", "severity", "is_due"),
    [
        (emitter(), {}, [], "safe", True),
        (emitter(enabled=False), {}, [], "safe", False),
        (emitter(enabled=False), told("old"), [], "safe", False),
        (URGENT, {}, [], "urgent", True),
        (URGENT, {}, [], "safe", False),
        (URGENT, told("old"), [], "safe", True),
        (URGENT, told("new"), [], "urgent", False),
        (emitter(), told("old"), [], "safe", True),
        (emitter(), told("new"), [], "safe", False),
        (emitter(), told("new", "another"), [], "safe", True),
        (URGENT, {}, [delivery(1, 0)], "safe", True),
        (URGENT, {}, [delivery(2, 2)], "safe", False),
        (URGENT, {}, [delivery(0, 0)], "safe", False),
        (emitter(), told("new"), [delivery(1, 0, round_=2)], "safe", True),
        (emitter(), told("new"), [delivery(2, 1, round_=2)], "safe", True),
        (emitter(), told("new"), [delivery(1, 1, round_=2)], "safe", False),
        (emitter(), told("new"), [delivery(0, 0, round_=2)], "safe", False),
        (emitter(), told("new"), [delivery(1, 0, round_=2, digest="new")], "safe", False),
        (emitter(), told("new"), [delivery(1, 0, round_=2, name="another")], "safe", False),
        (emitter(), told("new", round_=3), [delivery(1, 0, round_=2)], "safe", False),
        (emitter(), told("new", round_=2), [delivery(1, 0, round_=2)], "safe", False),
        (emitter(detectors=["d"]), {}, [], "safe", True),
        (emitter(detectors=["other"]), {}, [], "safe", False),
        (emitter(detectors=["d"], severities=["urgent"]), {}, [], "safe", False),
    ],
)
def test_which_emitters_are_notified(
    plugin: EmitterPlugin,
    known: dict[str, EmitterRecord],
    earlier: list[DeliveryRecord],
    severity: str,
    is_due: bool,
) -> None:
    assert emitters_to_notify([plugin], known, earlier, severity, "d", "new") == ([plugin] if is_due else [])


def test_emitters_are_notified_in_order_of_names() -> None:
    assert [one.name for one in emitters_to_notify(map(emitter, "cab"), {}, [], "safe", "d", "new")] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("attempts", "failures", "outcome"),
    [(0, 0, "superseded"), (1, 0, "unknown"), (1, 1, "failed"), (3, 2, "unknown"), (3, 3, "failed")],
)
def test_final_outcome_of_a_delivery(attempts: int, failures: int, outcome: str) -> None:
    assert final_outcome(delivery(attempts, failures)) == outcome
