"""The state machine at its largest stays below Step Functions' limits, as far as its definition tells."""

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import pytest

from alert_responder.domain.deadlines import LONGEST_MS
from alert_responder.domain.records import CHUNK_SIZE
from alert_responder.usecases.review import MAX_REPLANS

ROOT = Path(__file__).parents[2]
MOST_EVENTS = 25_000
MOST_DEFINITION_BYTES = 1024 * 1024
MOST_TASKS, MOST_EMITTERS, DEEPEST = 500, 45, 5
"""As the root module's variables and a role's policies allow."""

SECONDS_REFUSED = 480
"""How long a step is refused for want of capacity, on average, before its round is given up [seconds]."""

A_TRY, A_STATE, AN_ITERATION = 3, 2, 2
"""Events: scheduled, started, failed or succeeded; entered, exited; started, succeeded."""


def value(text: Any) -> Any:
    """Read a literal as hcl2 gives it: text with its quotes."""
    if isinstance(text, dict):
        return {name: value(item) for name, item in text.items() if name != "__is_block__"}
    if isinstance(text, list):
        return [value(item) for item in text]
    return text.strip('"') if isinstance(text, str) else text


@pytest.fixture(name="states", scope="module")
def _states() -> dict[str, Any]:
    """Fill in the template as `workflow.tf` does, at the limits of its variables."""
    with (ROOT / "workflow.tf").open() as file:
        known = value(hcl2.load(file)["locals"][0])
    refused, failed = known["retry"]
    fill = {
        "retry": json.dumps(known["retry"]),
        "retry_emission": json.dumps([refused | known["retry_refused_emission"], *known["retry_emission"]]),
        "retry_inspection": json.dumps([refused | known["retry_inspection"], failed]),
        "max_inspection_depth + 2": str(DEEPEST + 2),
    }
    text = (ROOT / "templates" / "workflow.asl.json.tftpl").read_text()
    text = re.sub(r"\$\{([^}]*)\}", lambda match: fill.get(match[1], "1"), text)
    assert len(text.encode()) < MOST_DEFINITION_BYTES
    found: dict[str, Any] = json.loads(text)["States"]
    return found


def test_the_longest_execution_has_few_enough_events(states: dict[str, Any]) -> None:
    """Every try of every call fails but the last, in as many Plans as the definition lets a round have."""
    plans = _iterations(states) + MAX_REPLANS
    events = (
        A_STATE  # the execution itself
        + _of(states["Settle"])
        + plans * (_of(states["Plan"]) + _of(states["AnythingToInspect"]) + _of(states["AnythingFound"]))
        + plans * _of_map(states["Inspect"], MOST_TASKS // CHUNK_SIZE)
        + (1 + MAX_REPLANS) * (_of(states["Review"]) + _of(states["AnyoneToTell"]))
        + _of_map(states["Emit"], MOST_EMITTERS)
        + _of(states["Close"])
    )
    assert events < MOST_EVENTS


@pytest.mark.parametrize("name", ["Plan", "Review", "Close"])
def test_a_step_outlasts_minutes_of_refusals(states: dict[str, Any], name: str) -> None:
    """As long as 500 rounds at once need with ten calls at work, many times over; a round that gives up is dead."""
    refused = next(
        retry for retry in states[name]["Retry"] if "Lambda.TooManyRequestsException" in retry["ErrorEquals"]
    )
    longest = [
        min(refused["IntervalSeconds"] * refused["BackoffRate"] ** attempt, refused["MaxDelaySeconds"])
        for attempt in range(refused["MaxAttempts"])
    ]
    assert refused["JitterStrategy"] == "FULL", "half of the longest wait is waited, on average"
    assert sum(longest) / 2 >= SECONDS_REFUSED


def test_chunks_that_are_refused_are_tried_as_long_as_runners_are_waited_for(states: dict[str, Any]) -> None:
    """In as many Plans as a round has in any case; a Plan that comes later hands out nothing."""
    refused = next(
        retry
        for retry in _inside(states["Inspect"])["InspectChunk"]["Retry"]
        if "Lambda.TooManyRequestsException" in retry["ErrorEquals"]
    )
    waits = [
        min(refused["IntervalSeconds"] * refused["BackoffRate"] ** attempt, refused["MaxDelaySeconds"])
        for attempt in range(refused["MaxAttempts"])
    ]
    plans = _iterations(states) - DEEPEST + MAX_REPLANS
    assert plans == 4
    assert plans * sum(waits) / 2 >= LONGEST_MS / 1000, "half of each wait is waited, on average"


def test_every_call_has_a_time_limit_and_retries_and_every_iteration_a_way_on(states: dict[str, Any]) -> None:
    inner = {name: state for each in ("Inspect", "Emit") for name, state in _inside(states[each]).items()}
    calls = {name: state for name, state in {**states, **inner}.items() if state["Type"] == "Task"}
    assert set(calls) == {"Plan", "InspectChunk", "Review", "EmitOne", "Close"}
    assert all("TimeoutSeconds" in state and state["Retry"] for state in calls.values())
    assert all(calls[name]["Catch"][0]["ErrorEquals"] == ["States.ALL"] for name in ("InspectChunk", "EmitOne"))


def _iterations(states: dict[str, Any]) -> int:
    """Read how many Plans in a row what was found may lead to."""
    (choice,) = states["AnythingFound"]["Choices"]
    match = re.fullmatch(r"\{% .* \$iteration <= ([0-9]+) \+ \$replans %\}", choice["Condition"])
    assert match
    return int(match[1])


def _inside(state: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = state["ItemProcessor"]["States"]
    return found


def _of(state: dict[str, Any]) -> int:
    if state["Type"] != "Task":
        return A_STATE
    retries: int = sum(retry["MaxAttempts"] for retry in state["Retry"])
    return A_STATE + A_TRY * (1 + retries)


def _of_map(state: dict[str, Any], iterations: int) -> int:
    """Count a Map whose every iteration goes through all its states."""
    inside = sum(map(_of, _inside(state).values()))
    return A_STATE + 2 + iterations * (AN_ITERATION + inside)
