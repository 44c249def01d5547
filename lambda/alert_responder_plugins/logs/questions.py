"""What is asked about an attribute: the keys by which rows of a log are found. Pure."""

from typing import NamedTuple

from alert_responder.domain.attributes import canonical
from alert_responder.plugin import Attribute

TO = frozenset({"answer", "issued", "target"})
"""Kinds of keys of what was acted on; the others are of who acted."""

TARGETS = (
    "bucketName",
    "userName",
    "roleName",
    "groupName",
    "instanceId",
    "instancesSet.items[0].instanceId",
    "groupId",
    "functionName",
    "secretId",
    "keyId",
    "roleArn",
    "policyArn",
    "clusterName",
    "dBInstanceIdentifier",
    "name",
)
"""Paths of the parameters by which calls name what they act on; the first that a call has is its `target`."""

_PRINCIPALS = ("iam", "sts")


class AskedKey(NamedTuple):
    """A kind and a value: rows that have the value in a column of this kind answer the question.

    Attributes
    ----------
    kind
        `address`, `answer` (of a DNS query), `domain`, `email` (a user in lower case, where logs are compared in lower
        case), `instance`, `issued` (an access key that a call returned), `key` (the access key of a call), `principal`
        (an ARN), `target` or `user` (also a role's or session's name).
    """

    kind: str
    value: str


def asked_keys(attribute: Attribute) -> tuple[AskedKey, ...]:
    """Return the keys of an attribute; empty if no log is asked about its type.

    Examples
    --------
    >>> asked_keys(Attribute(type="accesskey", value="AKIAIOSFODNN7EXAMPLE"))[0]
    AskedKey(kind='key', value='AKIAIOSFODNN7EXAMPLE')
    """
    value = canonical(attribute)
    if value is None:
        return ()
    if attribute.type == "arn":
        return _of_arn(value)
    keys = [AskedKey(kind, value) for kind in _KINDS.get(attribute.type, ())]
    if "@" in value and any(key.kind == "user" for key in keys):
        keys.append(AskedKey("email", value.lower()))
    return tuple(keys)


_KINDS = {
    "accesskey": ("key", "issued", "target"),
    "domain": ("domain",),
    "email": ("user",),
    "instance": ("instance", "user", "target"),
    "ipaddr": ("address", "answer"),
    "username": ("user", "target"),
}
"""The session of an instance's credentials is named after the instance, so that it is a user as well."""

ATTRIBUTE_TYPES = frozenset({"arn", *_KINDS})
"""Types of attributes that logs are asked about."""


def _of_arn(arn: str) -> tuple[AskedKey, ...]:
    _, _, service, _, _, resource = arn.split(":", 5)
    keys = [AskedKey("target", arn)]
    if service in _PRINCIPALS:
        keys.insert(0, AskedKey("principal", arn))
    # Calls name a bucket, an instance, a function or a user without the rest of its ARN.
    short = resource if service == "s3" else resource.rpartition("/")[2].rpartition(":")[2]
    if service == "s3":
        short = short.partition("/")[0]
    if short and short != arn:
        keys.append(AskedKey("target", short))
    if service == "ec2" and short.startswith("i-"):
        keys += (AskedKey("instance", short), AskedKey("user", short))
    return tuple(keys)
