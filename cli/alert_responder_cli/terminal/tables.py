"""Tables at any width: columns where they fit, otherwise one record per row. No word is broken.

All tables are drawn here. A table has columns only if every word of its headings and cells, and every cell that users
copy, fits on a line; otherwise each row becomes a record of a few lines with the headings before the values.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from alert_responder_cli.sanitize import plain

_MOST_CELL_LINES = 6
"""A cell that needs more lines turns the table into records."""

_LEAST_TEXT = 20
"""Minimum width of a column with longer texts [characters]."""

_LONGEST_CELL = 2_000
_GAP = "  "
_POINT = " · "
_INDENT, _DEEPER = 2, 4
_WORD = re.compile(r"\S+\s*")


class Records:
    """Rows with headings, drawn as columns or records depending on the available width.

    Parameters
    ----------
    headings, rows
        Cells that are a `Text` are used as they are; other text is sanitized.
    whole
        Headings of columns whose cells must stay on one line, so that users can copy them.
    head
        Number of leading columns that are shown without headings in a record.
    most_lines
        Maximum number of lines: the first rows are left out, and their number is shown. None: no limit.
    """

    def __init__(
        self,
        headings: Iterable[str],
        rows: Iterable[Sequence[str | Text]],
        whole: Collection[str] = (),
        head: int = 1,
        most_lines: int | None = None,
    ) -> None:
        self._headings = tuple(headings)
        self._rows = [tuple(map(_cell, row)) for row in rows]
        self._whole = whole
        self._head = head
        self._most_lines = most_lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the table; see rich."""
        widths = self._widths(options.max_width)
        yield from self._stacked(options.max_width) if widths is None else self._columns(widths)

    def _widths(self, available: int) -> list[int] | None:
        """Distribute the width among the columns; None: they do not fit side by side."""
        columns = list(zip(*self._rows, strict=True)) or [()] * len(self._headings)
        natural = [
            max(cell_len(heading), *(cell_len(cell.plain) for cell in cells), 1)
            for heading, cells in zip(self._headings, columns, strict=True)
        ]
        least = [
            width if heading in self._whole else _least(heading, cells, width)
            for heading, cells, width in zip(self._headings, columns, natural, strict=True)
        ]
        # Two for each column: the space after it, and the one that separates it from the next.
        spare = available - 2 * len(natural) - sum(least)
        if spare < 0:
            return None
        wanted = [most - few for most, few in zip(natural, least, strict=True)]
        share = min(1.0, spare / max(1, sum(wanted)))
        return [few + int(more * share) for few, more in zip(least, wanted, strict=True)]

    def _columns(self, widths: Sequence[int]) -> RenderResult:
        drawn = Table(
            box=box.SIMPLE_HEAD,
            header_style="bold",
            border_style="dim",
            pad_edge=False,
            collapse_padding=True,
            show_edge=False,
        )
        for heading, width in zip(self._headings, widths, strict=True):
            # Words fit. Rich counts the space after a line of wide characters, and would replace it by an ellipsis.
            drawn.add_column(Text(heading), width=width, overflow="fold")
        heights = (
            max((len(_ends(cell.plain, width)) + 1 for cell, width in zip(row, widths, strict=True)), default=1)
            for row in self._rows
        )
        left_out = self._left_out(list(heights), above=3)
        if left_out:
            yield _note(left_out)
        for row in self._rows[left_out:]:
            drawn.add_row(*row)
        yield drawn

    def _stacked(self, width: int) -> RenderResult:
        records = [list(self._record(row, width)) for row in self._rows]
        headings = [Text(heading, style="bold") for heading in self._headings[: self._head] if heading]
        above = list(_flowing(headings, width, _GAP, indent=0))
        left_out = self._left_out(list(map(len, records)), len(above))
        if left_out:
            yield _note(left_out)
        yield from above
        for record in records[left_out:]:
            yield from record

    def _record(self, row: Sequence[Text], width: int) -> Iterator[Text]:
        head = [cell for cell in row[: self._head] if cell.plain]
        rest = [
            Text.assemble((f"{heading}: " if heading else "", "dim"), cell)
            for heading, cell in list(zip(self._headings, row, strict=True))[self._head :]
            if cell.plain
        ]
        yield from _flowing(head, width, _GAP, indent=0)
        yield from _flowing(rest, width, _POINT, indent=_INDENT if self._head else 0)

    def _left_out(self, heights: Sequence[int], above: int) -> int:
        """Count the first rows that must be left out; `above` is the number of lines of the headings."""
        if self._most_lines is None or sum(heights) + above <= self._most_lines:
            return 0
        room = self._most_lines - above - 1
        for left_out in range(len(heights)):
            if sum(heights[left_out:]) <= room:
                return left_out
        return max(0, len(heights) - 1)


def table(
    headings: Iterable[str],
    rows: Iterable[Sequence[str | Text]],
    whole: Collection[str] = ("report", "severity"),
    head: int = 1,
) -> Records:
    """Create a table; see `Records`."""
    return Records(headings, rows, whole, head)


def unbroken(text: Text, width: int, indent: int, further: int | None = None) -> Iterator[Text]:
    """Wrap a text between words only; the terminal wraps a word that is longer than the line, so that it can be copied.

    Parameters
    ----------
    indent, further
        Indentation of the first line and of the others; None: as the first.
    """
    others = indent if further is None else further
    for number, part in enumerate(text.divide(_ends(text.plain, max(1, width - max(indent, others))))):
        part.rstrip()
        shown = Text(" " * (others if number else indent), no_wrap=True, overflow="ignore")
        yield shown.append_text(part)


def _cell(value: str | Text) -> Text:
    return value if isinstance(value, Text) else Text(plain(value, _LONGEST_CELL))


def _ends(text: str, width: int) -> list[int]:
    """List the offsets at which lines end: before each word that does not fit on its line."""
    ends: list[int] = []
    used = 0
    for word in _WORD.finditer(text):
        if used and used + cell_len(word[0].rstrip()) > width:
            ends.append(word.start())
            used = 0
        used += cell_len(word[0])
    return ends


def _least(heading: str, cells: Iterable[Text], natural: int) -> int:
    words = [*heading.split(), *(word for cell in cells for word in cell.plain.split())]
    readable = max(_LEAST_TEXT, -(-natural // _MOST_CELL_LINES))
    return max(min(natural, readable), *map(cell_len, words), 1)


def _flowing(parts: Iterable[Text], width: int, between: str, indent: int) -> Iterator[Text]:
    """Join parts on a line as long as they fit; a part longer than a line gets its own lines."""
    waiting = Text()
    for part in parts:
        if waiting.plain and indent + cell_len(waiting.plain + between + part.plain) <= width:
            waiting = Text.assemble(waiting, (between, "dim"), part)
            continue
        if waiting.plain:
            yield from unbroken(waiting, width, indent)
            indent = _INDENT
        waiting = part.copy()
        if indent + cell_len(part.plain) > width:
            yield from unbroken(part, width, indent, _DEEPER)
            waiting, indent = Text(), _INDENT
    if waiting.plain:
        yield from unbroken(waiting, width, indent)


def _note(left_out: int) -> Text:
    return Text(f"{left_out:,} more do not fit on the screen", style="dim")
