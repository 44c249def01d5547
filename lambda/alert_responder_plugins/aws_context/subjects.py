"""Determine the AWS resource or principal that an attribute names. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from alert_responder.domain.attributes import canonical
from alert_responder.plugin import Attribute

Kind = Literal["address", "instance", "interface", "load_balancer", "user", "role", "session", "access_key"]

_IAM_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_INTERFACE = re.compile(r"eni-[0-9a-f]{8,17}")
_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}")
_LOAD_BALANCER = re.compile(r"(app|net|gwy)/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource or principal in AWS.

    Attributes
    ----------
    name
        Address, id or name; the role's name for a session.
    account, region
        Location, if known.
    session
        Name of the session, for sessions only.
    """

    kind: Kind
    name: str
    account: str | None = None
    region: str | None = None
    session: str | None = None


def subject_of(attribute: Attribute) -> Subject | None:
    """Return the subject of an attribute, or None if AWS cannot be called for it."""
    value = canonical(attribute)
    if value is None:
        return None
    if attribute.type == "ipaddr":
        return Subject("address", value) if _may_be_assigned(value) else None
    if attribute.type == "instance":
        return Subject("instance", value)
    if attribute.type == "accesskey":
        return Subject("access_key", value)
    if attribute.type == "username":
        return Subject("user", value) if _IAM_NAME.fullmatch(value) else None
    return _of_arn(value) if attribute.type == "arn" else None


def _may_be_assigned(value: str) -> bool:
    address = ipaddress.ip_address(value)
    return not (address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified)


def _of_arn(arn: str) -> Subject | None:
    _, _, service, region, account, resource = arn.split(":", 5)
    kind, _, rest = resource.partition("/")
    name = rest.rpartition("/")[2]
    if service == "iam" and kind in ("user", "role") and _IAM_NAME.fullmatch(name):
        return Subject("user" if kind == "user" else "role", name, account)
    if service == "sts" and kind == "assumed-role":
        role, _, session = rest.partition("/")
        if _IAM_NAME.fullmatch(role) and _IAM_NAME.fullmatch(session):
            return Subject("session", role, account, session=session)
    if service == "ec2" and kind == "instance" and _INSTANCE.fullmatch(rest):
        return Subject("instance", rest, account, region)
    if service == "ec2" and kind == "network-interface" and _INTERFACE.fullmatch(rest):
        return Subject("interface", rest, account, region)
    if service == "elasticloadbalancing" and kind == "loadbalancer" and _LOAD_BALANCER.fullmatch(rest):
        return Subject("load_balancer", rest, account, region)
    return None
