"""Reading of fields by path, parsing of identifiers, and collecting of attributes, for the coded formats.

Findings come in two spellings: as in events (`accountId`) and as in boto3 (`AccountId`). Therefore `folded` converts
keys to lower case first, and paths are case-insensitive.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.primitives import canonical_json
from alert_responder.domain.attributes import canonical, identity
from alert_responder.domain.instants import parse_instant

MAX_ATTRIBUTES = 1000
"""Maximum number of attributes of one alert, after merging; the others are archived, and the report has their number.
GuardDuty's largest finding, an attack sequence, has at most 400 actors, 400 endpoints and 400 resources; at most 500
attributes of a report are inspected."""

_WHOLE = object()
_HOLDERS = (dict, list)
_REMEMBERED, _REMEMBERED_LENGTH = 4096, 256
"""Number of cached attributes, and the longest key and value of one, together [characters]: at most 10 MB."""
_RESOURCE_IDS = {
    "acl": "network ACL",
    "ami": "machine image",
    "eipalloc": "Elastic IP address",
    "eni": "network interface",
    "fl": "flow log",
    "fs": "file system",
    "igw": "internet gateway",
    "key": "key pair",
    "lt": "launch template",
    "mi": "managed node",
    "nat": "NAT gateway",
    "pcx": "peering connection",
    "pl": "prefix list",
    "rtb": "route table",
    "sg": "security group",
    "sgr": "security group rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit gateway",
    "vol": "volume",
    "vpc": "VPC",
    "vpce": "VPC endpoint",
    "vpce-svc": "endpoint service",
}
"""What an id stands for, by its beginning: `vol-0123456789abcdef0`."""

_RESOURCE_ID = re.compile(rf"({'|'.join(_RESOURCE_IDS)})-(?:[0-9a-f]{{8}}|[0-9a-f]{{17}})")
_INSTANCE = re.compile(r"(?:.*[:/])?(i-[0-9a-fA-F]{8,17})")
_ACCESS_KEY = re.compile(r"(?:AWS::IAM::AccessKey:|.*[:/])?((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124})")
_ACCOUNT = re.compile(r"AWS::::Account:([0-9]{12})")
_IAM_USER = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:user/(?:.*/)?([^/]+)")


def folded(value: Any) -> Any:
    """Copy a JSON value with all keys in lower case; the first of several equal keys wins."""
    # Most values are not containers, and not worth a call.
    if isinstance(value, dict):
        result = {key.lower(): folded(item) if isinstance(item, _HOLDERS) else item for key, item in value.items()}
        if len(result) < len(value):
            result = {}
            for key, item in value.items():
                result.setdefault(key.lower(), folded(item))
        return result
    if isinstance(value, list):
        return [folded(item) if isinstance(item, _HOLDERS) else item for item in value]
    return value


def every(node: Any, path: str) -> Iterator[Any]:
    """Yield each value at a path of a folded value, in order. Empty objects are left out.

    Parameters
    ----------
    node
        A folded JSON value.
    path
        Keys joined by dots, in any case. Arrays on the way are iterated; ``[]`` may mark them for people.

    Examples
    --------
    >>> list(every({"a": [{"b": 1}, {"b": [2, 3]}]}, "a[].B"))
    [1, 2, 3]
    """
    # Called for every path of a format at every item of hostile arrays: most paths end at their first key, and most
    # of the others contain only objects.
    keys = _keys(path)
    for depth, key in enumerate(keys):
        if not isinstance(node, dict):
            return _every_below([node], keys[depth:])
        if key not in node:
            return iter(())
        node = node[key]
    return _flat([node])


def _every_below(nodes: list[Any], keys: tuple[str, ...]) -> Iterator[Any]:
    for key in keys:
        nodes = [item[key] for item in _flat(nodes) if isinstance(item, dict) and key in item]
        if not nodes:
            return iter(())
    return _flat(nodes)


def one(node: Any, path: str) -> Any:
    """Return the first value at a path, or None."""
    return next(every(node, path), None)


def text(node: Any, *paths: str) -> str | None:
    """Return the first non-blank string (or integer, as a string) at the first path that has one, or None."""
    for path in paths:
        for value in every(node, path):
            if isinstance(value, str) and value.strip():
                return value.strip()
            if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 256:
                return str(value)
    return None


def word(node: Any, path: str) -> str:
    """Return the first string at a path in upper case, for words that services write in either case, or ""."""
    return (text(node, path) or "").upper()


def first_instant(node: Any, *paths: str) -> datetime | None:
    """Return the time at the first path that has one, or None."""
    return next((moment for path in paths for value in every(node, path) if (moment := parse_instant(value))), None)


def identifiers(value: str) -> Iterator[tuple[str, str]]:
    """Yield (type, value) for an AWS resource identifier: its ARN, and the instance, key, account or user in it.

    The id of another resource of EC2 or VPC, such as a volume, has the type `resource`.

    Examples
    --------
    >>> list(identifiers("arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0"))
    [('arn', 'arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0'), ('instance', 'i-0123456789abcdef0')]
    """
    value = value.strip()
    if value.startswith("arn:"):
        yield "arn", value
    for kind, pattern in (
        ("instance", _INSTANCE),
        ("accesskey", _ACCESS_KEY),
        ("account", _ACCOUNT),
        ("username", _IAM_USER),
    ):
        if match := pattern.fullmatch(value):
            yield kind, match[1]
    if _RESOURCE_ID.fullmatch(value):
        yield "resource", value


def resource_kind(value: str) -> str | None:
    """Return what an id of EC2 or VPC stands for, or None.

    Examples
    --------
    >>> resource_kind("vol-0123456789abcdef0"), resource_kind("vol-1")
    ('volume', None)
    """
    match = _RESOURCE_ID.fullmatch(value)
    return _RESOURCE_IDS[match[1]] if match else None


def hashed_key(*parts: Any) -> str:
    """Return the SHA-256 (hex) of JSON values: a key for alerts without an id."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


class Collector:
    """Collects the attributes of one finding, and leaves out missing values (null, blank, neither string nor integer).

    Parameters
    ----------
    node
        The folded finding, or the part of it to which paths are relative.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self._found: list[Attribute] = []

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes in order, including duplicates."""
        return tuple(self._found)

    def add(
        self, kind: str, key: str, value: Any, contexts: Iterable[str] = (), timestamp: datetime | None = None
    ) -> None:
        """Add one attribute. A value that does not fit its type is kept, because the report shows it as invalid."""
        if isinstance(value, str):
            value = value.strip()
        elif not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > 256:
            return
        if value == "":
            return
        # Values repeat within and between findings: short ones are cached.
        length = len(key) + (len(value) if isinstance(value, str) else 0)
        make = _remembered_attribute if length <= _REMEMBERED_LENGTH else _attribute
        self._found.append(make(kind, key, value, tuple(contexts), timestamp))

    def add_fitting(
        self, kind: str, key: str, value: Any, contexts: Iterable[str] = (), timestamp: datetime | None = None
    ) -> bool:
        """Add one attribute if its value fits the type: for fields that may contain other things as well.

        Returns
        -------
        bool
            Whether it was added.
        """
        before = len(self._found)
        self.add(kind, key, value, contexts, timestamp)
        if len(self._found) > before and canonical(self._found[-1]) is None:
            self._found.pop()
        return len(self._found) > before

    def add_at(self, path: str, kind: str, key: str, contexts: Iterable[str] = (), within: Any = _WHOLE) -> None:
        """Add each value at a path of the finding, or of the part of it given as `within`."""
        contexts = tuple(contexts)
        for value in every(self._node if within is _WHOLE else within, path):
            self.add(kind, key, value, contexts)

    def every(self, path: str) -> Iterator[Any]:
        """Yield each value at a path of the finding."""
        return every(self._node, path)

    def word(self, path: str) -> str:
        """Return the first string at a path of the finding in upper case, or ""."""
        return word(self._node, path)

    def add_identifier(self, key: str, value: Any, contexts: Iterable[str] = ()) -> None:
        """Add the attributes in an AWS resource identifier; other text is left out."""
        if isinstance(value, str):
            for kind, part in identifiers(value):
                self.add(kind, key, part, contexts)

    def add_missing(self, attributes: Iterable[Attribute]) -> None:
        """Add those of the attributes whose values this collector lacks."""
        known = {(each.type, each.value) for each in self._found}
        self._found += [each for each in attributes if (each.type, each.value) not in known]

    def identities(self) -> list[str]:
        """Return the sorted identities of the attributes: equal for equal attributes in any order."""
        return sorted({identity(attribute) for attribute in self._found})


def _attribute(
    kind: str, key: str, value: str | int, contexts: tuple[str, ...], timestamp: datetime | None
) -> Attribute:
    return Attribute.model_validate(
        {"type": kind, "key": key, "value": value, "context": contexts, "timestamp": timestamp}
    )


_remembered_attribute = lru_cache(maxsize=_REMEMBERED)(_attribute)


@cache
def _keys(path: str) -> tuple[str, ...]:
    return tuple(path.lower().replace("[]", "").split("."))


def _flat(nodes: list[Any]) -> Iterator[Any]:
    waiting = [iter(nodes)]
    while waiting:
        for node in waiting[-1]:
            if isinstance(node, list):
                waiting.append(iter(node))
                break
            if node != {}:
                yield node
        else:
            waiting.pop()
