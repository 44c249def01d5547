"""Advice on the problems that authors of plug-ins meet first."""

from typing import Any

from alert_responder_cli.checking.advice import advice, same_failure
from alert_responder_cli.checking.cases import inspections
from tests.unit.cli.function_target import CASES, REPORT_IDS, checked


def needs_a_setting(event: Any) -> Any:
    raise KeyError("BUCKET")


def knows_two(task: Any) -> Any:
    return {"ipaddr": None, "domain": None}[task["attribute"]["type"]]


def test_a_failure_of_all_requests_is_recognised() -> None:
    result = checked("emitter", needs_a_setting)

    assert same_failure(result) == "The function failed: KeyError: 'BUCKET'"
    assert advice(result, CASES["emitter"]) == [
        "BUCKET may be a setting of the function: set it as an environment variable, as on Lambda."
    ]


def test_different_failures_are_not_reported_as_the_same() -> None:
    number = iter(range(1000))

    def fails_otherwise(event: Any) -> Any:
        raise ValueError(next(number))

    assert same_failure(checked("emitter", fails_otherwise)) is None
    assert same_failure(checked("emitter", lambda emission: emission["state"])) is None
    assert advice(checked("emitter", fails_otherwise), CASES["emitter"]) == []


def test_types_are_suggested_for_an_inspector_that_fails_for_some() -> None:
    failing = "accesskey, account, arn, email, filehashvalue, instance and 4 more"

    assert advice(checked("inspector", knows_two), CASES["inspector"]) == [
        f"The inspector answers for ipaddr, domain and fails for {failing}.",
        "If it is attached only for the types that it supports, check it with --type ipaddr --type domain.",
    ]


def test_an_inspector_that_answers_for_all_its_types_needs_no_advice() -> None:
    narrowed = inspections(REPORT_IDS[0], ["ipaddr", "domain"])

    assert advice(checked("inspector", knows_two, cases=narrowed), narrowed) == []
    assert advice(checked("inspector", lambda task: None), CASES["inspector"]) == []
