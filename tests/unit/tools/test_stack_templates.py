"""Planned resources as CloudFormation resources, and options as conditions."""

import json
from typing import Any

import pytest

from tools.errors import ToolError
from tools.stack_resources import Plan, resources
from tools.stack_templates import FULL, Flag, Input, Options, Several, Template, Text, render, variants

ROLE = "aws_iam_role.forward"
QUEUE = "aws_sqs_queue.dead_letters"
PATTERN = {"source": ["aws.guardduty"]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage"]}]}


def forwarder(**changed: dict[str, Any]) -> Plan:
    """Plan a rule with a target in another account, dead letters and an alarm."""
    values: dict[str, dict[str, Any]] = {
        ROLE: {"name": "forward", "path": "/", "assume_role_policy": json.dumps(POLICY), "tags": None, "tags_all": {}},
        QUEUE: {"name": "dead-letters", "message_retention_seconds": 1_209_600, "fifo_queue": False},
        "aws_sqs_queue_policy.dead_letters": {"policy": json.dumps(POLICY)},
        'aws_cloudwatch_event_rule.this["guardduty"]': {
            "name": "forward-guardduty",
            "event_bus_name": "default",
            "event_pattern": json.dumps(PATTERN),
            "state": "ENABLED",
        },
        'aws_cloudwatch_event_target.this["guardduty"]': {
            "rule": "forward-guardduty",
            "event_bus_name": "default",
            "target_id": "bus",
            "arn": "arn:aws:events:eu-west-1:111122223333:event-bus/central",
            "dead_letter_config": [{}],
            "retry_policy": [{"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 5}],
        },
        "aws_cloudwatch_metric_alarm.dead_letters": {
            "alarm_name": "dead-letters",
            "alarm_actions": ["arn:aws:sns:eu-west-1:111122223333:alarms"],
            "dimensions": {"QueueName": "dead-letters"},
            "actions_enabled": True,
            "threshold": 1,
        },
    }
    return Plan(
        values | changed,
        {
            "aws_sqs_queue_policy.dead_letters": {"expressions": {"queue_url": {"references": [f"{QUEUE}.id", QUEUE]}}},
            "aws_cloudwatch_event_target.this": {
                "expressions": {
                    "role_arn": {"references": [f"{ROLE}.arn", ROLE]},
                    "dead_letter_config": [{"arn": {"references": [f"{QUEUE}.arn", QUEUE]}}],
                }
            },
            "aws_iam_role_policy.forward": {"expressions": {"policy": {"references": [f"{ROLE}.arn"]}}},
        },
    )


def test_a_rule_has_its_targets_and_references_lead_to_resources() -> None:
    found = resources(forwarder())

    assert found["GuarddutyRule"] == {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Name": "forward-guardduty",
            "EventPattern": PATTERN,
            "Targets": [
                {
                    "Arn": "arn:aws:events:eu-west-1:111122223333:event-bus/central",
                    "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["DeadLettersQueue", "Arn"]}},
                    "RetryPolicy": {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 5},
                    "RoleArn": {"Fn::GetAtt": ["ForwardRole", "Arn"]},
                    "Id": "bus",
                }
            ],
        },
    }
    assert found["DeadLettersQueue"] == {
        "Type": "AWS::SQS::Queue",
        "Properties": {"MessageRetentionPeriod": 1_209_600, "QueueName": "dead-letters"},
    }
    assert found["DeadLettersQueuePolicy"]["Properties"] == {
        "PolicyDocument": POLICY,
        "Queues": [{"Ref": "DeadLettersQueue"}],
    }
    assert found["DeadLettersAlarm"]["Properties"] == {
        "AlarmName": "dead-letters",
        "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:alarms"],
        "Dimensions": [{"Name": "QueueName", "Value": "dead-letters"}],
        "Threshold": 1,
    }
    assert found["ForwardRole"]["Properties"] == {"AssumeRolePolicyDocument": POLICY, "RoleName": "forward"}


def test_names_and_arns_of_the_module_become_references() -> None:
    boundary = {"name": "limit", "path": "/", "policy": json.dumps(POLICY)}
    role = {"name": "r", "assume_role_policy": json.dumps(POLICY)}
    plan = forwarder(
        **{
            "aws_iam_policy.limit": boundary,
            'aws_iam_role.this["x"]': role | {"permissions_boundary": "arn:aws:iam::111122223333:policy/limit"},
            'aws_iam_role.this["y"]': role | {"name": "y", "permissions_boundary": "arn:aws:iam::aws:policy/limit"},
            'aws_iam_role_policy.this["x/look"]': {"name": "look", "role": "r", "policy": json.dumps(POLICY)},
        }
    )

    found = resources(plan)

    assert found["XRole"]["Properties"]["PermissionsBoundary"] == {"Ref": "LimitManagedPolicy"}
    assert found["YRole"]["Properties"]["PermissionsBoundary"] == "arn:aws:iam::aws:policy/limit"
    assert found["XLookPolicy"]["Properties"]["Roles"] == [{"Ref": "XRole"}]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"aws_kinesis_stream.x": {"name": "x"}}, "aws_kinesis_stream.x: aws_kinesis_stream has no rule."),
        ({QUEUE: {"name": "x", "fifo_queue": True}}, "fifo_queue = true has no rule for AWS::SQS::Queue."),
        ({"aws_iam_policy.x": {"name": "x", "policy": "{}", "tags": {"a": "b"}}}, 'tags = {"a": "b"} has no rule for'),
        (
            {"aws_iam_role_policy.forward": {"name": "x", "role": "forward"}},
            "policy is unknown in a plan",
        ),
        ({f'{QUEUE}["b"]': {"name": "b"}}, "must be one resource of the module"),
    ],
)
def test_what_has_no_rule_is_an_error(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolError) as raised:
        resources(forwarder(**changed))

    assert message in str(raised.value)


OPTIONS = Template(
    module="modules/x",
    description="A role.",
    parameters=(
        Text("name", "marked-name"),
        Several("principal_arns", ("marked-arn",)),
        Options("actions", "Allow", {"look_up": "Look up.", "act": "Act."}),
        Several("log_group_arns", ("marked-logs",), without={"log_group_arns": []}),
        Flag("every_service"),
    ),
    pseudo={"AWS::AccountId": "999999999990"},
    fixed={"tags": {}},
)
INPUTS = {
    "name": Input("Name.", "alert-responder", "^[a-z-]+$", "name must have letters."),
    "principal_arns": Input("Principals.", None, "^a$", "principal_arns must be a."),
    "actions": Input("Actions.", []),
    "log_group_arns": Input("Log groups.", [], "^l$", "log_group_arns must be l."),
    "every_service": Input("Whether every service is trusted.", False),
}


def planned(variables: dict[str, Any], **statement: Any) -> Plan:
    """Plan a role with a statement for each action, and a policy for log groups."""
    made = [{"Action": "sts:AssumeRole", "Principal": {"AWS": variables["principal_arns"]}, **statement}]
    made += [{"Action": f"x:{action}", "Resource": "arn:aws:x::999999999990:${y}"} for action in variables["actions"]]
    trust = {"Statement": made} | ({} if variables["every_service"] else {"Services": {"x": "marked-name"}})
    role = {"name": f"{variables['name']}-r", "assume_role_policy": json.dumps(trust)}
    role["tags"] = {"actions": " ".join(variables["actions"])}  # type: ignore[assignment]
    logs = {"name": "logs", "role": role["name"], "policy": json.dumps({"Resource": variables["log_group_arns"]})}
    values: dict[str, Any] = {"aws_iam_role.r": role}
    return Plan(values | ({"aws_iam_role_policy.r": logs} if variables["log_group_arns"] else {}), {})


def rendered(**statement: Any) -> dict[str, Any]:
    plans = {name: planned(variables, **statement) for name, variables in variants(OPTIONS).items()}
    found: dict[str, Any] = json.loads(render(OPTIONS, INPUTS, plans))
    return found


def test_each_option_is_left_out_once() -> None:
    found = variants(OPTIONS)

    assert found[FULL] == {
        "name": "marked-name",
        "principal_arns": ["marked-arn"],
        "actions": ["look_up", "act"],
        "log_group_arns": ["marked-logs"],
        "every_service": False,
        "tags": {},
    }
    assert {name: each["actions"] for name, each in found.items() if name.startswith("Allow")} == {
        "AllowLookUp": ["act"],
        "AllowAct": ["look_up"],
    }
    assert found["LogGroupArns"]["log_group_arns"] == []
    assert found["NoEveryService"]["every_service"] is True
    assert len(found) == 5


def test_what_depends_on_an_option_has_its_condition() -> None:
    template = rendered()
    made = template["Resources"]

    trust = made["RRole"]["Properties"]["AssumeRolePolicyDocument"]
    nothing = {"Ref": "AWS::NoValue"}
    resource = {"Fn::Sub": "arn:${AWS::Partition}:x::${AWS::AccountId}:${!y}"}
    assert trust["Services"] == {"Fn::If": ["WithNoEveryService", {"x": {"Ref": "Name"}}, nothing]}
    assert trust["Statement"] == [
        {"Action": "sts:AssumeRole", "Principal": {"AWS": {"Ref": "PrincipalArns"}}},
        {"Fn::If": ["WithAllowLookUp", {"Action": "x:look_up", "Resource": resource}, nothing]},
        {"Fn::If": ["WithAllowAct", {"Action": "x:act", "Resource": resource}, nothing]},
    ]
    words = [{"Fn::If": ["WithAllowLookUp", "look_up", nothing]}, {"Fn::If": ["WithAllowAct", "act", nothing]}]
    assert made["RRole"]["Properties"]["Tags"] == [{"Key": "actions", "Value": {"Fn::Join": [" ", words]}}]
    assert made["RRole"]["Properties"]["RoleName"] == {"Fn::Sub": "${Name}-r"}
    assert template["Conditions"]["WithNoEveryService"] == {"Fn::Equals": [{"Ref": "EveryService"}, "false"]}
    assert made["RPolicy"]["Condition"] == "WithLogGroupArns"
    assert made["RPolicy"]["Properties"]["PolicyDocument"] == {"Resource": {"Ref": "LogGroupArns"}}


def test_parameters_have_what_the_inputs_say() -> None:
    made = rendered()["Parameters"]

    assert made["Name"] == {
        "Type": "String",
        "Description": "Name.",
        "AllowedPattern": "^[a-z-]+$",
        "ConstraintDescription": "name must have letters.",
        "Default": "alert-responder",
    }
    assert made["AllowAct"]["Default"] == "false"
    assert made["EveryService"] == {
        "Type": "String",
        "Description": "Whether every service is trusted.",
        "AllowedValues": ["true", "false"],
        "Default": "false",
    }
    assert (made["PrincipalArns"]["AllowedPattern"], made["PrincipalArns"].get("Default")) == ("^a$", None)
    assert (made["LogGroupArns"]["AllowedPattern"], made["LogGroupArns"]["Default"]) == ("^(l)?$", "")


def test_a_list_can_only_be_used_as_a_whole() -> None:
    with pytest.raises(ToolError, match="can only be used as a whole"):
        rendered(Sid="marked-arn")


def test_a_template_that_is_too_long_is_an_error() -> None:
    with pytest.raises(ToolError, match="bytes; allowed: 51,200"):
        rendered(Sid="x" * 51_200)


def test_what_exists_only_without_an_option_is_an_error() -> None:
    plans = {name: planned(variables) for name, variables in variants(OPTIONS).items()}
    more = dict(plans["AllowAct"].values) | {"aws_sqs_queue.more": {"name": "more"}}

    with pytest.raises(ToolError, match="only without AllowAct"):
        render(OPTIONS, INPUTS, plans | {"AllowAct": Plan(more, {})})


def test_a_value_that_an_option_changes_is_an_error() -> None:
    plans = {name: planned(variables, Limit=len(variables["actions"])) for name, variables in variants(OPTIONS).items()}

    with pytest.raises(ToolError, match="has other elements"):
        render(OPTIONS, INPUTS, plans)
