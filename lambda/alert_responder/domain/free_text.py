"""Limits on keys and contexts of attributes, which are free text. They never prevent a lookup."""

from collections.abc import Sequence

from alert_responder.contracts.alert import KNOWN_CONTEXTS, Attribute

MAX_KEY_LENGTH = 1024
"""Longest key of an attribute [characters]; the stored alert has the whole key."""

MAX_CONTEXTS = 50
"""Maximum number of contexts of an attribute, because any number of alerts may add some."""

MAX_TEXT_LENGTH = 20_000
"""Maximum length of keys and contexts of all attributes of an alert, without the known contexts [characters]."""


def limit_contexts(contexts: tuple[str, ...], most: int = MAX_CONTEXTS) -> tuple[str, ...]:
    """Return at most `most` of the sorted contexts; the known ones are kept first.

    Examples
    --------
    >>> limit_contexts(("a", "b", "remote"), 2)
    ('a', 'remote')
    """
    if len(contexts) <= most:
        return contexts
    ordered = sorted(contexts, key=lambda context: (context not in KNOWN_CONTEXTS, context))
    return tuple(sorted(ordered[:most]))


def limit_free_text(attributes: Sequence[Attribute], most: int = MAX_TEXT_LENGTH) -> list[Attribute]:
    """Shorten keys and leave out contexts that exceed the limit.

    Parameters
    ----------
    most
        Maximum total length of keys and contexts, without known contexts [characters].
    """
    kept: list[Attribute] = []
    for attribute in attributes:
        key, contexts = attribute.key[: min(MAX_KEY_LENGTH, most)], limit_contexts(attribute.context)
        most -= len(key)
        others = sum(len(context) for context in contexts if context not in KNOWN_CONTEXTS)
        if others > most:
            contexts = tuple(context for context in contexts if context in KNOWN_CONTEXTS)
        else:
            most -= others
        changed = (key, contexts) != (attribute.key, attribute.context)
        kept.append(attribute.model_copy(update={"key": key, "context": contexts}) if changed else attribute)
    return kept
