"""The state machine's definition is valid: its states, its fields and its expressions."""

import re
from collections.abc import Iterator
from typing import Any

from jsonata import Jsonata
from statelint.config import Config
from statelint.linter import Linter
from statelint.problem import ProblemType

EXPRESSION = re.compile(r"\{%(.*)%\}", re.DOTALL)

# AWS accepts an expression for these numbers, and statelint does not.
MAY_BE_EXPRESSIONS = re.compile(r'State Machine\.\S+\.(Seconds|TimeoutSeconds|MaxConcurrency) is "\{% .* %\}" but .*')


def problems(definition: dict[str, Any]) -> list[str]:
    # JSON has one kind of number: the parsed 2 is the float 2.0.
    found: list[str] = Linter.validate(definition, Config({ProblemType.FLOAT}))
    return found


def expressions(document: Any) -> Iterator[str]:
    """List all JSONata expressions in a definition."""
    if isinstance(document, dict):
        for value in document.values():
            yield from expressions(value)
    elif isinstance(document, list):
        for value in document:
            yield from expressions(value)
    elif isinstance(document, str) and (match := EXPRESSION.fullmatch(document)):
        yield match[1]


def test_linter_finds_only_expressions_that_aws_accepts(definition: dict[str, Any]) -> None:
    assert [problem for problem in problems(definition) if not MAY_BE_EXPRESSIONS.fullmatch(problem)] == []


def test_linter_finds_a_missing_state(definition: dict[str, Any]) -> None:
    states = definition["States"] | {"Plan": definition["States"]["Plan"] | {"Next": "Nowhere"}}

    assert any("Nowhere" in problem for problem in problems(definition | {"States": states}))


def test_every_expression_can_be_parsed(definition: dict[str, Any]) -> None:
    found = list(expressions(definition))

    assert len(found) > 20
    for expression in found:
        # Raises for an invalid expression.
        Jsonata(expression)


def test_an_execution_can_start_without_an_alert_id(definition: dict[str, Any]) -> None:
    match = EXPRESSION.fullmatch(definition["States"]["Settle"]["Assign"]["alert_id"])
    assert match
    expression = Jsonata(match[1])
    found = []
    for given in ({"report_id": "r"}, {"report_id": "r", "alert_id": "a"}):
        expression.assign("states", {"input": given})
        found.append(expression.evaluate(None))

    assert found == [None, "a"]


def test_every_step_gets_report_alert_and_round(definition: dict[str, Any]) -> None:
    inner = [state["ItemProcessor"]["States"] for state in definition["States"].values() if state["Type"] == "Map"]
    states = [state for group in [definition["States"], *inner] for state in group.values()]
    payloads = [state["Arguments"]["Payload"] for state in states if state["Type"] == "Task"]

    assert len(payloads) == 5
    for payload in payloads:
        assert {name: payload[name] for name in ("report_id", "alert_id", "round")} == {
            "report_id": "{% $report_id %}",
            "alert_id": "{% $alert_id %}",
            "round": "{% $round_number %}",
        }


def test_no_variable_has_the_name_of_a_function_of_jsonata(definition: dict[str, Any]) -> None:
    """Whether a variable may shadow a function is not documented."""
    functions = {"count", "exists", "length", "max", "min", "not", "now", "number", "round", "string", "sum", "type"}
    assigned = {name for state in definition["States"].values() for name in state.get("Assign", {})}

    assert "round_number" in assigned
    assert not assigned & functions


def test_an_execution_may_last_23_hours_after_the_longest_wait(definition: dict[str, Any]) -> None:
    assert definition["TimeoutSeconds"] == 23 * 60 * 60 + 300
    assert "300" in definition["States"]["Settle"]["Seconds"]


def test_a_call_of_unknown_outcome_is_retried_like_a_failed_one(definition: dict[str, Any]) -> None:
    """AWS reports `Lambda.Unknown` for a function that ran out of memory or time: it may have done everything."""
    refused, failed = definition["States"]["Plan"]["Retry"]

    assert {"Lambda.ClientExecutionTimeoutException", "Lambda.TooManyRequestsException"} <= set(refused["ErrorEquals"])
    assert "Lambda.Unknown" not in refused["ErrorEquals"]
    assert (failed["ErrorEquals"], failed["MaxAttempts"]) == (["States.ALL"], 3)
