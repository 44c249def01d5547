"""The number of states in a round, which Step Functions charges for, computed from the definition."""

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).parents[2] / "templates" / "workflow.asl.json.tftpl"

REPORT = [
    "Settle",
    "Plan",
    "AnythingToInspect",
    "Inspect",
    "InspectChunk",
    "AnythingFound",
    "Review",
    "AnythingToDeliver",
    "Emit",
    "EmitOne",
    "Close",
]
"""A report with one chunk of lookups and one emitter."""


def definition() -> dict[str, Any]:
    """Read the template with placeholders for its variables."""
    text = re.sub(r": \$\{(?:retry|retry_emission)\}", ": []", TEMPLATE.read_text(encoding="utf-8"))
    found: dict[str, Any] = json.loads(re.sub(r"\$\{[^}]*\}", "1", text))
    return found


def every_state(states: dict[str, Any]) -> dict[str, Any]:
    """List states by name, including those inside Maps: AWS requires unique names."""
    inner = {
        name: state
        for outer in states.values()
        for name, state in outer.get("ItemProcessor", {}).get("States", {}).items()
    }
    return {**states, **inner}


def follows(states: dict[str, Any], name: str) -> set[str]:
    """Return the states that may follow a state: for a Map, the first states of its iterations."""
    state = states[name]
    if state["Type"] == "Map":
        return {state["ItemProcessor"]["StartAt"]}
    ways = {state["Next"]} if "Next" in state else set()
    return (
        ways
        | {choice["Next"] for choice in state.get("Choices", [])}
        | ({state["Default"]} if "Default" in state else set())
    )


def after_maps(states: dict[str, Any]) -> dict[str, str]:
    """Return for each last state of an iteration the state after its Map."""
    maps = [state for state in states.values() if state["Type"] == "Map"]
    return {
        name: outer["Next"]
        for outer in maps
        for name, state in outer["ItemProcessor"]["States"].items()
        if state.get("End")
    }


def test_a_report_takes_eleven_state_transitions_and_six_invocations() -> None:
    machine = definition()
    states = every_state(machine["States"])
    ends = after_maps(machine["States"])
    assert machine["StartAt"] == REPORT[0]
    assert states[REPORT[-1]]["End"]
    for before, after in pairwise(REPORT):
        assert after in follows(states, before) | {ends.get(before)}, f"{before} does not lead to {after}"
    assert len(REPORT) == 11
    receptor = 1
    assert receptor + sum(states[name]["Type"] == "Task" for name in REPORT) == 6


def test_settle_is_the_only_wait_state() -> None:
    """There is no fixed wait for inspectors."""
    states = every_state(definition()["States"])
    assert [name for name, state in states.items() if state["Type"] == "Wait"] == ["Settle"]
