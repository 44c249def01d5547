"""Text for Slack: safe, escaped, and within its limits.

Hostile text is never sent as mrkdwn. It is sent in `plain_text` objects, which support neither mark-up nor, with
`emoji` off, emoji names. The message's `text`, which has no such option, is written with `notice`.
"""

from collections.abc import Callable
from typing import Any

from alert_responder.domain.sanitize import defang, one_line, shorten, strip_invisible

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

# Mark-up cannot be escaped in `text`, so its characters are replaced by full-width ones. Only notifications show it.
_FULL_WIDTH = str.maketrans({"*": "\uff0a", "_": "\uff3f", "~": "\uff5e", "`": "\uff40", ":": "\uff1a"})

Block = dict[str, Any]


def shown(text: str, most: int = 500, type_: str = "") -> str:
    """Make hostile text safe and short, in one line; `type_` is that of an attribute whose value it is."""
    return _harmless(text, one_line, most, type_)


def shown_lines(text: str, most: int = 4_000) -> str:
    """Make hostile text safe and short, and keep its lines."""
    return _harmless(text, strip_invisible, most)


def escaped(text: str) -> str:
    """Escape the characters that delimit mentions, links and entities."""
    return text.translate(_ESCAPES)


def length(text: str) -> int:
    """Return the length of a text after escaping in UTF-16 units, the most that Slack may count."""
    return len(escaped(text).encode("utf-16-le", "surrogatepass")) // 2


def fitted(text: str, most: int) -> str:
    """Shorten text so that it has at most `most` characters after escaping, and escape it."""
    if length(text) <= most:
        return escaped(text)
    # Text is cut before it is escaped: no escape is cut in two.
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(shorten(text, middle)) <= most else (low, middle - 1)
    return escaped(shorten(text, low))


def notice(text: str, most: int = 300) -> str:
    """Write hostile text as a notification: one line without mark-up."""
    return fitted(shown(text).translate(_FULL_WIDTH), most)


def plain_text(text: str, most: int) -> dict[str, Any]:
    """Return a text object; it is never empty, because Slack rejects empty ones."""
    return {"type": "plain_text", "text": fitted(text, most) or "-", "emoji": False}


def section(text: str, most: int) -> Block:
    """Return a section with one text of at most 3,000 characters."""
    return {"type": "section", "text": plain_text(text, min(most, 3_000))}


def link(address: str, text: str) -> Block:
    """Return a block with one link; neither address nor text may be hostile."""
    section = {"type": "rich_text_section", "elements": [{"type": "link", "url": address, "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _harmless(text: str, clean: Callable[[str], str], most: int, type_: str = "") -> str:
    # Cleaning rarely makes text four times shorter; the remainder does not need to be cleaned.
    read = text[: 4 * most]
    return shorten(defang(clean(read), type_), most, len(text) - len(read))
