"""Whether something may be contained. Pure, and closed: what is not plainly allowed is refused, with the reason."""

import ipaddress
from collections.abc import Iterator, Sequence

from alert_responder_plugins.quarantine.model import Kind, TargetState
from alert_responder_plugins.quarantine.settings import QuarantineSettings

HOUR = 3_600_000
"""[ms]"""

UNKNOWN_ROLE = "The role this runs with is not known."

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NOBODYS = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "3fff::/20"))
)
"""Special-purpose networks that Python's `is_global` takes for public (IANA special-purpose address registries)."""


def about_target(
    kind: Kind, target: str, current: TargetState, settings: QuarantineSettings, own_arn: str
) -> str | None:
    """Say why a target must not be contained, given what there is of it; None: it may be.

    Only exact ARNs protect, which come from Terraform and are compared with what AWS says of the target. Names and tags
    do not: an attacker may choose them.

    Parameters
    ----------
    own_arn
        ARN of the session this code runs in.
    """
    if kind not in settings.kinds:
        return f"The kind {kind} is not switched on."
    if current.refusal:
        return current.refusal
    own = settings.own_roles(own_arn)
    if own is None:
        return UNKNOWN_ROLE
    if target in own:
        return "It is the quarantine's own role."
    if settings.protected_arns & set(current.arns):
        return "Its ARN is protected."
    if kind == "address" and (refusal := _about_address(target, settings)):
        return refusal
    if not current.parts:
        return "There is nothing to change."
    return None


def about_rate(times: Sequence[int], now: int, settings: QuarantineSettings) -> str | None:
    """Say why no further action may begin now; None: one may.

    Parameters
    ----------
    times
        When actions began [ms since the epoch]. A time in the future counts as well: in doubt there were too many.
    """
    recent = still_counting(times, now)
    if len(recent) >= settings.max_actions_per_hour:
        return f"{settings.max_actions_per_hour} actions have begun within an hour, and no more may."
    return None


def still_counting(times: Sequence[int], now: int) -> list[int]:
    """Return the times of the last hour [ms since the epoch]."""
    return [time for time in times if time > now - HOUR]


def _about_address(target: str, settings: QuarantineSettings) -> str | None:
    try:
        address = ipaddress.ip_address(target)
    except ValueError:
        return "It is no address."
    # Whoever blocks an address that carries another one blocks that one as well.
    for each in (address, *_carried(address)):
        if not _is_public(each):
            return "It is no address of the public internet."
        for network in map(ipaddress.ip_network, settings.protected_networks):
            if each.version == network.version and each in network:
                return "It is in a protected network."
    return None


def _is_public(address: _Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return not any(address.version == network.version and address in network for network in _NOBODYS)


def _carried(address: _Address) -> Iterator[_Address]:
    """Yield the IPv4 addresses in an IPv6 address: mapped, 6to4, Teredo's server and client."""
    if isinstance(address, ipaddress.IPv6Address):
        yield from filter(None, (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())))
