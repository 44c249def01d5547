"""The module that forwards the findings of a member account to the central bus."""

import json
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.fakes.event_patterns import matches
from tests.plan import tables
from tests.plan.conftest import INTERFACE
from tests.plan.evaluator import decide
from tests.plan.harness import ACCOUNT, REGION, Case, Planned, planned, statements
from tests.plan.inputs import refusals
from tests.plan.test_policies import findings
from tools.paths import ROOT

MODULE = "modules/forwarder"
MEMBER = "444455556666"
BUS = "arn:aws:events:eu-central-1:111122223333:event-bus/security-findings"
ORGANIZATION = "o-a1b2c3d4e5"
SOURCES = ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2"]
REQUIRED = {"account_id": MEMBER, "region": REGION, "central_bus_arn": BUS}
CASES = {
    "forwarder_all": Case(MODULE, {**REQUIRED, "sources": SOURCES, "name": "n" * 32}),
    "forwarder_updates": Case(MODULE, {**REQUIRED, "sources": SOURCES, "all_updates": True}),
    # The home account, in another region than its bus.
    "forwarder_home": Case(MODULE, {**REQUIRED, "account_id": ACCOUNT}),
    "forwarder_central": Case(
        "modules/eventbridge-source",
        {
            "alert_responder": {**INTERFACE, "region": "eu-central-1"},
            "central_bus": {"name": "security-findings", "organization_id": ORGANIZATION},
            "sources": SOURCES,
        },
    ),
    "forwarder_central_updates": Case(
        "modules/eventbridge-source",
        {
            "alert_responder": INTERFACE,
            "central_bus": {"name": "security-findings", "organization_id": ORGANIZATION},
            "sources": SOURCES,
            "all_updates": True,
        },
    ),
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"account_id": "x"}, "account_id must have 12 digits"),
    ({"alarm_actions": ["alarms"]}, "alarm_actions must contain at most 5 full ARNs"),
    ({"central_bus_arn": "security-findings"}, "central_bus_arn must be the ARN of an event bus"),
    ({"central_bus_arn": f"{BUS}/*"}, "central_bus_arn must be the ARN of an event bus"),
    ({"central_bus_arn": BUS.replace("arn:aws:", "arn:aws-cn:")}, "central_bus_arn must be in the partition of this"),
    ({"name": "n" * 33}, "name must have 1 to 32 lower-case letters"),
    ({"region": "Ireland"}, "region must be a region, such as eu-west-1"),
    ({"sources": []}, "sources must contain at least one of access-analyzer,"),
    ({"sources": ["cloudtrail"]}, "sources must contain at least one of access-analyzer,"),
]
REFUSED_WHILE_PLANNING: list[tuple[dict[str, Any], str]] = [
    (
        {"central_bus_arn": BUS.replace("111122223333", MEMBER).replace("eu-central-1", REGION)},
        "central_bus_arn must be a bus of the home account, or of another region",
    ),
]


@pytest.fixture(scope="module")
def made(plan: tftest.TerraformPlanOutput) -> Planned:
    return planned(plan, "forwarder_all")


def patterns(made: Planned) -> dict[str, dict[str, Any]]:
    """Return the patterns of all rules by the end of their name."""
    rules = made.of_type("aws_cloudwatch_event_rule")
    return {rule["description"].split()[1]: json.loads(rule["event_pattern"]) for rule in rules}


def test_the_same_events_are_forwarded_that_the_central_rules_take(
    plan: tftest.TerraformPlanOutput, made: Planned
) -> None:
    assert patterns(made) == patterns(planned(plan, "forwarder_central"))
    assert patterns(planned(plan, "forwarder_updates")) == patterns(planned(plan, "forwarder_central_updates"))
    finding = json.loads((ROOT / "tests" / "events" / "guardduty_ssh_brute_force.json").read_bytes())
    assert matches(patterns(made)["guardduty"], finding)


def test_the_event_that_closes_a_finding_is_forwarded_with_all_updates(
    plan: tftest.TerraformPlanOutput, made: Planned
) -> None:
    closed = {
        "source": "aws.inspector2",
        "detail-type": "Inspector2 Finding",
        "account": MEMBER,
        "detail": {"findingArn": "arn:aws:inspector2:eu-west-1:444455556666:finding/1", "status": "CLOSED"},
    }

    forwarded = [patterns(each)["inspector"] for each in (made, planned(plan, "forwarder_updates"))]
    assert [matches(pattern, closed) for pattern in forwarded] == [False, True]


def test_the_home_account_forwards_from_its_other_regions(plan: tftest.TerraformPlanOutput) -> None:
    """A service sends its findings to the bus of their region, also those of a delegated administrator."""
    home, central = planned(plan, "forwarder_home"), planned(plan, "forwarder_central")
    [role_policy] = home.of_type("aws_iam_role_policy")
    [bus_policy] = central.of_type("aws_cloudwatch_event_bus_policy")
    [target] = home.of_type("aws_cloudwatch_event_target")
    finding = {
        "aws:PrincipalOrgID": [ORGANIZATION],
        "events:source": ["aws.guardduty"],
        "events:detail-type": ["GuardDuty Finding"],
    }

    assert target["arn"] == BUS
    for policy in (role_policy, bus_policy):
        assert decide(statements(policy["policy"]), "events:PutEvents", BUS, finding) == "allowed"


@pytest.mark.parametrize(
    "name",
    [
        "securityhub_custom_action",
        "securityhub_findings_imported",
        "securityhub_findings_imported_v2",
        "vendors/access_analyzer_external",
        "vendors/access_analyzer_internal",
        "vendors/access_analyzer_unused",
        "guardduty_ssh_brute_force",
    ],
)
def test_a_finding_in_a_member_account_arrives_once(plan: tftest.TerraformPlanOutput, made: Planned, name: str) -> None:
    """One rule forwards it, one rule on the central bus puts it on the stream, and no rule there forwards it again."""
    central = planned(plan, "forwarder_central")
    finding = json.loads((ROOT / "tests" / "events" / f"{name}.json").read_bytes())
    # EventBridge keeps the account of the envelope.
    event = {**finding, "account": MEMBER}

    def matching(rules: Planned, bus: str) -> set[str]:
        return {
            rule["name"]
            for rule in rules.of_type("aws_cloudwatch_event_rule")
            if rule["event_bus_name"] == bus and matches(json.loads(rule["event_pattern"]), event)
        }

    assert len(matching(made, "default")) == len(matching(central, "security-findings")) == 1
    assert matching(made, "security-findings") == set()
    taken = {
        target["arn"]
        for target in central.of_type("aws_cloudwatch_event_target")
        if target["rule"] in matching(central, "security-findings")
    }
    assert taken == {INTERFACE["alert_stream_arn"]}


def test_each_rule_puts_its_events_on_the_central_bus(made: Planned) -> None:
    rules = {rule["name"] for rule in made.of_type("aws_cloudwatch_event_rule")}
    targets = made.of_type("aws_cloudwatch_event_target")

    assert {target["rule"] for target in targets} == rules
    assert all(len(rule) <= 64 for rule in rules)
    queue = f"arn:aws:sqs:{REGION}:{MEMBER}:{'n' * 32}-forwarder-dead-letters"
    for target in targets:
        assert (target["arn"], target["dead_letter_config"]) == (BUS, [{"arn": queue}])
        assert target["event_bus_name"] == "default"


def test_the_role_may_only_put_events_on_the_central_bus(made: Planned) -> None:
    [policy] = made.of_type("aws_iam_role_policy")
    [statement] = statements(policy["policy"])
    [role] = made.of_type("aws_iam_role")
    [trust] = statements(role["assume_role_policy"])

    assert (statement["Effect"], statement["Action"], statement["Resource"]) == ("Allow", ["events:PutEvents"], [BUS])
    assert findings(policy["policy"]) == []
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert len(role["name"]) <= 64


def test_only_the_rules_may_send_to_the_queue(made: Planned) -> None:
    [policy] = made.of_type("aws_sqs_queue_policy")
    allowed = [each for each in statements(policy["policy"]) if each["Effect"] == "Allow"]
    rules = {
        f"arn:aws:events:{REGION}:{MEMBER}:rule/{rule['name']}" for rule in made.of_type("aws_cloudwatch_event_rule")
    }

    assert [set(each["Condition"]["ArnEquals"]["aws:SourceArn"]) for each in allowed] == [rules]


def test_an_alarm_notices_dead_letters(made: Planned) -> None:
    alarm = made.resources["aws_cloudwatch_metric_alarm.dead_letters"]
    [queue] = made.of_type("aws_sqs_queue")

    assert alarm["dimensions"] == {"QueueName": queue["name"]}
    assert queue["message_retention_seconds"] == 14 * 24 * 3600


def test_the_alarm_on_dead_letters_names_only_ways_that_work(made: Planned) -> None:
    """PutEvents refuses events with a source that begins with `aws.`, so that they cannot be sent to the bus."""
    words = made.resources["aws_cloudwatch_metric_alarm.dead_letters"]["alarm_description"]

    assert "central bus" not in words
    assert "read the findings in the service's console" in words
    assert "on the alert stream of the home account, where they are not verified" in words


def test_an_alarm_watches_the_lost_events_of_each_rule(made: Planned) -> None:
    alarms = [each for each in made.of_type("aws_cloudwatch_metric_alarm") if each["namespace"] == "AWS/Events"]

    assert {each["metric_name"] for each in alarms} == {"InvocationsFailedToBeSentToDlq"}
    assert sorted(each["dimensions"]["RuleName"] for each in alarms) == sorted(
        rule["name"] for rule in made.of_type("aws_cloudwatch_event_rule")
    )
    assert len({each["alarm_name"] for each in alarms}) == len(alarms)


def test_invalid_values_are_rejected_with_the_allowed_values(code: Path, terraform_environment: dict[str, str]) -> None:
    for folder, refused in (("refused", REFUSED), ("refused-while-planning", REFUSED_WHILE_PLANNING)):
        cases = {f"case_{n}": Case(MODULE, {**REQUIRED, **variables}) for n, (variables, _) in enumerate(refused)}
        answers = refusals(code / f"forwarder-{folder}", cases, terraform_environment)
        for number, (variables, message) in enumerate(refused):
            assert message in answers.get(f"case_{number}", ""), variables


def test_every_validation_has_a_case() -> None:
    expected = [message for _, message in (*REFUSED, *REFUSED_WHILE_PLANNING)]
    for name, variable in tables.blocks(ROOT / MODULE, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for message in expected), f"no case of {name} has the message: {text}"
