"""Translate planned resources of Terraform into resources of CloudFormation: the rules for each type."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from tools.errors import ToolError

Tree = Any
"""A value of a template: text, number, flag, list or object."""


@dataclass(frozen=True)
class Plan:
    """A planned module.

    Attributes
    ----------
    values
        The known values of each resource, by address.
    written
        Each resource with its expressions, by address without an index.
    """

    values: Mapping[str, Mapping[str, Any]]
    written: Mapping[str, Mapping[str, Any]]


def resources(plan: Plan) -> dict[str, dict[str, Tree]]:
    """Translate the resources of a plan, by identifier; targets become part of their rules.

    Raises
    ------
    ToolError
        A resource, an attribute or a reference has no rule here.
    """
    found: dict[str, dict[str, Tree]] = {}
    targets: list[tuple[str, Tree]] = []
    for address, values in plan.values.items():
        kind = _kind(address)
        if kind == "aws_cloudwatch_event_target":
            targets.append((values["rule"], _properties(plan, address, _TARGET)))
        elif kind in _TYPES:
            properties = _properties(plan, address, _TYPES[kind])
            found[_identifier(address)] = {"Type": _TYPES[kind].name, "Properties": properties}
        else:
            raise ToolError(f"{address}: {kind} has no rule.")
    rules = {each["Properties"]["Name"]: each for each in found.values() if each["Type"] == "AWS::Events::Rule"}
    for rule, target in targets:
        rules[rule]["Properties"].setdefault("Targets", []).append(target)
    return found


def capitalised(name: str) -> str:
    """Return a name without separators, as CloudFormation's names are written: log_group becomes LogGroup."""
    return "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", name))


def _kind(address: str) -> str:
    return address.partition(".")[0]


def _without_index(address: str) -> str:
    return re.sub(r"\[[^]]*\]", "", address)


def _identifier(address: str) -> str:
    kind, rest = address.split(".", 1)
    label, _, index = rest.partition("[")
    key = json.loads(index.removesuffix("]")) if index else None
    words = [*([] if label == "this" else [label]), *([key] if isinstance(key, str) else [])]
    return f"{capitalised('-'.join(words))}{_TYPES[kind].name.rpartition('::')[2]}"


# References to other resources of the module


class _Pointer(Protocol):
    def __call__(self, value: Any, *inner: str) -> Tree:
        """Refer to the resource that has this name or ARN, or which the expression names if the value is unknown.

        A value that belongs to no resource is returned unchanged. `inner` names the attribute in a block.
        """
        ...


_ARNS = {
    "aws_iam_policy": "arn:aws:iam::[0-9]+:policy/{}",
    "aws_iam_role": "arn:aws:iam::[0-9]+:role/{}",
    "aws_sqs_queue": "arn:aws:sqs:[a-z0-9-]+:[0-9]+:{}",
}
_RETURNED = {
    ("aws_iam_policy", "arn"): None,
    ("aws_iam_role", "arn"): "Arn",
    ("aws_iam_role", "id"): None,
    ("aws_iam_role", "name"): None,
    ("aws_sqs_queue", "arn"): "Arn",
    ("aws_sqs_queue", "id"): None,
    ("aws_sqs_queue", "name"): "QueueName",
    ("aws_sqs_queue", "url"): None,
}
"""CloudFormation's attribute for one of Terraform's; None: what a reference to the resource returns."""


def _pointer(plan: Plan, address: str, attribute: str) -> _Pointer:
    def point(value: Any, *inner: str) -> Tree:
        if value is None:
            return _referenced(plan, address, (attribute, *inner))
        for other, values in plan.values.items():
            kind, name = _kind(other), values.get("name")
            if (kind, attribute, value) == ("aws_iam_role", "role", name):
                return _returned(other, "name")
            if name and kind in _ARNS and re.fullmatch(_ARNS[kind].format(re.escape(name)), value):
                return _returned(other, "arn")
        return value

    return point


def _expression(plan: Plan, address: str, path: tuple[str, ...]) -> Mapping[str, Any]:
    expression: Any = plan.written.get(_without_index(address), {}).get("expressions", {})
    for each in path:
        expression = expression.get(each, {})
        expression = expression[0] if isinstance(expression, list) else expression
    found: Mapping[str, Any] = expression
    return found


def _referenced(plan: Plan, address: str, path: tuple[str, ...]) -> Tree:
    if not (references := _expression(plan, address, path).get("references")):
        return None
    resource, _, attribute = _without_index(references[0]).rpartition(".")
    found = [each for each in plan.values if _without_index(each) == resource]
    if len(found) != 1:
        raise ToolError(f"{address}: {references[0]} must be one resource of the module, got {found}.")
    return _returned(found[0], attribute)


def _returned(address: str, attribute: str) -> Tree:
    key = (_kind(address), attribute)
    if key not in _RETURNED:
        raise ToolError(f"{address}: the attribute {attribute} has no rule.")
    returned = _RETURNED[key]
    return {"Fn::GetAtt": [_identifier(address), returned]} if returned else {"Ref": _identifier(address)}


# Values of attributes

_Translation = Callable[[Any, _Pointer], Tree]


def _unchanged(value: Any, _point: _Pointer) -> Tree:
    return value


def _document(value: Any, _point: _Pointer) -> Tree:
    return None if value is None else json.loads(value)


def _pointed(value: Any, point: _Pointer) -> Tree:
    return point(value)


def _one_pointed(value: Any, point: _Pointer) -> Tree:
    found = point(value)
    return None if found is None else [found]


def _all_pointed(value: Any, point: _Pointer) -> Tree:
    return [point(each) for each in value or ()] or None


def _tags(value: Any, _point: _Pointer) -> Tree:
    return [{"Key": key, "Value": text} for key, text in sorted((value or {}).items())] or None


def _dimensions(value: Any, _point: _Pointer) -> Tree:
    return [{"Name": name, "Value": text} for name, text in sorted((value or {}).items())] or None


def _dead_letters(value: Any, point: _Pointer) -> Tree:
    return {"Arn": point(value[0].get("arn"), "arn")} if value else None


def _retries(value: Any, _point: _Pointer) -> Tree:
    return {capitalised(name): number for name, number in value[0].items()} if value else None


@dataclass(frozen=True)
class _Type:
    """How a resource becomes one of CloudFormation.

    Attributes
    ----------
    properties
        The property of each attribute, and how its value is translated.
    defaults
        Values of attributes that CloudFormation has without them.
    """

    name: str
    properties: Mapping[str, tuple[str, _Translation]]
    defaults: Mapping[str, Any] = field(default_factory=dict)


def _same(*names: str) -> dict[str, tuple[str, _Translation]]:
    return {name: (capitalised(name), _unchanged) for name in names}


_TYPES = {
    "aws_cloudwatch_event_rule": _Type(
        "AWS::Events::Rule",
        {**_same("description", "event_bus_name", "name"), "event_pattern": ("EventPattern", _document)},
        {"event_bus_name": "default", "force_destroy": False, "state": "ENABLED"},
    ),
    "aws_cloudwatch_metric_alarm": _Type(
        "AWS::CloudWatch::Alarm",
        {
            **_same("alarm_description", "alarm_name", "comparison_operator", "datapoints_to_alarm"),
            **_same("evaluation_periods", "metric_name", "namespace", "period", "statistic", "threshold"),
            **_same("treat_missing_data"),
            "alarm_actions": ("AlarmActions", _all_pointed),
            "dimensions": ("Dimensions", _dimensions),
            "ok_actions": ("OKActions", _all_pointed),
            "tags": ("Tags", _tags),
        },
        {"actions_enabled": True},
    ),
    "aws_iam_policy": _Type(
        "AWS::IAM::ManagedPolicy",
        {**_same("description"), "name": ("ManagedPolicyName", _unchanged), "policy": ("PolicyDocument", _document)},
        {"path": "/"},
    ),
    "aws_iam_role": _Type(
        "AWS::IAM::Role",
        {
            **_same("description"),
            "assume_role_policy": ("AssumeRolePolicyDocument", _document),
            "name": ("RoleName", _unchanged),
            "permissions_boundary": ("PermissionsBoundary", _pointed),
            "tags": ("Tags", _tags),
        },
        {"force_detach_policies": False, "max_session_duration": 3600, "path": "/"},
    ),
    "aws_iam_role_policy": _Type(
        "AWS::IAM::Policy",
        {
            "name": ("PolicyName", _unchanged),
            "policy": ("PolicyDocument", _document),
            "role": ("Roles", _one_pointed),
        },
    ),
    "aws_sqs_queue": _Type(
        "AWS::SQS::Queue",
        {
            **_same("kms_master_key_id", "sqs_managed_sse_enabled"),
            "message_retention_seconds": ("MessageRetentionPeriod", _unchanged),
            "name": ("QueueName", _unchanged),
            "tags": ("Tags", _tags),
        },
        {
            "content_based_deduplication": False,
            "delay_seconds": 0,
            "fifo_queue": False,
            "kms_data_key_reuse_period_seconds": 0,
            "max_message_size": 262144,
            "receive_wait_time_seconds": 0,
            "visibility_timeout_seconds": 30,
        },
    ),
    "aws_sqs_queue_policy": _Type(
        "AWS::SQS::QueuePolicy", {"policy": ("PolicyDocument", _document), "queue_url": ("Queues", _one_pointed)}
    ),
}
_TARGET = _Type(
    "the targets of AWS::Events::Rule",
    {
        "arn": ("Arn", _pointed),
        "dead_letter_config": ("DeadLetterConfig", _dead_letters),
        "retry_policy": ("RetryPolicy", _retries),
        "role_arn": ("RoleArn", _pointed),
        "target_id": ("Id", _unchanged),
    },
    {"force_destroy": False},
)
_ELSEWHERE = {"event_bus_name", "rule", "tags_all"}
"""Attributes that say where a target is, or repeat another one."""


def _properties(plan: Plan, address: str, type_: _Type) -> dict[str, Tree]:
    values = {
        name: value
        for name, value in plan.values[address].items()
        if name not in type_.defaults or value != type_.defaults[name]
    }
    for name, value in values.items():
        if name not in type_.properties and name not in _ELSEWHERE and value not in (None, [], {}):
            raise ToolError(f"{address}: {name} = {json.dumps(value)} has no rule for {type_.name}.")
    translated = {
        name: translate(values.get(attribute), _pointer(plan, address, attribute))
        for attribute, (name, translate) in type_.properties.items()
    }
    for attribute, (name, _) in type_.properties.items():
        if (
            translated[name] is None
            and attribute not in plan.values[address]
            and _expression(plan, address, (attribute,))
        ):
            raise ToolError(f"{address}: {attribute} is unknown in a plan. Compose names and ARNs in it.")
    return {name: value for name, value in translated.items() if value is not None}
