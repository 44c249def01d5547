"""Decide whether a target may be contained. Pure; everything that is not explicitly allowed is refused."""

import ipaddress
from collections.abc import Iterator

from alert_responder_plugins.quarantine.model import Location, TargetState
from alert_responder_plugins.quarantine.rate import Rate
from alert_responder_plugins.quarantine.settings import QuarantineSettings

UNKNOWN_ROLE = "The quarantine's own role is unknown."

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL_PURPOSE = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "3fff::/20"))
)
"""Special-purpose networks (IANA registries) that Python's `is_global` treats as public."""


def about_target(location: Location, current: TargetState, settings: QuarantineSettings, own_arn: str) -> str | None:
    """Return why a target must not be contained, given its current state; None if it may be.

    Targets are protected by exact ARNs from Terraform, which are compared with those that AWS returns. Names and tags
    do not protect: an attacker can choose them.

    Parameters
    ----------
    own_arn
        ARN of the session in which the function runs.
    """
    if location.kind not in settings.kinds:
        return f"The target kind {location.kind} is not enabled."
    if current.refusal:
        return current.refusal
    own = settings.own_roles(own_arn)
    if own is None:
        return UNKNOWN_ROLE
    # A role of a member account may have the same name.
    if not location.account and location.target in own:
        return "The target is the quarantine's own role."
    if settings.members and location.account and _own_in(location.account, settings) & set(current.arns):
        return "The target is a role of AlertResponder in the account."
    if settings.protected_arns & set(current.arns):
        return "Its ARN is in protected_arns."
    if any(_account_of(arn) not in ("", location.account or settings.account_id) for arn in current.arns):
        return "The target belongs to another account."
    if location.kind == "address" and (refusal := _about_address(location.target, settings)):
        return refusal
    if not current.parts:
        return "There is nothing to change."
    return None


def about_rate(rate: Rate, account: str, settings: QuarantineSettings) -> str | None:
    """Return why no further action may begin now in an account; None if one may."""
    most, most_here = settings.max_actions_per_hour, settings.max_actions_in_account
    if len(rate.times) >= most:
        return f"{most} actions began within the last hour, which is the maximum."
    if len(rate.of_accounts.get(account, ())) >= most_here:
        return f"{most_here} actions began in the account within the last hour, which is the maximum."
    return None


def _own_in(account: str, settings: QuarantineSettings) -> frozenset[str]:
    roles = settings.members.roles if settings.members else ()
    return frozenset(f"arn:{settings.partition}:iam::{account}:{role}" for role in roles)


def _account_of(arn: str) -> str:
    return [*arn.split(":"), "", "", "", "", ""][4]


def _about_address(target: str, settings: QuarantineSettings) -> str | None:
    try:
        address = ipaddress.ip_address(target)
    except ValueError:
        return "The target is not an IP address."
    # Blocking an IPv6 address that embeds an IPv4 address blocks that one as well.
    for each in (address, *_embedded(address)):
        if not _is_public(each):
            return "The address is not public."
        for network in map(ipaddress.ip_network, settings.protected_networks):
            if each.version == network.version and each in network:
                return "The address is in a protected network."
    return None


def _is_public(address: _Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return False
    return not any(address.version == network.version and address in network for network in _SPECIAL_PURPOSE)


def _embedded(address: _Address) -> Iterator[_Address]:
    """Yield the IPv4 addresses embedded in an IPv6 address: mapped, 6to4, and Teredo's server and client."""
    if isinstance(address, ipaddress.IPv6Address):
        yield from filter(None, (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())))
