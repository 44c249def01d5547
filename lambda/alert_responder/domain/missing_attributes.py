"""Attributes of alerts that are not in the report: how many of each type, and why; limited for any alert."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute
from alert_responder.domain.attributes import KNOWN_TYPES

Why = Literal["large", "much", "many"]
"""The value is too long; the values are too long together; there are too many attributes."""

MAX_SHOWN_VALUE = 200
"""Longest value that is kept of a missing attribute [characters]."""

MAX_OTHER_TYPES = 20
"""Maximum number of custom types that are listed for each reason; known types are always listed."""


class Missing(NamedTuple):
    """Attributes of one type that are missing for one reason.

    Attributes
    ----------
    attribute
        The first of them, with a shortened value and the known contexts of all of them.
    """

    why: Why
    attribute: Attribute
    number: int = 1


class MissingAttributes:
    """Collects missing attributes."""

    def __init__(self) -> None:
        self._found: dict[tuple[Why, str], Missing] = {}
        self._others: dict[Why, int] = {}

    def add(self, why: Why, attribute: Attribute, number: int = 1) -> None:
        """Count an attribute; custom types beyond `MAX_OTHER_TYPES` are not listed."""
        place = (why, attribute.type)
        earlier = self._found.get(place)
        if earlier is None:
            if attribute.type not in KNOWN_TYPES:
                self._others[why] = self._others.get(why, 0) + 1
                if self._others[why] > MAX_OTHER_TYPES:
                    return
            self._found[place] = Missing(why, _short(attribute), number)
            return
        contexts = {*earlier.attribute.context, *(KNOWN_CONTEXTS & set(attribute.context))}
        kept = earlier.attribute
        if len(contexts) > len(kept.context):
            kept = kept.model_copy(update={"context": tuple(sorted(contexts))})
        self._found[place] = Missing(why, kept, earlier.number + number)

    def listed(self) -> tuple[Missing, ...]:
        """Return the missing attributes in order of first appearance."""
        return tuple(self._found.values())


def united_missing(groups: Iterable[Iterable[Missing]]) -> tuple[Missing, ...]:
    """Merge the missing attributes of several groups of alerts."""
    gathered = MissingAttributes()
    for group in groups:
        for missing in group:
            gathered.add(missing.why, missing.attribute, missing.number)
    return gathered.listed()


def samples(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """Return the first of the left-out attributes of each type, with the known contexts of all of them."""
    gathered = MissingAttributes()
    for attribute in attributes:
        gathered.add("many", attribute)
    return tuple(missing.attribute for missing in gathered.listed())


def _short(attribute: Attribute) -> Attribute:
    contexts = tuple(context for context in attribute.context if context in KNOWN_CONTEXTS)
    value = attribute.value[:MAX_SHOWN_VALUE]
    return attribute.model_copy(update={"key": "", "value": value, "context": contexts, "timestamp": None})
