"""Make hostile text fit to be shown: alerts are written by attackers, and a terminal obeys what it is sent."""

import unicodedata

# Control and format characters (also those that turn the direction of writing), halves of characters, unassigned
# ones and private ones, and what breaks lines.
_DANGEROUS = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


def plain(value: object, limit: int = 300) -> str:
    r"""Write a value as one line of harmless text of at most `limit` characters.

    Examples
    --------
    >>> plain("one\ntwo \x1b[31mred")
    'one\\ntwo \\x1b[31mred'
    """
    text = value if isinstance(value, str) else str(value)
    cut = text[: limit + 1]
    shown = "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _DANGEROUS
        else character
        for character in cut
    )
    return shown if len(text) <= limit and len(shown) <= limit else f"{shown[: limit - 1]}…"
