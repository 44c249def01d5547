"""Text for Slack: made harmless, escaped, and short enough.

Nothing hostile is ever shown as mrkdwn. It stands in `plain_text` objects, which know neither mark-up nor, with `emoji`
off, emoji names; the one place without a choice, the message's `text`, gets `notice`.
"""

from collections.abc import Callable
from typing import Any

from alert_responder_plugins.common.sanitize import defanged, one_line, plain, shortened

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

# In `text` marks cannot be escaped, so that letters of the same shape stand in for them. A notification shows it, and
# the message itself does not.
_LOOK_ALIKES = str.maketrans({"*": "\uff0a", "_": "\uff3f", "~": "\uff5e", "`": "\uff40", ":": "\uff1a"})

Block = dict[str, Any]


def shown(text: str, most: int = 500) -> str:
    """Make hostile text harmless and short, in one line."""
    return _harmless(text, one_line, most)


def shown_lines(text: str, most: int = 4_000) -> str:
    """Make hostile text harmless and short, its lines kept."""
    return _harmless(text, plain, most)


def escaped(text: str) -> str:
    """Escape what Slack takes for the beginning or the end of a mention, a link or an entity."""
    return text.translate(_ESCAPES)


def length(text: str) -> int:
    """Count a text as Slack may count it once it is escaped, at most: letters beyond the first plane are two."""
    return len(escaped(text).encode("utf-16-le", "surrogatepass")) // 2


def fitted(text: str, most: int) -> str:
    """Escape text, and cut it to at most `most` characters first, saying how many are left out."""
    if length(text) <= most:
        return escaped(text)
    # Cutting what is not escaped yet never cuts an escape in two.
    low, high = 0, min(len(text), most)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(shortened(text, middle)) <= most else (low, middle - 1)
    return escaped(shortened(text, low))


def notice(text: str, most: int = 300) -> str:
    """Make the text of a notification of hostile text: one line without any mark-up."""
    return fitted(shown(text).translate(_LOOK_ALIKES), most)


def plain_text(text: str, most: int) -> dict[str, Any]:
    """Make a text object of harmless text; it is never empty, which Slack would refuse."""
    return {"type": "plain_text", "text": fitted(text, most) or "-", "emoji": False}


def section(text: str, most: int) -> Block:
    """Make a section of one text, at most 3,000 characters."""
    return {"type": "section", "text": plain_text(text, min(most, 3_000))}


def link(address: str, text: str) -> Block:
    """Make a block that is one link; both are our own."""
    section = {"type": "rich_text_section", "elements": [{"type": "link", "url": address, "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _harmless(text: str, clean: Callable[[str], str], most: int) -> str:
    # Cleaning makes it shorter, yet seldom that much; what is beyond need not be cleaned.
    read = text[: 4 * most]
    return shortened(defanged(clean(read)), most, len(text) - len(read))
