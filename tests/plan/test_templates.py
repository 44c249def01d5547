"""The CloudFormation templates create what their modules create, for several choices of parameters."""

import json
import re
from typing import Any

import pytest
import tftest

from tests.plan import templates
from tests.plan.cloudformation import Stack
from tests.plan.harness import REGION, Case
from tools import stack_resources
from tools.stack_templates import MAXIMUM_BYTES, Flag, Options, Several, Template, Text

ACCOUNT = "444455556666"
HOME = "arn:aws:iam::111122223333:role"
TEMPLATES = {template.module.rpartition("/")[2]: template for template in templates.templates()}

REQUIRED: dict[str, dict[str, Any]] = {
    "member": {
        "organization_id": "o-a1b2c3d4e5",
        "external_id": "secops/7",
        "reader_principal_arns": [f"{HOME}/secops-inspector-aws-context-eu-west-1", f"{HOME}/path/people"],
    },
    "forwarder": {"central_bus_arn": "arn:aws:events:eu-central-1:111122223333:event-bus/security-findings"},
}
RESPONDERS = [f"{HOME}/secops-{kind}-quarantine-eu-west-1" for kind in ("emitter", "commands")]
LOGS = ["arn:aws:logs:*:*:log-group:/aws/vpc/*:*", f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:trail:*"]
CHOICES: dict[str, list[dict[str, Any]]] = {
    "member": [
        {},
        {"responder_principal_arns": RESPONDERS, "log_group_arns": LOGS[:1]},
        {"responder_principal_arns": RESPONDERS[:1], "actions": ["principal"], "name": "secops"},
        {
            "responder_principal_arns": RESPONDERS,
            "actions": [*templates.member().parameters[5].meanings],  # type: ignore[union-attr]
            "log_group_arns": LOGS,
        },
    ],
    "forwarder": [
        {},
        {"sources": ["access-analyzer", "securityhub"], "name": "secops"},
        {"sources": ["inspector"], "all_updates": True},
        {
            "sources": ["access-analyzer", "guardduty", "inspector", "macie", "securityhub", "securityhub-v2"],
            "all_updates": True,
            "alarm_actions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms", f"arn:aws:sns:{REGION}:{ACCOUNT}:others"],
        },
    ],
}
FIXED = {"member": {"account_id": ACCOUNT}, "forwarder": {"account_id": ACCOUNT, "region": REGION}}
CHOSEN = {
    f"template_choice_{name}_{number}": (name, variables)
    for name, choices in CHOICES.items()
    for number, variables in enumerate(choices)
}
CASES = {
    **{name: case for template in TEMPLATES.values() for name, case in templates.cases(template).items()},
    **{
        case: Case(TEMPLATES[name].module, {**TEMPLATES[name].fixed, **FIXED[name], **REQUIRED[name], **variables})
        for case, (name, variables) in CHOSEN.items()
    },
}


def parsed(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(templates.path(TEMPLATES[name]).read_text(encoding="utf-8"))
    return found


def parameters(template: Template, variables: dict[str, Any]) -> dict[str, str]:
    """Return the parameters that say the same as the inputs of a module."""
    found: dict[str, str] = {}
    for parameter in template.parameters:
        name = "".join(word.capitalize() for word in parameter.variable.split("_"))
        value = variables.get(parameter.variable)
        match parameter:
            case Text() if value is not None:
                found[name] = value
            case Several() if value is not None:
                found[name] = ",".join(value)
            case Flag() if value is not None:
                found[name] = "true" if value else "false"
            case Options(prefix=prefix, meanings=meanings) if value is not None:
                for word in meanings:
                    option = prefix + "".join(part.capitalize() for part in re.split("[_-]", word))
                    found[option] = "true" if word in value else "false"
            case _:
                pass
    return found


def stack(name: str, variables: dict[str, Any], account: str = ACCOUNT, region: str = REGION) -> Stack:
    pseudo = {"AWS::AccountId": account, "AWS::Partition": "aws", "AWS::Region": region}
    return Stack(parsed(name), parameters(TEMPLATES[name], {**REQUIRED[name], **variables}), pseudo)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_is_up_to_date(plan: tftest.TerraformPlanOutput, name: str) -> None:
    written = templates.path(TEMPLATES[name]).read_text(encoding="utf-8")

    assert written == templates.rendered(plan, TEMPLATES[name]), "Run `make templates`."


@pytest.mark.parametrize("case", CHOSEN)
def test_a_stack_has_what_the_module_creates(plan: tftest.TerraformPlanOutput, case: str) -> None:
    name, variables = CHOSEN[case]

    assert stack(name, variables).resources() == stack_resources.resources(templates.plan_of(plan, case))


@pytest.mark.parametrize("name", TEMPLATES)
def test_one_template_serves_all_accounts_and_regions_of_an_organisation(name: str) -> None:
    template = parsed(name)
    assert re.findall(r"[0-9]{12}|\b[a-z]{2}-[a-z]+-[0-9]\b", json.dumps(template["Resources"])) == []
    assert not template["Parameters"].keys() & {"AccountId", "Region"}

    # A region that no parameter contains.
    here = json.dumps(stack(name, {}, region="ap-south-2").resources())
    for number in range(500):
        account, region = f"{number:012}", ("eu-central-2", "us-east-1")[number % 2]
        there = json.dumps(stack(name, {}, account, region).resources())
        assert there == here.replace(ACCOUNT, account).replace("ap-south-2", region)


def test_options_without_a_responder_allow_nothing() -> None:
    """Terraform refuses them; CloudFormation cannot."""
    assert stack("member", {"actions": ["instance", "principal"]}).resources() == stack("member", {}).resources()


@pytest.mark.parametrize(
    "wrong",
    [
        {"external_id": "a b"},
        {"name": "Member"},
        {"organization_id": "r-abcd"},
        {"reader_principal_arns": []},
        {"reader_principal_arns": ["*"]},
        {"responder_principal_arns": [f"{HOME}/x", f"{HOME}/*"]},
        {"log_group_arns": ["*"]},
    ],
)
def test_patterns_refuse_what_the_module_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must not be"):
        stack("member", wrong)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_keeps_the_limits_of_cloudformation(name: str) -> None:
    template = parsed(name)

    assert len(templates.path(TEMPLATES[name]).read_bytes()) <= MAXIMUM_BYTES
    assert len(template["Description"]) <= 1_024
    assert len(template["Parameters"]) <= 200
    assert len(template["Resources"]) <= 500
    names = [name for part in ("Parameters", "Conditions", "Resources") for name in template[part]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[A-Za-z0-9]{1,255}", each) for each in names)
    assert all(len(each["Description"]) <= 4_000 for each in template["Parameters"].values())
    # Nothing of the plan is left.
    assert not re.search(rf"marked|99999999999\d|{REGION}[^.]|arn:aws:iam::\D", json.dumps(template["Resources"]))
