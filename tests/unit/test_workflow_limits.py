"""The largest possible execution stays below Step Functions' limits, according to the definition."""

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
"""The largest values that the root module's variables and a role's policies allow."""

SECONDS_REFUSED = 480
"""How long a step is throttled, on average, before its round fails [seconds]."""

A_TRY, A_STATE, AN_ITERATION = 3, 2, 2
"""Events: scheduled, started, failed or succeeded; entered, exited; started, succeeded."""


def value(text: Any) -> Any:
    """Parse a literal of hcl2, which returns text with quotes."""
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


def test_the_longest_execution_stays_below_the_limit_of_events(states: dict[str, Any]) -> None:
    """Every call succeeds only at its last retry, in as many Plans as the definition allows in a round."""
    plans = _iterations(states) + MAX_REPLANS
    events = (
        A_STATE  # the execution itself
        + _of(states["Settle"])
        + plans * (_of(states["Plan"]) + _of(states["AnythingToInspect"]) + _of(states["AnythingFound"]))
        + plans * _of_map(states["Inspect"], MOST_TASKS // CHUNK_SIZE)
        + (1 + MAX_REPLANS) * (_of(states["Review"]) + _of(states["AnythingToDeliver"]))
        + _of_map(states["Emit"], MOST_EMITTERS)
        + _of(states["Close"])
    )
    assert events < MOST_EVENTS


@pytest.mark.parametrize("name", ["Plan", "Review", "Close"])
def test_a_step_is_retried_for_minutes_while_it_is_throttled(states: dict[str, Any], name: str) -> None:
    """This is many times as long as 500 concurrent rounds need with ten concurrent calls."""
    refused = next(
        retry for retry in states[name]["Retry"] if "Lambda.TooManyRequestsException" in retry["ErrorEquals"]
    )
    longest = [
        min(refused["IntervalSeconds"] * refused["BackoffRate"] ** attempt, refused["MaxDelaySeconds"])
        for attempt in range(refused["MaxAttempts"])
    ]
    assert refused["JitterStrategy"] == "FULL", "the average wait must be half of the longest"
    assert sum(longest) / 2 >= SECONDS_REFUSED


def test_throttled_chunks_are_retried_as_long_as_a_round_waits_for_runners(states: dict[str, Any]) -> None:
    """Counts the Plans that every round has; later Plans hand out no lookups."""
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
    assert plans * sum(waits) / 2 >= LONGEST_MS / 1000, "the average wait must be half of the longest"


def test_every_call_has_a_time_limit_and_retries_and_every_iteration_catches_errors(states: dict[str, Any]) -> None:
    inner = {name: state for each in ("Inspect", "Emit") for name, state in _inside(states[each]).items()}
    calls = {name: state for name, state in {**states, **inner}.items() if state["Type"] == "Task"}
    assert set(calls) == {"Plan", "InspectChunk", "Review", "EmitOne", "Close"}
    assert all("TimeoutSeconds" in state and state["Retry"] for state in calls.values())
    assert all(calls[name]["Catch"][0]["ErrorEquals"] == ["States.ALL"] for name in ("InspectChunk", "EmitOne"))


def _iterations(states: dict[str, Any]) -> int:
    """Read how many Plans may follow each other because of new attributes."""
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
    """Count the events of a Map in which every iteration enters all states."""
    inside = sum(map(_of, _inside(state).values()))
    return A_STATE + 2 + iterations * (AN_ITERATION + inside)
