"""CloudFormation's evaluation of a template, with the functions that the rendered templates use.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import re
from collections.abc import Mapping
from typing import Any

NOTHING = object()
"""A value that CloudFormation leaves out."""


class Stack:
    """A template with values of its parameters.

    Parameters
    ----------
    template
        The parsed template.
    parameters
        Values by name, as texts; a list is separated by commas. Others have their defaults.
    pseudo
        Values of `AWS::AccountId` and others, by name.
    """

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str], pseudo: Mapping[str, str]):
        self._conditions = template["Conditions"]
        self._values: dict[str, Any] = {"AWS::NoValue": NOTHING, **pseudo}
        if unknown := parameters.keys() - template["Parameters"].keys():
            raise ValueError(f"unknown parameters: {unknown}")
        for name, parameter in template["Parameters"].items():
            text = parameters[name] if name in parameters else parameter["Default"]
            several = parameter["Type"] == "CommaDelimitedList"
            values = text.split(",") if several else [text]
            for each in values:
                self._check(name, parameter, each)
            self._values[name] = [each for each in values if each] if several else text
        made = {name for name, each in template["Resources"].items() if self._made(each)}
        self._resources = {name: template["Resources"][name] for name in template["Resources"] if name in made}

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources of the stack with the values of all functions; references to resources stay."""
        return {
            name: {"Type": each["Type"], "Properties": self._value(each["Properties"])}
            for name, each in self._resources.items()
        }

    def _made(self, resource: Mapping[str, Any]) -> bool:
        return "Condition" not in resource or self._holds({"Condition": resource["Condition"]})

    @staticmethod
    def _check(name: str, parameter: Mapping[str, Any], value: str) -> None:
        pattern = parameter.get("AllowedPattern", ".*")
        if value not in parameter.get("AllowedValues", [value]) or not re.fullmatch(pattern, value):
            raise ValueError(f"{name} must not be {value!r}")

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        [(function, operand)] = condition.items()
        match function:
            case "Condition":
                return self._holds(self._conditions[operand])
            case "Fn::Equals":
                first, second = map(self._value, operand)
                return bool(first == second)
            case "Fn::Not":
                return not self._holds(operand[0])
            case "Fn::And":
                return all(map(self._holds, operand))
            case _:
                raise ValueError(function)

    def _value(self, tree: Any) -> Any:
        match tree:
            case {"Ref": str(name)}:
                return tree if self._resource(name) else self._values[name]
            case {"Fn::GetAtt": [str(name), _]}:
                assert self._resource(name), name
                return tree
            case {"Fn::If": [condition, chosen, other]}:
                return self._value(chosen if self._holds({"Condition": condition}) else other)
            case {"Fn::Join": [separator, values]}:
                return str(separator).join(self._value(values))
            case {"Fn::Sub": str(text)}:
                names = re.compile(r"\$\{(!?)([\w:]+)\}")
                return names.sub(lambda found: f"${{{found[2]}}}" if found[1] else self._values[found[2]], text)
            case dict():
                assert not any(key.startswith("Fn::") for key in tree), tree
                return {key: value for key, each in tree.items() if (value := self._value(each)) is not NOTHING}
            case list():
                return [value for each in tree if (value := self._value(each)) is not NOTHING]
            case _:
                return tree

    def _resource(self, name: str) -> bool:
        return name not in self._values and name in self._resources
