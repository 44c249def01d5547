"""The side of an address or name: `local` if it is the organisation's or not public, otherwise `remote`.

The side is a context that is derived in each Plan, from the value and the settings of that moment. What the event
itself says has priority. The egress rules (`domain.egress`) do not use it.
"""

import ipaddress
from functools import lru_cache
from typing import Literal, NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.addresses import Address, embedded_addresses, is_documentation, is_public
from alert_responder.domain.attributes import canonical_value
from alert_responder.domain.aws_names import is_aws_own
from alert_responder.domain.internal import NO_INTERNAL, InternalEstate
from alert_responder.domain.mentions import SPECIAL_NAMES
from alert_responder.domain.top_level import TOP_LEVEL

Side = Literal["local", "remote"]

SIDES: frozenset[str] = frozenset({"local", "remote"})

SIDED_TYPES = frozenset({"domain", "email", "ipaddr", "url"})
"""Types whose attributes have a side."""

_NOT_PUBLIC = SPECIAL_NAMES - {"example"}
"""Special last labels without `example`: like documentation addresses, it stands for anybody's."""

_REMEMBERED, _REMEMBERED_LENGTH = 8192, 256


class Host(NamedTuple):
    """The host that an attribute names.

    Attributes
    ----------
    type, value
        The host as an attribute: `ipaddr` or `domain`, and its canonical value or a single label.
    addresses
        The address and those embedded in it, see `domain.addresses.embedded_addresses`; empty for a name.
    is_public
        Whether it may belong to anybody.
    is_aws_own
        Whether it is a name that only AWS can use.
    """

    type: Literal["domain", "ipaddr"]
    value: str
    addresses: tuple[Address, ...]
    is_public: bool
    is_aws_own: bool


def host_of(attribute: Attribute) -> Host | None:
    """Return the host of an address, name, URL or e-mail address; None for other types and invalid values."""
    if attribute.type not in SIDED_TYPES:
        return None
    # Needed several times for each attribute: short values are cached, as in `domain.attributes.identity`.
    if len(attribute.value) <= _REMEMBERED_LENGTH:
        return _remembered_host(attribute.type, attribute.value)
    return _host(attribute.type, attribute.value)


def with_side(attribute: Attribute, internal: InternalEstate = NO_INTERNAL) -> Attribute:
    """Add the side to the contexts of an attribute that has none.

    Names that only AWS can use get no side: they are neither the organisation's nor an attacker's. URLs below them do,
    since customers choose the path.

    Examples
    --------
    >>> with_side(Attribute(type="ipaddr", value="10.1.2.3", context=["client"])).context
    ('client', 'local')
    """
    side = derived_side(attribute, internal) if SIDES.isdisjoint(attribute.context) else None
    if side is None:
        return attribute
    return attribute.model_copy(update={"context": tuple(sorted((*attribute.context, side)))})


def derived_side(attribute: Attribute, internal: InternalEstate = NO_INTERNAL) -> Side | None:
    """Return the side by value and settings, whatever the event says; None for attributes without a side."""
    host = host_of(attribute)
    if host is None:
        return None
    if host.addresses:
        return "local" if not host.is_public or any(map(internal.has_address, host.addresses)) else "remote"
    if not host.is_public or internal.has_domain(host.value):
        return "local"
    return None if host.is_aws_own and attribute.type == "domain" else "remote"


def is_without_lookups(attribute: Attribute) -> bool:
    """Check whether an attribute is a name that only AWS can use, about which no inspector is asked."""
    host = host_of(attribute) if attribute.type == "domain" else None
    return host is not None and host.is_aws_own


def _host(type_: str, value: str) -> Host | None:
    fitting = canonical_value(type_, value)
    if fitting is None:
        return None
    if type_ == "url":
        authority = fitting.partition("://")[2].partition("/")[0].rpartition("@")[2]
        fitting = authority[1 : authority.index("]")] if authority.startswith("[") else authority.partition(":")[0]
    elif type_ == "email":
        fitting = fitting.rpartition("@")[2]
    try:
        address = ipaddress.ip_address(fitting)
    except ValueError:
        last = fitting.rpartition(".")[2]
        is_public_name = last != fitting and last not in _NOT_PUBLIC and (last in TOP_LEVEL or last == "example")
        return Host("domain", fitting, (), is_public_name, is_aws_own(fitting))
    parts = embedded_addresses(address)
    belongs_to_anybody = any(is_public(part) or is_documentation(part) for part in parts)
    return Host("ipaddr", fitting, (address, *parts), belongs_to_anybody, is_aws_own=False)


_remembered_host = lru_cache(maxsize=_REMEMBERED)(_host)
