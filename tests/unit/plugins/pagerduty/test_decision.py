"""Whether a round opens, updates or resolves an incident."""

from typing import Any

import pytest

from alert_responder.contracts.primitives import Severity
from alert_responder_plugins.pagerduty.decision import Action, Incident, action_of, read_state, write_state

URGENT: frozenset[Severity] = frozenset({"urgent"})
ALL: frozenset[Severity] = frozenset({"safe", "unclassified", "urgent"})


@pytest.mark.parametrize(
    ("severity", "triggers", "state", "told_before", "wanted"),
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
def test_action(
    severity: Severity, triggers: frozenset[Severity], state: Any, told_before: bool, wanted: Action | None
) -> None:
    assert action_of(severity, triggers, read_state(state), told_before) == wanted


@pytest.mark.parametrize("state", [None, "x", {}, {"open": "perhaps"}, [True]])
def test_state_that_says_nothing(state: Any) -> None:
    assert read_state(state) is None


def test_state_is_read_as_it_was_written_and_with_more_in_it() -> None:
    for incident in (Incident(open=True), Incident(open=False)):
        assert read_state({**write_state(incident), "version": 9, "more": 1}) == incident
