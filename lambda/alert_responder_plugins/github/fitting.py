"""Make a text fit, by leaving out what matters least and saying so."""

from collections.abc import Sequence
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
    """

    head: str
    rows: tuple[str, ...]
    weight: int
    gap: str = "\n"


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
    shown = [part for part in parts if part.rows]
    kept = [len(part.rows) for part in shown]
    over = characters(_joined(beginning, shown, kept)) - most
    for index in sorted(range(len(shown)), key=lambda index: (shown[index].weight, -index)):
        part = shown[index]
        if over > 0:
            over += characters(_note(0, len(part.rows)))
        while over > 0 and kept[index] > 0:
            kept[index] -= 1
            over -= characters(part.rows[kept[index]]) + len(part.gap)
    return _joined(beginning, shown, kept)


def _joined(beginning: str, parts: Sequence[Part], kept: Sequence[int]) -> str:
    return "\n\n".join([beginning, *(_one(part, number) for part, number in zip(parts, kept, strict=True))])


def _one(part: Part, kept: int) -> str:
    text = part.gap.join([part.head, *part.rows[:kept]])
    return text + (_note(kept, len(part.rows)) if kept < len(part.rows) else "")


def _note(kept: int, of: int) -> str:
    return f"\n\n_Shortened: {of - kept:,} of {of:,} left out here. The archived report has all._"
