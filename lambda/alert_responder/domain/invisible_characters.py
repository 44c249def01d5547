"""Invisible characters, and how to replace them. Used wherever text is shown."""

import unicodedata
from collections.abc import Callable, Set
from functools import lru_cache

MARKS_ON_ONE_LETTER = 4
"""Maximum number of combining marks on one letter; more of them cover the lines around it."""

# Control and format characters (including those that change the direction of writing), surrogates, private and
# unassigned characters, and line and paragraph separators.
_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters, marks and symbols without a visible form: joiners, fillers, vowels, variation selectors, blank symbols, and
# the object replacement character.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U00016fe4\U0001d159"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000))))
)


def replaced(text: str, replacement: Callable[[str], str], kept: Set[str] = frozenset()) -> str:
    """Replace invisible characters, convert every space to the ordinary one, and limit the marks on one letter.

    Parameters
    ----------
    replacement
        Returns the text that replaces a character.
    kept
        Invisible characters that are not replaced, such as line feeds.

    Examples
    --------
    >>> replaced("pay\u200bpal\u00a0login", lambda unseen: "")
    'paypal login'
    """
    if text.isascii() and text.isprintable():
        return text
    # A long text has few different characters: each is checked once.
    different = set(text) - kept
    marks = {one for one in different if unicodedata.category(one) in {"Mn", "Me"} and not is_unseen(one)}
    table = {ord(one): replacement(one) if is_unseen(one) else " " for one in different if _changes(one)}
    if table:
        text = text.translate(table)
    return _with_few_marks(text, marks) if marks else text


def nothing(_unseen: str) -> str:
    """Remove a character."""
    return ""


@lru_cache(maxsize=4096)
def is_unseen(character: str) -> bool:
    """Check whether a character is invisible, breaks a line or changes how others are shown."""
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
