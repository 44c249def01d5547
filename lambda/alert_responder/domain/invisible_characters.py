"""Characters that nobody sees: what they are, and how to replace them. Every place that shows text asks this module."""

import unicodedata
from collections.abc import Callable, Set
from functools import lru_cache

MARKS_ON_ONE_LETTER = 4
"""Most combining marks on one letter; more of them cover the lines around it."""

# Control and format characters (also those that turn the direction of writing), halves of characters, private and
# unassigned ones, and line and paragraph separators.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and symbols that are shown as nothing: joiners, fillers, vowels without a form, variation selectors,
# blank symbols, and the character that stands for an embedded object.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))))
)


def replaced(text: str, replacement: Callable[[str], str], kept: Set[str] = frozenset()) -> str:
    """Replace each unseen character, write every space as the ordinary one, and limit the marks on one letter.

    Parameters
    ----------
    replacement
        Gives the text that replaces a character.
    kept
        Characters that stay although they are unseen, such as line feeds.

    Examples
    --------
    >>> replaced("pay\u200bpal\u00a0login", lambda unseen: "")
    'paypal login'
    """
    if text.isascii() and text.isprintable():
        return text
    # A long text has few different characters: each is judged once.
    different = set(text) - kept
    marks = {one for one in different if unicodedata.category(one) in {"Mn", "Me"} and not is_unseen(one)}
    table = {ord(one): replacement(one) if is_unseen(one) else " " for one in different if _changes(one)}
    if table:
        text = text.translate(table)
    return _with_few_marks(text, marks) if marks else text


def nothing(_unseen: str) -> str:
    """Replace a character by nothing."""
    return ""


@lru_cache(maxsize=4096)
def is_unseen(character: str) -> bool:
    """Whether a character shows as nothing, breaks a line or changes how others are shown."""
    return unicodedata.category(character) in _CATEGORIES or character in _BLANK


def _changes(character: str) -> bool:
    return is_unseen(character) or (character != " " and unicodedata.category(character) == "Zs")


def _with_few_marks(text: str, marks: Set[str]) -> str:
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if character in marks else 0
        if run <= MARKS_ON_ONE_LETTER:
            kept.append(character)
    return "".join(kept)
