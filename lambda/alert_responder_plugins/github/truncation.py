"""Fit a text into GitHub's limit by leaving out its least important rows, with a note."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alert_responder_plugins.github.markdown import characters

MAX_CHARACTERS = 65_200
"""Maximum length of a body or comment [characters]; GitHub accepts 65,536."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text that may be shortened from its end.

    Attributes
    ----------
    head
        Text before the rows: a heading, and the first lines of a table.
    rows
        Rows that may be left out, the last one first.
    weight
        Parts with the lowest weight are shortened first.
    gap
        Text between rows, and between the head and the first row.
    more
        Number of rows that were not written, because those before them fill the whole text.
    """

    head: str
    rows: tuple[str, ...]
    weight: int
    gap: str = "\n"
    more: int = 0

    @property
    def all_rows(self) -> int:
        """Number of rows including those left out."""
        return len(self.rows) + self.more


Row = Callable[[], str]
"""Writes a row; called only while there is room, because a report may have 30,000 rows."""


def part(head: str, rows: Iterable[Row], weight: int, gap: str = "\n") -> Part:
    """Write the rows of a part, without duplicates, until no further one can fit."""
    written: dict[str, None] = {}
    length = more = 0
    for row in rows:
        if length > MAX_CHARACTERS:
            more += 1
            continue
        text = row()
        if text not in written:
            written[text] = None
            length += characters(text) + len(gap)
    return Part(head, tuple(written), weight, gap, more)


def fitted(beginning: str, parts: Sequence[Part], most: int = MAX_CHARACTERS) -> str:
    """Join the beginning and the parts.

    Parameters
    ----------
    beginning
        Text that is never left out.
    parts
        Parts in display order; those without rows are left out.
    most
        Maximum length [as counted by `markdown.characters`].

    Returns
    -------
    str
        At most `most` long, provided that beginning and heads are. Shortened parts contain the number of missing rows.
    """
    shown = [one for one in parts if one.rows]
    kept = [len(part.rows) for part in shown]
    over = characters(_joined(beginning, shown, kept)) - most
    for index in sorted(range(len(shown)), key=lambda index: (shown[index].weight, -index)):
        one = shown[index]
        if over > 0 and not one.more:
            over += characters(_note(0, one.all_rows))
        while over > 0 and kept[index] > 0:
            kept[index] -= 1
            over -= characters(one.rows[kept[index]]) + len(one.gap)
    return _joined(beginning, shown, kept)


def _joined(beginning: str, parts: Sequence[Part], kept: Sequence[int]) -> str:
    return "\n\n".join([beginning, *(_one(one, number) for one, number in zip(parts, kept, strict=True))])


def _one(one: Part, kept: int) -> str:
    text = one.gap.join([one.head, *one.rows[:kept]])
    return text + (_note(kept, one.all_rows) if kept < one.all_rows else "")


def _note(kept: int, of: int) -> str:
    return f"\n\n_{of - kept:,} of {of:,} rows left out. The archived report contains all of them._"
