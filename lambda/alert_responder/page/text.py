"""Text that an attacker may have written, made fit to be looked at. Escaping for HTML is the template engine's work."""

import re

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.domain.invisible_characters import replaced

MAX_LINK_LENGTH = 2_000
"""Longest link of a plug-in that is shown as one [characters]."""

_KEPT = frozenset("\n\t")
_LINK = re.compile(
    r"https://(?=[a-z0-9.-]{1,253}(?:[/?#]|$))(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
    r"(?:[/?#][A-Za-z0-9._~/?#&=+,;:@%!*()-]*)?"
)


def visible(text: str) -> str:
    r"""Spell out what is not seen and yet changes what is read; all else is left as it is.

    Returns
    -------
    str
        Line feeds and tabs stay; no other character of it is unseen, breaks a line or turns the direction of writing,
        and every space is the ordinary one. Of more than four marks on one letter four are left.

    Examples
    --------
    >>> visible("invoice\u202efdp.exe")
    'invoice⟨U+202E⟩fdp.exe'
    """
    return replaced(text.replace("\r\n", "\n"), _spelled, _KEPT)


def shortened(text: str, most: int) -> str:
    """Cut text to at most so many characters, and say how many are left out."""
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} more characters)"


def brief(text: str, most: int) -> str:
    """Cut text to at most so many characters, the last of which says that there are more."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def https_link(text: str | None) -> str | None:
    """Return a plug-in's link if it may be clicked: plain `https` to a named host, in ASCII, without credentials."""
    if text is None or len(text) > MAX_LINK_LENGTH or not _LINK.fullmatch(text):
        return None
    return text


def instant(text: str | None) -> str | None:
    """Write an RFC 3339 time for people, in UTC to the second; what is none is left as it is."""
    if text is None:
        return None
    try:
        time = parse_rfc3339(text)
    except ValueError:
        return text
    return None if time is None else f"{time:%Y-%m-%d %H:%M:%S}"


def _spelled(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"
