"""Attributes that are in an alert and not in its report: how many of each type, and why; bounded for any alert."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute
from alert_responder.domain.attributes import KNOWN_TYPES

Why = Literal["large", "much", "many"]
"""A value that is too long; values that are too long together; attributes that are too many."""

MAX_SHOWN_VALUE = 200
"""Longest value that is kept of one [characters]."""

MAX_OTHER_TYPES = 20
"""Types that AlertResponder does not know, which are listed for each reason; the known ones always are."""


class Missing(NamedTuple):
    """Attributes of one type that are missing for one reason.

    Attributes
    ----------
    attribute
        The first of them, its value cut short, with the known contexts of all of them.
    """

    why: Why
    attribute: Attribute
    number: int = 1


class MissingAttributes:
    """Gathers them, one after the other."""

    def __init__(self) -> None:
        self._found: dict[tuple[Why, str], Missing] = {}
        self._others: dict[Why, int] = {}

    def add(self, why: Why, attribute: Attribute, number: int = 1) -> None:
        """Count an attribute; a type beyond `MAX_OTHER_TYPES` is not listed."""
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
        """List what was gathered, in order of first appearance."""
        return tuple(self._found.values())


def united_missing(groups: Iterable[Iterable[Missing]]) -> tuple[Missing, ...]:
    """Put together what is missing in several groups of alerts."""
    gathered = MissingAttributes()
    for group in groups:
        for missing in group:
            gathered.add(missing.why, missing.attribute, missing.number)
    return gathered.listed()


def samples(attributes: Iterable[Attribute]) -> tuple[Attribute, ...]:
    """Pick of attributes that are not read further the first ones of each type, with the known contexts of all."""
    gathered = MissingAttributes()
    for attribute in attributes:
        gathered.add("many", attribute)
    return tuple(missing.attribute for missing in gathered.listed())


def _short(attribute: Attribute) -> Attribute:
    contexts = tuple(context for context in attribute.context if context in KNOWN_CONTEXTS)
    value = attribute.value[:MAX_SHOWN_VALUE]
    return attribute.model_copy(update={"key": "", "value": value, "context": contexts, "timestamp": None})
