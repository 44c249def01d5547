"""Attributes that are derived from others: the host of a URL, and the domain of an e-mail address."""

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import unite
from alert_responder.domain.sides import SIDES, host_of

MAX_KEY_LENGTH = 200
"""Longest key of a derived attribute [characters], because any number may be derived."""

_INHERITED = SIDES | {"client", "server"}
"""Contexts that apply to the host as well. The URL's other contexts say nothing about its host."""

_NAMES = {"url": ("host of", "a URL"), "email": ("domain of", "an e-mail address")}


def derived_from(attribute: Attribute) -> Attribute | None:
    """Return the attribute that is derived from a URL or an e-mail address.

    Returns
    -------
    Attribute or None
        An `ipaddr` or a `domain` with the side and role that the event states; its key names the origin. None for
        other types, invalid values, and hosts of a single label.

    Examples
    --------
    >>> derived_from(Attribute(type="url", key="link", value="https://login.example.net/x", context=["remote"])).key
    'host of link'
    """
    if attribute.type not in _NAMES:
        return None
    host = host_of(attribute)
    if host is None or (host.type == "domain" and "." not in host.value):
        return None
    what, unnamed = _NAMES[attribute.type]
    # Copied rather than validated, which takes longer: all values are canonical.
    return attribute.model_copy(
        update={
            "type": host.type,
            "key": f"{what} {attribute.key or unnamed}"[:MAX_KEY_LENGTH],
            "value": host.value,
            "context": tuple(context for context in attribute.context if context in _INHERITED),
        }
    )


def with_contexts_of(derived: Attribute, known: Attribute) -> Attribute:
    """Unite a known attribute with an equal derived one; the side that the event states of the attribute has priority.

    Examples
    --------
    >>> known = Attribute(type="domain", value="a.example.com", context=["local"])
    >>> derived = known.model_copy(update={"context": ("remote", "server")})
    >>> with_contexts_of(derived, known).context
    ('local', 'server')
    """
    if not SIDES.isdisjoint(known.context):
        without_side = tuple(context for context in derived.context if context not in SIDES)
        derived = derived.model_copy(update={"context": without_side})
    return unite([known, derived])[0]
