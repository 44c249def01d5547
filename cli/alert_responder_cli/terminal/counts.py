"""Numbers in sentences, with nouns and verbs in the right form."""

import re

_HISSING = re.compile(r"(?:s|x|z|ch|sh)\Z")
_CONSONANT_Y = re.compile(r"(?<=[^aeiou])y\Z")


def count(number: int, what: str) -> str:
    """Write a number and the noun that it counts.

    Parameters
    ----------
    what
        The noun in the singular; its last word is put into the plural.

    Examples
    --------
    >>> count(1, "alert"), count(2_000, "older alert"), count(0, "try"), count(2, "match")
    ('1 alert', '2,000 older alerts', '0 tries', '2 matches')
    """
    return f"{number:,} {what if number == 1 else _plural(what)}"


def verb(number: int, one: str, several: str) -> str:
    """Choose the form of a verb for a number, such as `is` for 1 and `are` for all others."""
    return one if number == 1 else several


def _plural(word: str) -> str:
    if _HISSING.search(word):
        return f"{word}es"
    return _CONSONANT_Y.sub("ie", word) + "s"
