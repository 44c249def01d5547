"""Numbers in sentences: the word after a number agrees with it."""

import re

_HISSING = re.compile(r"(?:s|x|z|ch|sh)\Z")
_CONSONANT_Y = re.compile(r"(?<=[^aeiou])y\Z")


def count(number: int, what: str) -> str:
    """Write a number and what it counts.

    Parameters
    ----------
    what
        In the singular; the last word of it is put into the plural.

    Examples
    --------
    >>> count(1, "alert"), count(2_000, "older alert"), count(0, "try"), count(2, "match")
    ('1 alert', '2,000 older alerts', '0 tries', '2 matches')
    """
    return f"{number:,} {what if number == 1 else _plural(what)}"


def verb(number: int, one: str, several: str) -> str:
    """Choose the verb that agrees with a number, such as `is` for 1 and `are` for all others."""
    return one if number == 1 else several


def _plural(word: str) -> str:
    if _HISSING.search(word):
        return f"{word}es"
    return _CONSONANT_Y.sub("ie", word) + "s"
