"""Write Markdown in which hostile text stays text.

Whatever a report says stands in a code span or in a fenced block, and nowhere else: there GitHub makes no mentions,
references, links, images, HTML, emoji or formulas of it. All around it is our own.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder_plugins.common.sanitize import defanged, one_line, plain, shortened

MAX_CELL = 300
"""Longest text of one value in a table [characters]; what is longer is shortened."""

NOTHING = "-"
"""What stands where there is nothing to show."""

# GitHub's own parser gives up code spans of more than 80 marks, and takes a fence of more than 255 for one of 255.
_MANY_MARKS = re.compile("`{4,}")
_VERY_MANY_MARKS = re.compile("`{65,}")
_MARKS = re.compile("`+")
_NOT_PRINTABLE_ASCII = re.compile(r"[^\n -~]")


def characters(text: str) -> int:
    """Count as GitHub does, or more: UTF-16 units, which are never fewer than characters."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code(text: str, most: int = MAX_CELL) -> str:
    """Write a value as a code span: one line, without addresses that anything makes links of.

    Parameters
    ----------
    most
        Longest shown text [characters]; longer ones end with a word of what is left out.

    Returns
    -------
    str
        A code span with more marks around it than any run in it has; `NOTHING` for what shows nothing.
    """
    # Cleaning makes text shorter, yet seldom that much; what is beyond need not be cleaned.
    read = text[: 4 * most]
    shown = shortened(defanged(_MANY_MARKS.sub("```", one_line(read))), most, len(text) - len(read))
    if not shown:
        return NOTHING
    marks = _longer_than_any(shown, at_least=1)
    gap = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{marks}{gap}{shown}{gap}{marks}"


def moment(text: str | None) -> str:
    """Write a time as a code span: in UTC and whole seconds, or as it is where it is no RFC 3339 time."""
    try:
        time = parse_rfc3339(text or "")
    except ValueError:
        return code(text or "")
    return NOTHING if time is None else f"`{time:%Y-%m-%d %H:%M:%S} UTC`"


def fenced(text: str, most: int, language: str = "text") -> str:
    """Write text of several lines as a fenced block, without addresses that anything makes links of."""
    return _fence(shortened(defanged(_few_marks(plain(text))), most), language)


def fenced_json(value: Any, most: int) -> str:
    """Write a JSON value as a fenced block: keys sorted, what would not be seen spelled out, all else as it is.

    Its addresses are not changed: it is evidence, to be copied and compared.
    """
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    return _fence(shortened(_few_marks(_NOT_PRINTABLE_ASCII.sub(_spelled, text)), most), "json")


def table(titles: Sequence[str]) -> str:
    """Write the first two lines of a table; the titles are our own words."""
    return f"{_row(titles)}\n{_row(['---'] * len(titles))}"


def row(cells: Iterable[str]) -> str:
    """Write a line of a table; the cells are made with `code`, or our own words without `|`."""
    return _row(_in_table(cell) for cell in cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _in_table(cell: str) -> str:
    # Parsers do not agree on what `\\|` is, so that a backslash and a bar never stand together.
    return cell.replace("\\|", "\\ |").replace("|", "\\|")


def _spelled(found: re.Match[str]) -> str:
    character = found[0]
    if plain(character) == character:
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
