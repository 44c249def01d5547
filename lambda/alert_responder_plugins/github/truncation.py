"""Make a text fit, by leaving out what matters least and saying so."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alert_responder_plugins.github.markdown import characters

MAX_CHARACTERS = 65_200
"""Longest body or comment we write [characters]; GitHub takes 65,536."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text that may be shortened from its end.

    Attributes
    ----------
    head
        What stands before the rows: a heading, the first lines of a table.
    rows
        What may be left out, the last one first.
    weight
        Parts of the lowest weight are shortened first.
    gap
        What stands between rows, and between head and first row.
    more
        Rows that were not even written, since those before them fill the whole text.
    """

    head: str
    rows: tuple[str, ...]
    weight: int
    gap: str = "\n"
    more: int = 0

    @property
    def all_rows(self) -> int:
        """How many rows it would have if there were room."""
        return len(self.rows) + self.more


Row = Callable[[], str]
"""Writes a row when it is known that there may be room for it: a report may have 30,000 of them."""


def part(head: str, rows: Iterable[Row], weight: int, gap: str = "\n") -> Part:
    """Write the rows of a part, equal ones once, until no further one could fit."""
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
    """Put a text together.

    Parameters
    ----------
    beginning
        What is never left out.
    parts
        In the order they are shown; those without rows are not.
    most
        Longest text [characters, as `characters` counts].

    Returns
    -------
    str
        At most so long, as long as beginning and heads are. Parts that were shortened say what they lack.
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
    return f"\n\n_Shortened: {of - kept:,} of {of:,} left out here. The archived report has all._"
