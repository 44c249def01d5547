"""The action of a round on its incident, and the emitter's state."""

from typing import Any

import pytest

from alert_responder.contracts.primitives import Severity
from alert_responder_plugins.pagerduty.state import Action, Incident, action_of, read_state, write_state

URGENT: frozenset[Severity] = frozenset({"urgent"})
ALL: frozenset[Severity] = frozenset({"safe", "unclassified", "urgent"})


@pytest.mark.parametrize(
    ("severity", "triggers", "state", "delivered_before", "wanted"),
    [
        ("urgent", URGENT, None, False, "trigger"),
        ("urgent", URGENT, {"open": True}, True, "trigger"),
        ("urgent", URGENT, {"open": False}, True, "trigger"),
        ("unclassified", URGENT, None, False, None),
        ("unclassified", URGENT, {"open": True}, True, "trigger"),
        ("unclassified", URGENT, {"open": False}, True, None),
        ("unclassified", URGENT, None, True, None),
        ("safe", URGENT, None, False, None),
        ("safe", URGENT, {"open": True}, True, "resolve"),
        ("safe", URGENT, {"open": False}, True, None),
        ("safe", URGENT, None, True, "resolve"),
        ("safe", ALL, {"open": True}, True, "trigger"),
    ],
)
def test_action_of_a_round(
    severity: Severity, triggers: frozenset[Severity], state: Any, delivered_before: bool, wanted: Action | None
) -> None:
    assert action_of(severity, triggers, read_state(state), delivered_before) == wanted


@pytest.mark.parametrize("state", [None, "x", {}, {"open": "perhaps"}, [True]])
def test_invalid_state_is_ignored(state: Any) -> None:
    assert read_state(state) is None


def test_written_state_can_be_read_with_additional_fields() -> None:
    for incident in (Incident(open=True), Incident(open=False)):
        assert read_state({**write_state(incident), "version": 9, "more": 1}) == incident
