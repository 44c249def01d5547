"""The module that puts findings from EventBridge on the stream."""

import json
from pathlib import Path
from typing import Any

import pytest
import tftest

from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from tests.fakes.event_patterns import matches
from tests.plan import tables
from tests.plan.conftest import INTERFACE, KEY_ARN
from tests.plan.evaluator import Decision, decide
from tests.plan.harness import Case, Planned, arn, planned, statements
from tests.plan.inputs import refusals
from tools.paths import ROOT

MODULE = "modules/eventbridge-source"
SERVICES = ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2"]
PATTERN = {"source": ["my.detector"]}
VERIFIED = arn("kinesis", "stream/secops.verified")
VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "all": {"alert_responder": INTERFACE | {"kms_key_arn": KEY_ARN, "name": "a" * 36}, "sources": SERVICES}
    | {"name": "b" * 11, "alarm_actions": [arn("sns", "alarms")]},
    "updates": {"sources": SERVICES, "all_updates": True},
    "verified": {"alert_responder": INTERFACE | {"verified_stream_arn": VERIFIED}},
    "central": {
        "central_bus": {"name": "security-findings", "organization_id": "o-a1b2c3d4e5"},
        "sources": ["guardduty", "access-analyzer"],
        "event_patterns": {"mine": {"pattern": json.dumps(PATTERN)}},
    },
    "buses": {
        "event_bus_names": ["default", "others"],
        "event_patterns": {"mine": {"pattern": json.dumps(PATTERN)}},
    },
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"alarm_actions": ["alarms"]}, "alarm_actions must contain at most 5 full ARNs"),
    ({"event_bus_names": []}, "event_bus_names must contain 1 to 5 names of 1 to 256 letters,"),
    ({"event_bus_names": ["a b"]}, "event_bus_names must contain 1 to 5 names of 1 to 256 letters,"),
    (
        {"event_patterns": {"No": {"pattern": "{}"}}},
        "Names in event_patterns must have 1 to 15 lower-case letters, digits",
    ),
    ({"event_patterns": {"mine": {"pattern": "[]"}}}, "event_patterns[].pattern must be a JSON object of at most 4096"),
    ({"event_patterns": {"mine": {"pattern": "{"}}}, "event_patterns[].pattern must be a JSON object of at most 4096"),
    (
        {"event_patterns": {"mine": {"pattern": "{}", "partition_key_path": "detail.id"}}},
        "event_patterns[].partition_key_path must be null or a path that",
    ),
    (
        {"event_patterns": {"macie": {"pattern": "{}"}}},
        "Names in event_patterns must differ from those of sources and from",
    ),
    (
        {"event_patterns": {"unused-access": {"pattern": "{}"}}},
        "Names in event_patterns must differ from those of sources and from",
    ),
    (
        {"central_bus": {"name": "x", "organization_id": "r-abcd"}},
        "central_bus.organization_id must be o- and 10 to 32 lower-case",
    ),
    ({"name": "b" * 12}, "name must have 1 to 11 lower-case letters, digits and single hyphens"),
    ({"sources": ["guardduty", "cloudtrail"]}, "sources must contain only access-analyzer, guardduty, inspector,"),
]
# Terraform finds these later, because they depend on two inputs.
REFUSED_WHILE_PLANNING: list[tuple[dict[str, Any], str]] = [
    *(
        ({"central_bus": {"name": name, "organization_id": "o-a1b2c3d4e5"}}, "central_bus.name must have 1 to 128")
        for name in ("default", "a/b", "")
    ),
    (
        {"central_bus": {"name": "x", "organization_id": "o-a1b2c3d4e5"}, "event_bus_names": ["x"]},
        "must not be in event_bus_names",
    ),
    (
        {"central_bus": {"name": "x", "organization_id": "o-a1b2c3d4e5"}, "sources": []},
        "central_bus requires sources: it accepts",
    ),
]


CASES = {
    f"eventbridge_{name}": Case(
        MODULE, {"alert_responder": INTERFACE, **variables}, outputs=("central_bus_arn",) if name == "defaults" else ()
    )
    for name, variables in VARIANTS.items()
}


@pytest.fixture(scope="module")
def sources(plan: tftest.TerraformPlanOutput) -> dict[str, Planned]:
    """The plan of each variant."""
    return {name: planned(plan, f"eventbridge_{name}") for name in VARIANTS}


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    cases = {
        f"case_{number}": Case(MODULE, {"alert_responder": INTERFACE, **variables})
        for number, (variables, _) in enumerate(REFUSED)
    }
    return refusals(code / "eventbridge-refused", cases, terraform_environment)


def targets(made: Planned) -> dict[str, dict[str, Any]]:
    prefix = 'aws_cloudwatch_event_target.stream["'
    return {
        address.removeprefix(prefix).removesuffix('"]'): values
        for address, values in made.resources.items()
        if address.startswith(prefix)
    }


def test_every_rule_targets_the_stream(sources: dict[str, Planned]) -> None:
    for name, count in (("defaults", 1), ("all", len(SERVICES) + 1), ("buses", 4)):
        made = sources[name]
        assert len(made.of_type("aws_cloudwatch_event_rule")) == len(targets(made)) == count
        assert {target["arn"] for target in targets(made).values()} == {INTERFACE["alert_stream_arn"]}
        assert all(len(rule["name"]) <= 64 for rule in made.of_type("aws_cloudwatch_event_rule"))
        assert all(len(role["name"]) <= 64 for role in made.of_type("aws_iam_role"))


def test_findings_go_to_the_verified_stream_if_there_is_one_and_nowhere_else(sources: dict[str, Planned]) -> None:
    made = sources["verified"]
    assert {target["arn"] for target in targets(made).values()} == {VERIFIED}
    (policy,) = made.of_type("aws_iam_role_policy")
    assert [statement["Resource"] for statement in statements(policy["policy"])] == [[VERIFIED]]


def test_rules_on_two_buses_have_different_names(sources: dict[str, Planned]) -> None:
    assert set(targets(sources["buses"])) == {
        "default/guardduty",
        "default/mine",
        "others/guardduty",
        "others/mine",
    }


@pytest.mark.parametrize(
    ("service", "event"),
    [
        ("access-analyzer", "vendors/access_analyzer_external"),
        ("access-analyzer", "vendors/access_analyzer_internal"),
        ("access-analyzer", "vendors/access_analyzer_internal_error"),
        ("unused-access", "vendors/access_analyzer_unused"),
        ("unused-access", "vendors/access_analyzer_unused_error"),
        ("guardduty", "guardduty_ssh_brute_force"),
        ("securityhub", "securityhub_findings_imported"),
        ("securityhub", "securityhub_custom_action"),
        ("securityhub-v2", "securityhub_findings_imported_v2"),
    ],
)
def test_real_events_match_the_rule_and_have_the_partition_key(
    sources: dict[str, Planned], service: str, event: str
) -> None:
    made = sources["all"]
    document = json.loads((ROOT / "tests" / "events" / f"{event}.json").read_text())
    envelope = document if "detail" in document else {"source": "aws.guardduty", "detail-type": "GuardDuty Finding"}
    pattern = json.loads(made.resources[f'aws_cloudwatch_event_rule.findings["default/{service}"]']["event_pattern"])
    found: Any = document if "detail" in document else {**envelope, "detail": document}

    assert matches(pattern, found)
    keys = [target["partition_key_path"] for target in targets(made)[f"default/{service}"]["kinesis_target"]]
    assert bool(keys) == ("findings" not in found["detail"])
    for path in keys:
        for step in path.removeprefix("$.").split("."):
            found = found[step]
        assert isinstance(found, str)
    assert parse_record(json.dumps(document).encode(), FormatRegistry())[0]


SECURITY_HUB = {"RecordState": "ACTIVE", "Workflow": {"Status": "NEW"}, "Compliance": {"Status": "FAILED"}}
PASSES: list[tuple[str, str, dict[str, Any], bool]] = [
    ("securityhub", "Security Hub Findings - Imported", {"findings": [SECURITY_HUB]}, True),
    ("securityhub", "Security Hub Findings - Imported", {"findings": [{"Id": "without states"}]}, True),
    *(
        ("securityhub", f"Security Hub Findings - {kind}", {"findings": [SECURITY_HUB | change]}, kind != "Imported")
        for kind in ("Imported", "Custom Action")
        for change in (
            {"RecordState": "ARCHIVED"},
            {"Workflow": {"Status": "NOTIFIED"}},
            {"Workflow": {"Status": "SUPPRESSED"}},
            {"Workflow": {"Status": "RESOLVED"}},
            {"Compliance": {"Status": "PASSED"}},
        )
    ),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 1}]}, True),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"metadata": {}}]}, True),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 3}]}, False),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 4}]}, False),
    (
        "securityhub-v2",
        "Findings Imported V2",
        {"findings": [{"status_id": 1, "compliance": {"status_id": 1}}]},
        False,
    ),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 1, "compliance": {"status_id": 3}}]}, True),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 1, "activity_id": 2}]}, True),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 1, "activity_id": 3}]}, False),
    # An event with several findings passes as a whole, if one of them is open and new.
    (
        "securityhub",
        "Security Hub Findings - Imported",
        {"findings": [SECURITY_HUB | {"RecordState": "ARCHIVED"}, SECURITY_HUB]},
        True,
    ),
    ("securityhub-v2", "Findings Imported V2", {"findings": [{"status_id": 4}, {"status_id": 1}]}, True),
    ("inspector", "Inspector2 Finding", {"status": "ACTIVE"}, True),
    ("inspector", "Inspector2 Finding", {"status": "CLOSED"}, False),
    ("inspector", "Inspector2 Finding", {"status": "SUPPRESSED"}, False),
    ("access-analyzer", "Access Analyzer Finding", {"status": "RESOLVED"}, False),
    ("unused-access", "Unused Access Finding for IAM entities", {"status": "ARCHIVED"}, False),
    ("guardduty", "GuardDuty Finding", {"id": "1"}, True),
    ("macie", "Macie Finding", {"id": "1"}, True),
]


@pytest.mark.parametrize(("service", "kind", "detail", "passes"), PASSES)
def test_only_findings_that_are_open_and_new_become_alerts(
    sources: dict[str, Planned], service: str, kind: str, detail: dict[str, Any], *, passes: bool
) -> None:
    address = f'aws_cloudwatch_event_rule.findings["default/{service}"]'
    patterns = [json.loads(sources[name].resources[address]["event_pattern"]) for name in ("all", "updates")]
    event = {"source": patterns[0]["source"][0], "detail-type": kind, "detail": detail}

    assert [matches(pattern, event) for pattern in patterns] == [passes, True]
    assert not matches(patterns[0], event | {"detail-type": "Another"})


def test_an_alarm_watches_the_lost_events_of_each_rule(sources: dict[str, Planned]) -> None:
    prefix = 'aws_cloudwatch_metric_alarm.lost["'
    found = {
        address.removeprefix(prefix).removesuffix('"]'): alarm["dimensions"]
        for address, alarm in sources["buses"].resources.items()
        if address.startswith(prefix)
    }

    assert found["default/mine"] == {"RuleName": "secops-findings-mine"}
    assert found["others/mine"] == {"EventBusName": "others", "RuleName": "secops-findings-mine"}
    assert len(found) == 4


def test_role_may_only_put_records_on_this_stream(sources: dict[str, Planned]) -> None:
    (policy,) = sources["all"].of_type("aws_iam_role_policy")
    (put, key) = statements(policy["policy"])

    assert (put["Action"], put["Resource"]) == (
        ["kinesis:PutRecord", "kinesis:PutRecords"],
        [INTERFACE["alert_stream_arn"]],
    )
    assert (key["Action"], key["Resource"]) == (["kms:GenerateDataKey"], [KEY_ARN])


def test_only_eventbridge_may_use_the_role(sources: dict[str, Planned]) -> None:
    (role,) = sources["defaults"].of_type("aws_iam_role")
    (statement,) = json.loads(role["assume_role_policy"])["Statement"]

    # Whether EventBridge names the source for a stream is not documented; a rule can only get a role of its account.
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert "Condition" not in statement


def test_the_central_bus_accepts_the_chosen_findings_of_the_organisation(sources: dict[str, Planned]) -> None:
    made = sources["central"]
    [bus] = made.of_type("aws_cloudwatch_event_bus")
    [policy] = made.of_type("aws_cloudwatch_event_bus_policy")
    [statement] = statements(policy["policy"])

    assert (bus["name"], policy["event_bus_name"]) == ("security-findings", "security-findings")
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Allow", ["events:PutEvents"], "*")
    assert statement["Resource"] == [arn("events", "event-bus/security-findings")]
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:PrincipalOrgID": "o-a1b2c3d4e5",
            "events:detail-type": [
                "Access Analyzer Finding",
                "GuardDuty Finding",
                "Internal Access Finding",
                "Unused Access Finding for IAM entities",
            ],
            "events:source": ["aws.access-analyzer", "aws.guardduty"],
        }
    }
    rules = ("access-analyzer", "guardduty", "unused-access")
    # The policy accepts no event that the custom pattern matches.
    assert set(targets(made)) == {
        "default/mine",
        *(f"{bus}/{rule}" for bus in ("default", "security-findings") for rule in rules),
    }


ACCEPTED = {
    "aws:PrincipalOrgID": ["o-a1b2c3d4e5"],
    "events:source": ["aws.guardduty"],
    "events:detail-type": ["GuardDuty Finding"],
}
"""What EventBridge says of a finding that a member account forwards."""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "allowed"),
        ({"aws:PrincipalOrgID": ["o-999999999"]}, "not allowed"),
        # Services and accounts outside any organisation have none.
        ({"aws:PrincipalOrgID": None}, "not allowed"),
        ({"events:source": ["aws.s3"]}, "not allowed"),
        ({"events:source": ["aws.macie"], "events:detail-type": ["Macie Finding"]}, "not allowed"),
        # The event of a custom pattern: anybody in the organisation could put it there.
        ({"events:source": ["my.detector"]}, "not allowed"),
        ({"events:source": ["guardduty"]}, "not allowed"),
        ({"events:source": None}, "not allowed"),
        ({"events:detail-type": ["AWS API Call via CloudTrail"]}, "not allowed"),
        ({"events:detail-type": None}, "not allowed"),
    ],
)
def test_the_central_bus_refuses_other_events_and_other_organisations(
    sources: dict[str, Planned], changed: dict[str, list[str] | None], expected: Decision
) -> None:
    [policy] = sources["central"].of_type("aws_cloudwatch_event_bus_policy")
    found, bus = statements(policy["policy"]), arn("events", "event-bus/security-findings")
    context = {key: values for key, values in {**ACCEPTED, **changed}.items() if values is not None}

    assert decide(found, "events:PutEvents", bus, context) == expected
    assert decide(found, "events:PutEvents", arn("events", "event-bus/default"), context) == "not allowed"
    for action in ("events:PutRule", "events:PutPermission", "events:DeleteEventBus"):
        assert decide(found, action, bus, context) == "not allowed"


def test_by_default_there_is_only_the_default_bus(sources: dict[str, Planned]) -> None:
    assert sources["defaults"].of_type("aws_cloudwatch_event_bus") == []
    assert sources["defaults"].outputs == {"central_bus_arn": None}


def test_inputs_that_contradict_each_other_are_refused(code: Path, terraform_environment: dict[str, str]) -> None:
    cases = {
        f"case_{number}": Case(MODULE, {"alert_responder": INTERFACE, **variables})
        for number, (variables, _) in enumerate(REFUSED_WHILE_PLANNING)
    }
    answers = refusals(code / "eventbridge-refused-while-planning", cases, terraform_environment)

    for number, (variables, message) in enumerate(REFUSED_WHILE_PLANNING):
        assert message in answers[f"case_{number}"], variables


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_invalid_value_is_rejected_with_the_allowed_values(messages: dict[str, str], number: int) -> None:
    assert REFUSED[number][1] in messages[f"case_{number}"]


def test_every_validation_has_a_case() -> None:
    for name, variable in tables.blocks(ROOT / MODULE, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            expected = [message for _, message in (*REFUSED, *REFUSED_WHILE_PLANNING)]
            assert any(message in text for message in expected), f"no case of {name} has the message: {text}"
