"""Finds active parts of Slack's mark-up: whatever does more than show the text."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from tests.fakes.links import DOMAIN, MAIL_OR_NAME

# Greedy: everything that Slack might parse as mark-up counts.
_EVERYWHERE = {
    "mention, link or command": re.compile(r"<[^>]*>|<|>"),
    "entity": re.compile(r"&(?!(amp|lt|gt);)"),
    # hxxp marks a defanged URL, which Slack does not turn into a link.
    "address": re.compile(r"(?i)\b(?!hxxps?:)[a-z][a-z0-9+.-]*:[/\\]{2}"),
    "scheme": re.compile(r"(?i)\b(mailto|javascript|vbscript|data|tel|sms|slack|file|facetime):\S"),
    "domain": DOMAIN,
    "mail or name": MAIL_OR_NAME,
}
_MARKED = {
    "bold": re.compile(r"\*[^*\n]+\*"),
    "italic": re.compile(r"_[^_\n]+_"),
    "strike": re.compile(r"~[^~\n]+~"),
    "code": re.compile(r"`"),
    "quote": re.compile(r"(?m)^\s*&gt;"),
    "list": re.compile(r"(?m)^\s*([-•]|\d+\.)\s"),
}
_EMOJI = {"emoji": re.compile(r":[a-z0-9_+'-]+:")}
_ADDRESSES = frozenset({"url", "image_url", "thumb_url", "title_link", "author_link", "author_icon", "footer_icon"})
_PARSED = frozenset({"text", "pretext", "fallback", "title", "value", "footer", "author_name"})


def active(message: Mapping[str, Any]) -> list[str]:
    """List the active parts of a message in Slack's API; empty if it only shows text."""
    return [*_walked(message, "message")]


def _walked(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield from _text_object(value, path)
            return
        for name, item in value.items():
            if name == "metadata":
                continue  # Never shown.
            if name in _ADDRESSES:
                yield f"{path}.{name}: a live address"
            elif isinstance(item, str) and name in _PARSED:
                yield from _found(item, f"{path}.{name}", {**_EVERYWHERE, **_MARKED, **_EMOJI})
            else:
                yield from _walked(item, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _walked(item, f"{path}[{number}]")


def _text_object(text: Mapping[str, Any], path: str) -> Iterator[str]:
    marks = dict(_EVERYWHERE)
    if text["type"] == "mrkdwn":
        marks.update(_MARKED)
    if text["type"] == "mrkdwn" or text.get("emoji", True):
        marks.update(_EMOJI)
    yield from _found(text["text"], path, marks)


def _found(text: str, path: str, marks: Mapping[str, re.Pattern[str]]) -> Iterator[str]:
    for name, pattern in marks.items():
        for match in pattern.finditer(text):
            yield f"{path}: {name}: {match[0]!r}"
    for character in text:
        if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            yield f"{path}: unseen: U+{ord(character):04X}"
