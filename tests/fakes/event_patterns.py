"""Whether an event matches a pattern of EventBridge, with the operators that the modules use.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
"""

from collections.abc import Iterator, Mapping
from typing import Any


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Decide about an event, or a part of it; a list in the event matches if one of its elements does."""
    return all(
        any(matches(alternative, event) for alternative in wanted)
        if name == "$or"
        else _matches_field(wanted, list(_values(event, name)))
        for name, wanted in pattern.items()
    )


def _matches_field(wanted: Any, values: list[Any]) -> bool:
    if isinstance(wanted, Mapping):
        return any(matches(wanted, value) for value in values or [{}])
    return any(_accepts(condition, values) for condition in wanted)


def _accepts(condition: Any, values: list[Any]) -> bool:
    match condition:
        case {"exists": bool() as exists}:
            return bool(values) is exists
        case {"anything-but": list() as refused}:
            return bool(values) and not any(value in refused for value in values)
        case dict():
            raise ValueError(f"{condition} is not supported here.")
        case _:
            return condition in values


def _values(event: Any, name: str) -> Iterator[Any]:
    for part in event if isinstance(event, list) else [event]:
        if isinstance(part, Mapping) and name in part:
            value = part[name]
            yield from value if isinstance(value, list) else [value]
