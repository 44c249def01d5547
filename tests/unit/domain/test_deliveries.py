"""Which emitters are notified, and how unfinished deliveries end."""

import pytest

from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.contracts.report import Result, Suppression
from alert_responder.domain.deliveries import emitters_to_notify, final_outcome
from alert_responder.domain.records import DeliveryRecord, EmitterRecord


def emitter(name: str = "e", **fields: object) -> EmitterPlugin:
    return EmitterPlugin.model_validate({"name": name, "arn": name, "version": 1, **fields})


def rated(severity: str, *labels: str, **fields: object) -> Result:
    return Result.model_validate({"severity": severity, "reason": "", "reviewer": "arn", "labels": labels, **fields})


def notified(digest: str, name: str = "e", round_: int = 1) -> dict[str, EmitterRecord]:
    return {name: EmitterRecord(name, round_, digest)}


def delivery(attempts: int, failures: int, *, round_: int = 1, digest: str = "old", name: str = "e") -> DeliveryRecord:
    return DeliveryRecord(name, round_, name, digest, "snapshot", 0, attempts, failures)


URGENT = emitter(severities=["urgent"])


@pytest.mark.parametrize(
    ("plugin", "known", "earlier", "severity", "is_due"),
    [
        (emitter(), {}, [], "safe", True),
        (emitter(enabled=False), {}, [], "safe", False),
        (emitter(enabled=False), notified("old"), [], "safe", False),
        (URGENT, {}, [], "urgent", True),
        (URGENT, {}, [], "safe", False),
        (URGENT, notified("old"), [], "safe", True),
        (URGENT, notified("new"), [], "urgent", False),
        (emitter(), notified("old"), [], "safe", True),
        (emitter(), notified("new"), [], "safe", False),
        (emitter(), notified("new", "another"), [], "safe", True),
        (URGENT, {}, [delivery(1, 0)], "safe", True),
        (URGENT, {}, [delivery(2, 2)], "safe", False),
        (URGENT, {}, [delivery(0, 0)], "safe", False),
        (emitter(), notified("new"), [delivery(1, 0, round_=2)], "safe", True),
        (emitter(), notified("new"), [delivery(2, 1, round_=2)], "safe", True),
        (emitter(), notified("new"), [delivery(1, 1, round_=2)], "safe", False),
        (emitter(), notified("new"), [delivery(0, 0, round_=2)], "safe", False),
        (emitter(), notified("new"), [delivery(1, 0, round_=2, digest="new")], "safe", False),
        (emitter(), notified("new"), [delivery(1, 0, round_=2, name="another")], "safe", False),
        (emitter(), notified("new", round_=3), [delivery(1, 0, round_=2)], "safe", False),
        (emitter(), notified("new", round_=2), [delivery(1, 0, round_=2)], "safe", False),
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
    assert emitters_to_notify([plugin], known, earlier, rated(severity), "d", "new") == ([plugin] if is_due else [])


def test_emitters_are_notified_in_order_of_names() -> None:
    found = emitters_to_notify(map(emitter, "cab"), {}, [], rated("safe"), "d", "new")
    assert [one.name for one in found] == ["a", "b", "c"]


TEAMS = emitter(labels=["network", "identity"])


@pytest.mark.parametrize(
    ("plugin", "known", "result", "is_due"),
    [
        (TEAMS, {}, rated("urgent", "identity", "other"), True),
        (TEAMS, {}, rated("urgent", "other"), False),
        (TEAMS, {}, rated("urgent"), False),
        (TEAMS, notified("old"), rated("urgent"), True),
        (TEAMS, {}, rated("unclassified", reviewer=None), True),
        (emitter(), {}, rated("urgent", "other"), True),
        (emitter(labels=["network"], severities=["urgent"]), {}, rated("safe", "network"), False),
        (emitter(labels=["network"], detectors=["other"]), {}, rated("safe", "network"), False),
    ],
)
def test_labels_select_emitters(
    plugin: EmitterPlugin, known: dict[str, EmitterRecord], result: Result, is_due: bool
) -> None:
    assert emitters_to_notify([plugin], known, [], result, "d", "new") == ([plugin] if is_due else [])


@pytest.mark.parametrize("known", [{}, notified("old")])
@pytest.mark.parametrize(("broken", "is_due"), [(None, False), ("A reason.", True)])
def test_a_suppressed_report_notifies_only_if_something_breaks_through(
    known: dict[str, EmitterRecord], broken: str | None, is_due: bool
) -> None:
    suppression = Suppression(name="n", owner="o", reason="r", expires="2027-03-01")
    result = rated("urgent", suppressed=suppression, breakthrough=broken)
    assert bool(emitters_to_notify([emitter()], known, [], result, "d", "new")) == is_due


@pytest.mark.parametrize(
    ("attempts", "failures", "outcome"),
    [(0, 0, "superseded"), (1, 0, "unknown"), (1, 1, "failed"), (3, 2, "unknown"), (3, 3, "failed")],
)
def test_final_outcome_of_a_delivery(attempts: int, failures: int, outcome: str) -> None:
    assert final_outcome(delivery(attempts, failures)) == outcome
