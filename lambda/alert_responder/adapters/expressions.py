"""Conditions and updates as DynamoDB expressions, with a placeholder for every name and value."""

from collections.abc import Callable
from typing import Any

from alert_responder.store.table import Condition, Test, Update, Value


class Expressions:
    """Collects the placeholders of one request.

    Parameters
    ----------
    serialize
        Converts a value to DynamoDB JSON.
    """

    def __init__(self, serialize: Callable[[Value], Any]) -> None:
        self._serialize = serialize
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def condition(self, condition: Condition) -> str:
        """Write a conjunction of disjunctions of tests."""
        return " AND ".join("(" + " OR ".join(map(self._test, clause)) + ")" for clause in condition)

    def update(self, update: Update) -> str:
        """Write the changes of an update."""
        parts = {
            "SET": [f"{self._name(name)} = {self._value(value)}" for name, value in update.assign.items()],
            "ADD": [f"{self._name(name)} {self._value(value)}" for name, value in update.add.items()],
            "REMOVE": [self._name(name) for name in update.remove],
        }
        return " ".join(f"{verb} {', '.join(terms)}" for verb, terms in parts.items() if terms)

    def placeholders(self) -> dict[str, Any]:
        """Return the arguments of the request that define the placeholders."""
        arguments = {
            "ExpressionAttributeNames": {placeholder: name for name, placeholder in self._names.items()},
            "ExpressionAttributeValues": self._values,
        }
        return {argument: content for argument, content in arguments.items() if content}

    def _test(self, test: Test) -> str:
        name = self._name(test.name)
        if test.comparison == "absent":
            return f"attribute_not_exists({name})"
        if test.comparison == "present":
            return f"attribute_exists({name})"
        return f"{name} {test.comparison} {self._value(test.value)}"

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#n{len(self._names)}")

    def _value(self, value: Value) -> str:
        placeholder = f":v{len(self._values)}"
        self._values[placeholder] = self._serialize(value)
        return placeholder
