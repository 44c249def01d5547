"""The executions of the tests follow the real state machine, as far as its definition shows."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.protocol.runs import OTHER_TRIES, TRIES

ROOT = Path(__file__).parents[3]
TEMPLATE = (ROOT / "templates/workflow.asl.json.tftpl").read_text(encoding="utf-8")
STATES: dict[str, Any] = json.loads(re.sub(r"\$\{[^}]*\}", "0", TEMPLATE))["States"]


def test_states_follow_each_other_as_in_the_definition() -> None:
    ways = {
        name: [state.get("Next"), *(choice["Next"] for choice in state.get("Choices", [])), state.get("Default")]
        for name, state in STATES.items()
    }
    assert {name: [way for way in found if way] for name, found in ways.items()} == {
        "Settle": ["Plan"],
        "Plan": ["AnythingToInspect"],
        "AnythingToInspect": ["Superseded", "Inspect", "Review"],
        "Inspect": ["AnythingFound"],
        "AnythingFound": ["Plan", "Review"],
        "Review": ["AnythingToDeliver"],
        "AnythingToDeliver": ["Superseded", "Plan", "Emit", "Close"],
        "Emit": ["Close"],
        "Close": [],
        "Superseded": [],
    }


def test_close_gets_the_revision_that_review_returned() -> None:
    assigning = [name for name, state in STATES.items() if "revision" in state.get("Assign", {})]
    assert assigning == ["Settle", "Plan", "Review"]
    answered = "$states.result.Payload.revision"
    assert STATES["Review"]["Assign"]["revision"] == f"{{% $exists({answered}) ? {answered} : $revision %}}"
    assert STATES["Review"]["Arguments"]["Payload"]["revision"] == "{% $revision %}"
    assert STATES["Close"]["Arguments"]["Payload"]["revision"] == "{% $revision %}"


def test_plans_and_replans_are_counted() -> None:
    assert STATES["Plan"]["Assign"]["iteration"] == "{% $iteration + 1 %}"
    assert STATES["Review"]["Assign"]["replans"] == "{% $replans + 1 %}"
    assert "$iteration <= ${max_inspection_depth + 2} + $replans" in TEMPLATE


@pytest.mark.parametrize(("state", "step"), [("Inspect", "InspectChunk"), ("Emit", "EmitOne")])
def test_a_map_iteration_that_fails_counts_as_one(state: str, step: str) -> None:
    (caught,) = STATES[state]["ItemProcessor"]["States"][step]["Catch"]
    assert (caught["ErrorEquals"], caught["Output"]) == (["States.ALL"], 1)


def test_tasks_are_tried_as_often_as_in_the_definition() -> None:
    retries = re.findall(
        r'ErrorEquals\s*=\s*\["States.ALL"\][^}]*?MaxAttempts\s*=\s*(\d+)', (ROOT / "workflow.tf").read_text("utf-8")
    )
    assert retries == [str(OTHER_TRIES - 1), str(TRIES["emit"] - 1)]
