"""Read YAML as Terraform's `yamldecode` does, with the line of each value. Pure.

Other YAML libraries read `22:00` as a number and dates as objects. Stricter than Terraform in what is easily a mistake:
a repeated key and tags are refused.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from alert_responder.contracts.primitives import parse_rfc3339

MAX_DEPTH = 40
MAX_VALUES = 500_000
"""Limits of nesting and of all values: an alias counts as often as it is used, and a long text as several values."""

MAX_PLACE = 400
"""Longest place whose line is known [characters]."""

_CHARACTERS_A_VALUE = 16

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?: ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?))?")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 100


class InvalidYamlError(Exception):
    """A text is not YAML that can be read.

    Attributes
    ----------
    line
        Number of the line, from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class YamlDocument(NamedTuple):
    """A document.

    Attributes
    ----------
    lines
        Number of the line by place, such as `rules[0].name`.
    """

    data: Any
    lines: dict[str, int]


def read_yaml(text: str) -> YamlDocument:
    """Read one document; raise `InvalidYamlError`."""
    reader = _Reader(text)
    try:
        return YamlDocument(reader.document(), reader.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        hint = _hint(text, mark.line) if mark else ""
        raise InvalidYamlError(f"invalid YAML: {error.problem or error.context}{hint}", line) from None
    except yaml.YAMLError as error:
        raise InvalidYamlError(str(error).partition("\n")[0], 1) from None


def _hint(text: str, number: int) -> str:
    """Return what is probably wrong in a line, or an empty text."""
    lines = text.splitlines()
    line = lines[number] if number < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "; indent with spaces, not with tabs"
    value = line.lstrip(" -").partition(": ")[2].lstrip()
    if value[:1] in ("{", "*", "&", "!", "%", "@", "`") or (value[:1] not in ('"', "'", "[") and ": " in value):
        return "; put a text that begins with a special character or contains ': ' in quotes"
    return ""


class _Anchored(NamedTuple):
    value: Any
    size: int


class _Reader:
    """Builds values from the events of a parser."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, int] = {}
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, _Anchored] = {}
        self._values = 0

    def document(self) -> Any:
        next(self._events)  # the beginning of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        data = self._value(next(self._events), "", 0)
        next(self._events)  # the end of the document
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise InvalidYamlError("only one document is allowed", _line(following))
        return data

    def _value(self, event: Any, place: str | None, depth: int) -> Any:
        """Build a value; a place of None is too long."""
        if place is not None:
            self.lines.setdefault(place, _line(event))
        if isinstance(event, yaml.AliasEvent):
            known = self._anchors.get(event.anchor)
            if known is None:
                raise InvalidYamlError(
                    f"the alias {event.anchor} has no anchor before it; put a text that begins with * in quotes",
                    _line(event),
                )
            self._count(known.size, event)
            return known.value
        before = self._values
        self._count(1, event)
        if depth > MAX_DEPTH:
            raise InvalidYamlError("nested too deep", _line(event))
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise InvalidYamlError("tags are not allowed", _line(event))
        value: Any
        if isinstance(event, yaml.SequenceStartEvent):
            value = self._list(place, depth)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self._object(place, depth)
        else:
            self._count(len(event.value) // _CHARACTERS_A_VALUE, event)
            value = _scalar(event.value) if event.implicit[0] else event.value
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, self._values - before)
        return value

    def _list(self, place: str | None, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, _below(place, f"[{len(found)}]"), depth + 1))
        return found

    def _object(self, place: str | None, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise InvalidYamlError("a key must be a text", _line(event))
            key, below = event.value, _below(place, f".{event.value}" if place else event.value)
            if key in found:
                raise InvalidYamlError(f"the key {below or key} is repeated", _line(event))
            value = self._value(next(self._events), below, depth + 1)
            if below is not None:
                self.lines[below] = _line(event)
            if key == "<<" and event.implicit[0]:
                for each in value if isinstance(value, list) else [value]:
                    if not isinstance(each, dict):
                        raise InvalidYamlError("<< must be an object or a list of objects", _line(event))
                    for name, one in each.items():
                        merged.setdefault(name, one)
            else:
                found[key] = value
        return merged | found

    def _count(self, number: int, event: Any) -> None:
        self._values += number
        if self._values > MAX_VALUES:
            raise InvalidYamlError(f"more than {MAX_VALUES:,} values", _line(event))


def _below(place: str | None, part: str) -> str | None:
    return None if place is None or len(place) + len(part) > MAX_PLACE else place + part


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str) -> Any:
    """Convert a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if found := _DATE.fullmatch(text):
        year, month, day, time = found.groups()
        moment = f"{year}-{int(month):02}-{int(day):02}T{time or '00:00:00'}Z"
        return moment if _is_moment(moment) else text
    if len(text) <= _LONGEST_NUMBER:
        if _INTEGER.fullmatch(text):
            return int(text)
        if _OTHER_BASE.fullmatch(text):
            return int(text, 0)
        if _FLOAT.fullmatch(text):
            number = float(text)
            # As in Terraform, whose numbers are of one type.
            return int(number) if number.is_integer() else number
    return text


def _is_moment(text: str) -> bool:
    try:
        return parse_rfc3339(text) is not None
    except ValueError:
        return False
