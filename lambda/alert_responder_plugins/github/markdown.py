"""Write Markdown in which hostile text remains text.

All text of a report is written in code spans and fenced blocks, where GitHub renders no mentions, references, links,
images, HTML, emoji or formulas. Everything around them is constant text of this package.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.domain.sanitize import defang, one_line, shorten, strip_invisible

MAX_CELL = 300
"""Maximum length of a value in a table [characters]; longer values are shortened."""

NOTHING = "-"
"""Placeholder for empty values."""

# GitHub's parser ignores code spans with more than 80 backticks, and reads a fence of more than 255 as one of 255.
_MANY_MARKS = re.compile("`{4,}")
_VERY_MANY_MARKS = re.compile("`{65,}")
_MARKS = re.compile("`+")
_NOT_PRINTABLE_ASCII = re.compile(r"[^\n -~]")


def characters(text: str) -> int:
    """Return the length in UTF-16 units, which is at least the length that GitHub counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code(text: str, most: int = MAX_CELL, type_: str = "") -> str:
    """Write a value as a code span: one line, with defanged addresses.

    Parameters
    ----------
    most
        Maximum length [characters]; longer text is shortened.
    type_
        Type of the attribute whose value it is.

    Returns
    -------
    str
        A code span delimited by more backticks than any run inside it; `NOTHING` for text without visible characters.
    """
    # Cleaning rarely makes text four times shorter; the remainder does not need to be cleaned.
    read = text[: 4 * most]
    shown = shorten(defang(_MANY_MARKS.sub("```", one_line(read)), type_), most, len(text) - len(read))
    if not shown:
        return NOTHING
    marks = _longer_than_any(shown, at_least=1)
    gap = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{marks}{gap}{shown}{gap}{marks}"


def moment(text: str | None) -> str:
    """Write a time as a code span: in UTC to the second, or unchanged if it is not an RFC 3339 time."""
    try:
        time = parse_rfc3339(text or "")
    except ValueError:
        return code(text or "")
    return NOTHING if time is None else f"`{time:%Y-%m-%d %H:%M:%S} UTC`"


def fenced(text: str, most: int, language: str = "text") -> str:
    """Write text as a fenced block, with defanged addresses."""
    return _fence(shorten(defang(_few_marks(strip_invisible(text))), most), language)


def fenced_json(value: Any, most: int) -> str:
    """Write a JSON value as a fenced block with sorted keys and escaped invisible characters.

    Its addresses are not defanged: it is evidence, which is copied and compared.
    """
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    return _fence(shorten(_few_marks(_NOT_PRINTABLE_ASCII.sub(_escaped, text)), most), "json")


def table(titles: Sequence[str]) -> str:
    """Write the first two lines of a table; titles must not be hostile."""
    return f"{_row(titles)}\n{_row(['---'] * len(titles))}"


def row(cells: Iterable[str]) -> str:
    """Write a line of a table; cells are made with `code`, or are constant text without `|`."""
    return _row(_in_table(cell) for cell in cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _in_table(cell: str) -> str:
    # Parsers disagree on `\\|`, so a backslash never precedes a bar.
    return cell.replace("\\|", "\\ |").replace("|", "\\|")


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if strip_invisible(character) == character:
        return character
    return json.dumps(character)[1:-1] if ord(character) > 0x7F else f"\\u{ord(character):04x}"


def _fence(text: str, language: str) -> str:
    marks = _longer_than_any(text, at_least=3)
    return f"{marks}{language}\n{text}\n{marks}"


def _few_marks(text: str) -> str:
    return _VERY_MANY_MARKS.sub("`" * 64, text)


def _longer_than_any(text: str, at_least: int) -> str:
    longest = max(map(len, _MARKS.findall(text)), default=0)
    return "`" * max(longest + 1, at_least)
