"""Contents of findings as text, each field with its name."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count

MAX_FIELDS, MAX_LENGTH = 50, 4_000
"""Maximum number of fields and characters of one content; the data of a note may have any size."""

_VALUE_LENGTH = 500
_SHOWN_SEPARATELY = frozenset({"type", "verdict"})
_LAST = frozenset({"source", "link"})
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())


def content_text(content: Mapping[str, Any]) -> str:
    """Format the content of a finding, without its verdict, as one line of harmless text.

    Null and empty values are left out, except in the data of a note.

    Examples
    --------
    >>> content_text({"type": "note", "title": "Seen", "text": "", "data": {"detections": 0, "engines": ["a", "b"]}})
    'title: Seen; detections: 0; engines: a, b'
    """
    parts = [f"{plain(name, 100)}: {plain(value, _VALUE_LENGTH)}" for name, value in _fields(content)]
    more = len(parts) - MAX_FIELDS
    text = "; ".join([*parts[:MAX_FIELDS], *([f"and {count(more, 'more field')}"] if more > 0 else [])])
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"


def _fields(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in sorted(content.items(), key=lambda field: field[0] in _LAST):
        if name == "data" and isinstance(value, Mapping):
            yield from ((str(key), _whole(inner)) for key, inner in value.items())
        elif name not in _SHOWN_SEPARATELY and value not in _EMPTY:
            yield name.replace("_", " "), _whole(value) if name == "data" else _whole(_filled(value))


def _filled(value: Any) -> Any:
    """Drop null and empty values, and write field names as words."""
    if isinstance(value, Mapping):
        return {name.replace("_", " "): _filled(inner) for name, inner in value.items() if inner not in _EMPTY}
    if isinstance(value, list | tuple):
        return [_filled(inner) for inner in value]
    return value


def _whole(value: Any, *, outermost: bool = True) -> str:
    """Format a value with the names of all its fields."""
    if isinstance(value, Mapping):
        return f"({', '.join(f'{name}: {_whole(inner, outermost=False)}' for name, inner in value.items())})"
    if isinstance(value, list | tuple):
        text = ", ".join(_whole(inner, outermost=False) for inner in value)
        return text if outermost and value else f"[{text}]"
    return value if isinstance(value, str) else json.dumps(value)
