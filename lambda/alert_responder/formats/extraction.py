"""What all formats of findings need: reading fields by path and identifiers, and collecting attributes.

Findings come in two spellings: as events (`accountId`) and as boto3 returns them (`AccountId`). So a finding is
read through `folded`, with keys in lower case, and paths are matched without regard to case.
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
"""Most attributes of one alert, after uniting; the report says how many were above, and the archive keeps them.
GuardDuty's largest finding, an attack sequence, has at most 400 actors, 400 endpoints and 400 resources; a report
inspects at most 500 in all."""

_WHOLE = object()
_HOLDERS = (dict, list)
_REMEMBERED, _REMEMBERED_LENGTH = 4096, 256
"""Attributes kept, and the longest key and value of which one is, together [characters]: 10 MB at most."""
_INSTANCE = re.compile(r"(?:.*[:/])?(i-[0-9a-fA-F]{8,17})")
_ACCESS_KEY = re.compile(r"(?:AWS::IAM::AccessKey:|.*[:/])?((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,124})")
_ACCOUNT = re.compile(r"AWS::::Account:([0-9]{12})")
_IAM_USER = re.compile(r"arn:[a-z0-9-]+:iam::[0-9]{12}:user/(?:.*/)?([^/]+)")


def folded(value: Any) -> Any:
    """Copy a JSON value with all keys in lower case; of two keys that fold to one, the first stays."""
    # Most values hold nothing: they are not worth a call.
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
    """Yield each value at a path of a folded value, in order of appearance; nothing where the path leads nowhere.

    An empty object holds nothing to read and is left out.

    Parameters
    ----------
    node
        A folded JSON value.
    path
        Keys joined by dots, in any case. Arrays on the way are gone through; ``[]`` may mark them for the reader.

    Examples
    --------
    >>> list(every({"a": [{"b": 1}, {"b": [2, 3]}]}, "a[].B"))
    [1, 2, 3]
    """
    # Asked for every path of a format at every item of hostile arrays: most paths end at their first key, and most
    # of the others lead through objects alone.
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
    """Return the first non-blank text (or whole number, as text) at the first path that has one, or None."""
    for path in paths:
        for value in every(node, path):
            if isinstance(value, str) and value.strip():
                return value.strip()
            if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 256:
                return str(value)
    return None


def word(node: Any, path: str) -> str:
    """Return the first text at a path in upper case, for words that services write in either; "" if there is none."""
    return (text(node, path) or "").upper()


def first_instant(node: Any, *paths: str) -> datetime | None:
    """Return the time at the first path that holds one, or None."""
    return next((moment for path in paths for value in every(node, path) if (moment := parse_instant(value))), None)


def identifiers(value: str) -> Iterator[tuple[str, str]]:
    """Yield (type, value) for all that an AWS resource identifier names: its ARN, and the instance or user in it.

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


def hashed_key(*parts: Any) -> str:
    """Return SHA-256 (hex) over JSON values: a key for what has no id of its own."""
    return hashlib.sha256(canonical_json(list(parts)).encode()).hexdigest()


class Collector:
    """Gathers the attributes of one finding, and leaves out what is obviously absent (null, blank, no text).

    Parameters
    ----------
    node
        The folded finding, or the part of it that paths begin at.
    """

    def __init__(self, node: Any) -> None:
        self._node = node
        self._found: list[Attribute] = []

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """What was gathered, in order, repetitions included."""
        return tuple(self._found)

    def add(
        self, kind: str, key: str, value: Any, contexts: Iterable[str] = (), timestamp: datetime | None = None
    ) -> None:
        """Add one attribute; a value that does not fit its type is kept, since the report shows it as invalid."""
        if isinstance(value, str):
            value = value.strip()
        elif not isinstance(value, int) or isinstance(value, bool) or value.bit_length() > 256:
            return
        if value == "":
            return
        # Findings repeat what they are about, as each other and within: short values are remembered.
        length = len(key) + (len(value) if isinstance(value, str) else 0)
        make = _remembered_attribute if length <= _REMEMBERED_LENGTH else _attribute
        self._found.append(make(kind, key, value, tuple(contexts), timestamp))

    def add_fitting(
        self, kind: str, key: str, value: Any, contexts: Iterable[str] = (), timestamp: datetime | None = None
    ) -> None:
        """Add one attribute only if the value fits the type: for fields that may hold other things as well."""
        before = len(self._found)
        self.add(kind, key, value, contexts, timestamp)
        if len(self._found) > before and canonical(self._found[-1]) is None:
            self._found.pop()

    def add_at(self, path: str, kind: str, key: str, contexts: Iterable[str] = (), within: Any = _WHOLE) -> None:
        """Add each value at a path of the finding, or of a part of it given as `within`."""
        contexts = tuple(contexts)
        for value in every(self._node if within is _WHOLE else within, path):
            self.add(kind, key, value, contexts)

    def every(self, path: str) -> Iterator[Any]:
        """Yield each value at a path of the finding."""
        return every(self._node, path)

    def word(self, path: str) -> str:
        """Return the first text at a path of the finding in upper case, or ""."""
        return word(self._node, path)

    def add_identifier(self, key: str, value: Any, contexts: Iterable[str] = ()) -> None:
        """Add what an AWS resource identifier names; text that names nothing known is left out."""
        if isinstance(value, str):
            for kind, part in identifiers(value):
                self.add(kind, key, part, contexts)

    def identities(self) -> list[str]:
        """Return the identities of what was gathered, sorted: the same for the same things in any order."""
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
