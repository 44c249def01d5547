"""Keys and contexts of attributes, which are free text: how much is kept. They never cost an attribute its lookup."""

from collections.abc import Sequence

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute

MAX_KEY_LENGTH = 1024
"""Longest key that is kept of an attribute [characters]; the alert itself keeps it whole."""

MAX_CONTEXTS = 50
"""Contexts of an attribute that are kept: alerts without end may each add some."""

MAX_TEXT_LENGTH = 20_000
"""Keys and contexts of all attributes of an alert, but for the known contexts, which filters ask for [characters]."""


def first_contexts(contexts: tuple[str, ...], most: int = MAX_CONTEXTS) -> tuple[str, ...]:
    """Keep so many of an attribute's contexts, which are sorted; the known ones first.

    Examples
    --------
    >>> first_contexts(("a", "b", "remote"), 2)
    ('a', 'remote')
    """
    if len(contexts) <= most:
        return contexts
    ordered = sorted(contexts, key=lambda context: (context not in KNOWN_CONTEXTS, context))
    return tuple(sorted(ordered[:most]))


def with_little_text(attributes: Sequence[Attribute], most: int = MAX_TEXT_LENGTH) -> list[Attribute]:
    """Shorten keys and leave out contexts as far as there is no room for them.

    Parameters
    ----------
    most
        How much of both is kept in all, but for known contexts [characters].
    """
    kept: list[Attribute] = []
    for attribute in attributes:
        key, contexts = attribute.key[: min(MAX_KEY_LENGTH, most)], first_contexts(attribute.context)
        most -= len(key)
        others = sum(len(context) for context in contexts if context not in KNOWN_CONTEXTS)
        if others > most:
            contexts = tuple(context for context in contexts if context in KNOWN_CONTEXTS)
        else:
            most -= others
        changed = (key, contexts) != (attribute.key, attribute.context)
        kept.append(attribute.model_copy(update={"key": key, "context": contexts}) if changed else attribute)
    return kept
