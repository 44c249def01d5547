"""Translate planned modules into CloudFormation templates, for StackSets.

A module is planned with a marker for each input that becomes a parameter, and once more without each option. What is
missing in a plan without an option has a condition in the template. `make templates` writes the templates.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.errors import ToolError
from tools.stack_resources import Plan, Tree, capitalised, resources

FULL = "full"
"""The plan with all options."""

MAXIMUM_BYTES = 51_200
"""The longest template that CloudFormation takes without a bucket."""


@dataclass(frozen=True)
class Text:
    """A text that becomes a parameter.

    Attributes
    ----------
    variable
        Name of the module's input.
    marker
        Value in the plan; it is found again in longer texts, and must be valid for the input.
    """

    variable: str
    marker: str


@dataclass(frozen=True)
class Several:
    """A list of texts that becomes a parameter. It must be used as a whole; an optional list may be empty.

    Attributes
    ----------
    markers
        Value in the plan.
    without
        Inputs of the plan without this list, if there is none without other options.
    """

    variable: str
    markers: tuple[str, ...]
    without: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """A set of words, each of which becomes a parameter that is true or false.

    Attributes
    ----------
    prefix
        Beginning of the parameters' names.
    meanings
        Description of each word.
    """

    variable: str
    prefix: str
    meanings: Mapping[str, str]


@dataclass(frozen=True)
class Flag:
    """A flag that becomes a parameter. If it is true, the template leaves something out and adds nothing."""

    variable: str


@dataclass(frozen=True)
class Template:
    """A template of a module.

    Attributes
    ----------
    module
        Folder of the module.
    description
        What the template creates.
    parameters
        The inputs that become parameters.
    pseudo
        Markers of the inputs that CloudFormation knows, by its name: AWS::AccountId, AWS::Region.
    fixed
        Values of other inputs.
    """

    module: str
    description: str
    parameters: tuple[Text | Several | Options | Flag, ...]
    pseudo: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Input:
    """What the module's code says of an input.

    Attributes
    ----------
    default
        The default value; None: required.
    pattern
        Regular expression of the value, or of each value of a list.
    message
        What is allowed.
    """

    description: str
    default: Any = None
    pattern: str | None = None
    message: str | None = None


def variants(template: Template) -> dict[str, dict[str, Any]]:
    """Return the inputs of each plan that `render` needs, by name: all options, and each option left out."""
    full = dict(template.fixed)
    for parameter in template.parameters:
        match parameter:
            case Text():
                full[parameter.variable] = parameter.marker
            case Several():
                full[parameter.variable] = list(parameter.markers)
            case Options():
                full[parameter.variable] = list(parameter.meanings)
            case Flag():
                full[parameter.variable] = False
    found = {FULL: full}
    for parameter in template.parameters:
        match parameter:
            case Several(without=without) if without:
                found[capitalised(parameter.variable)] = {**full, parameter.variable: [], **without}
            case Options():
                for word in parameter.meanings:
                    others = [each for each in parameter.meanings if each != word]
                    found[_option(parameter, word)] = full | {parameter.variable: others}
            case Flag():
                found[_unset(parameter)] = full | {parameter.variable: True}
            case _:
                pass
    return found


def render(template: Template, inputs: Mapping[str, Input], plans: Mapping[str, Plan]) -> str:
    """Render a template as JSON.

    Parameters
    ----------
    inputs
        The inputs of the module by name.
    plans
        A plan for each of `variants`.

    Raises
    ------
    ToolError
        Something in the module has no rule here, or the template is too long.
    """
    conditions = {name: _condition(template, name) for name in plans if name != FULL}
    made = {name: resources(plan) for name, plan in plans.items()}
    parts = _Conditions()
    combined = {
        identifier: _conditional(resource, {name: made[name].get(identifier) for name in conditions}, parts)
        for identifier, resource in made[FULL].items()
    }
    for name in conditions:
        if extra := made[name].keys() - combined.keys():
            raise ToolError(f"{template.module} has {sorted(extra)} only without {name}.")
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{template.description} Rendered from {template.module}; do not edit.",
        "Parameters": dict(_parameters(template, inputs)),
        "Conditions": {
            **{f"With{name}": condition for name, condition in conditions.items()},
            **{
                name: {"Fn::And": [{"Condition": f"With{part}"} for part in names]}
                for name, names in parts.found.items()
            },
        },
        "Resources": _parameterised(combined, template),
    }
    text = f"{json.dumps(body, indent=2)}\n"
    if len(text.encode()) > MAXIMUM_BYTES:
        raise ToolError(
            f"The template of {template.module} has {len(text.encode()):,} bytes; allowed: {MAXIMUM_BYTES:,}."
        )
    return text


# Names in templates


def _option(parameter: Options, word: str) -> str:
    return f"{parameter.prefix}{capitalised(word)}"


def _unset(parameter: Flag) -> str:
    return f"No{capitalised(parameter.variable)}"


# Parameters


def _parameters(template: Template, inputs: Mapping[str, Input]) -> Iterable[tuple[str, dict[str, Tree]]]:
    for parameter in template.parameters:
        found = inputs[parameter.variable]
        match parameter:
            case Text():
                default = {} if found.default is None else {"Default": found.default}
                yield capitalised(parameter.variable), {"Type": "String", **_described(found, found.pattern), **default}
            case Several():
                optional = found.default == []
                # CloudFormation compares each value, and the empty text of an empty list.
                pattern = (
                    f"^({(found.pattern or '').removeprefix('^').removesuffix('$')})?$" if optional else found.pattern
                )
                default = {"Default": ""} if optional else {}
                yield (
                    capitalised(parameter.variable),
                    {"Type": "CommaDelimitedList", **_described(found, pattern), **default},
                )
            case Options():
                for word, meaning in parameter.meanings.items():
                    default = {"Default": "true" if word in found.default else "false"}
                    values = {"Type": "String", "Description": meaning, "AllowedValues": ["true", "false"]}
                    yield _option(parameter, word), {**values, **default}
            case Flag():
                values = {"Type": "String", "Description": found.description, "AllowedValues": ["true", "false"]}
                yield capitalised(parameter.variable), {**values, "Default": "true" if found.default else "false"}


def _described(found: Input, pattern: str | None) -> dict[str, str]:
    described = {"Description": found.description, "AllowedPattern": pattern, "ConstraintDescription": found.message}
    return {name: value for name, value in described.items() if value is not None}


def _condition(template: Template, name: str) -> dict[str, Tree]:
    lists = {capitalised(each.variable) for each in template.parameters if isinstance(each, Several)}
    if name in lists:
        return {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": name}]}, ""]}]}
    flags = {_unset(each): capitalised(each.variable) for each in template.parameters if isinstance(each, Flag)}
    if name in flags:
        return {"Fn::Equals": [{"Ref": flags[name]}, "false"]}
    return {"Fn::Equals": [{"Ref": name}, "true"]}


def _parameterised(tree: Tree, template: Template) -> Tree:
    """Replace the markers in a tree by references to parameters, and the partition by CloudFormation's name of it."""
    lists = {each.markers: capitalised(each.variable) for each in template.parameters if isinstance(each, Several)}
    texts = {each.marker: capitalised(each.variable) for each in template.parameters if isinstance(each, Text)}
    texts |= {marker: name for name, marker in template.pseudo.items()}
    known = re.compile("|".join(["(?<=arn:)aws(?=:)", *map(re.escape, texts)]))

    def replaced(value: Tree) -> Tree:
        match value:
            case dict():
                return {key: replaced(each) for key, each in value.items()}
            case list() if tuple(map(str, value)) in lists:
                return {"Ref": lists[tuple(value)]}
            case list():
                return [replaced(each) for each in value]
            case str() if any(marker in value for markers in lists for marker in markers):
                raise ToolError(f"{value} is part of a list that is a parameter, and can only be used as a whole.")
            case str() if value in texts:
                return {"Ref": texts[value]}
            case str() if known.search(value):
                escaped = value.replace("${", "${!")
                return {"Fn::Sub": known.sub(lambda found: f"${{{texts.get(found[0], 'AWS::Partition')}}}", escaped)}
            case _:
                return value

    return replaced(tree)


# Options: what is missing in a plan without one


class _Conditions:
    """The conditions that combine several options, by name."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, ...]] = {}

    def of(self, names: Sequence[str]) -> str:
        """Return the name of the condition that all these options are chosen."""
        name = f"With{'And'.join(names)}"
        if len(names) > 1:
            self.found[name] = tuple(names)
        return name


_NOTHING = {"Ref": "AWS::NoValue"}


def _conditional(
    resource: dict[str, Tree], others: Mapping[str, dict[str, Tree] | None], conditions: _Conditions
) -> dict[str, Tree]:
    missing = [name for name, other in others.items() if other is None]
    present = {name: other["Properties"] for name, other in others.items() if other is not None}
    condition = {"Condition": conditions.of(missing)} if missing else {}
    properties = _merged(resource["Properties"], present, conditions)
    return {"Type": resource["Type"], **condition, "Properties": properties}


def _merged(full: Tree, others: Mapping[str, Tree], conditions: _Conditions) -> Tree:
    """Describe a value with conditions, from the value with all options and those without one of them."""
    if all(other == full for other in others.values()):
        return full
    match full:
        case dict():
            return {
                key: _optional(
                    _merged(value, {name: other[key] for name, other in others.items() if key in other}, conditions),
                    [name for name, other in others.items() if key not in other],
                    conditions,
                )
                for key, value in full.items()
            }
        case list() if all(len(other) == len(full) for other in others.values()):
            return [
                _merged(each, {name: other[place] for name, other in others.items()}, conditions)
                for place, each in enumerate(full)
            ]
        case list():
            return _elements(full, others, conditions)
        case str():
            words = {name: other.split() for name, other in others.items()}
            return {"Fn::Join": [" ", _elements(full.split(), words, conditions)]}
        case _:
            raise ToolError(f"{full!r} differs without an option: {others}.")


def _elements(full: list[Tree], others: Mapping[str, list[Tree]], conditions: _Conditions) -> list[Tree]:
    for name, other in others.items():
        if other != [each for each in full if each in other]:
            raise ToolError(f"Without {name} a list has other elements: {other} instead of {full}.")
    return [_optional(each, [name for name, other in others.items() if each not in other], conditions) for each in full]


def _optional(value: Tree, missing: Sequence[str], conditions: _Conditions) -> Tree:
    return {"Fn::If": [conditions.of(missing), value, _NOTHING]} if missing else value
