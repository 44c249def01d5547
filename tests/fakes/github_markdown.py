"""Finds active parts of GitHub's Markdown: whatever does more than show the text.

markdown-it parses the structure (CommonMark with tables and strike-through). GitHub's additions outside code, and
differences of its parser (cmark-gfm), are searched here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_MARKER = re.compile(r"<!-- alert-responder (report|emission) [0-9a-f]{64} -->\n?")
_CODE = frozenset({"code_inline", "code_block", "fence"})
_ACTIVE_TOKENS = frozenset(
    {"link_open", "image", "html_inline", "html_block", "s_open", "blockquote_open", "ordered_list_open", "hr"}
)

# In text outside code.
_ACTIVE_TEXT = {
    "mention": re.compile(r"@[A-Za-z0-9]"),
    "mail": re.compile(r"[\w.+-]@[\w-]"),
    "reference": re.compile(r"#[0-9]|(?i:\bGH-[0-9])"),
    "commit": re.compile(r"\b[0-9a-f]{7,40}\b"),
    "address": re.compile(r"(?i)\w+://|\bwww\.|\b(mailto|xmpp|javascript|data):\S"),
    "emoji": re.compile(r":[A-Za-z0-9_+-]+:"),
    "formula": re.compile(r"\$"),
    "footnote": re.compile(r"\[\^"),
    "task": re.compile(r"\[[ xX]\]"),
    "alert": re.compile(r"\[!"),
    "mark": re.compile(r"[\[\]<>`~]"),
}
# cmark-gfm does not parse code spans with more than 80 marks, and counts the marks of a fence up to 255.
_TOO_MANY_MARKS = re.compile("`{81,}")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")


def active(text: str) -> list[str]:
    """List the active parts of a body or comment; empty if it only shows text."""
    environment: dict[str, Any] = {}
    tokens = _PARSER.parse(text, environment)
    defined = [f"definition of {name}" for name in environment.get("references", {})]
    return [*_unseen(text), *_marks(text), *_tables(text), *_tokens(tokens), *defined]


def skeleton(text: str) -> list[tuple[str, str, int, str]]:
    """Return a text's structure and its words outside code: equal for reports that differ only in their strings."""
    return [
        (token.type, token.tag, token.level, "" if token.type in _CODE | {"html_block"} else token.content)
        for token in _flat(_PARSER.parse(text))
        if token.type != "inline"
    ]


def shown_code(text: str) -> str:
    """Return all text in code."""
    return "\n".join(token.content for token in _flat(_PARSER.parse(text)) if token.type in _CODE)


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def _tokens(tokens: Sequence[Token]) -> Iterator[str]:
    for number, token in enumerate(_flat(tokens)):
        if number == 0 and token.type == "html_block" and _MARKER.fullmatch(token.content):
            continue
        if token.type in _ACTIVE_TOKENS:
            yield token.type
        if token.type == "fence" and token.info not in {"text", "json"}:
            yield f"fence of {token.info}"
        if token.type == "text":
            for name, pattern in _ACTIVE_TEXT.items():
                if pattern.search(token.content):
                    yield f"{name}: {token.content[:80]}"


def _unseen(text: str) -> Iterator[str]:
    for character in sorted(set(text)):
        category = unicodedata.category(character)
        if (category in {"Cc", "Cf", "Cs", "Co", "Cn"} and character != "\n") or character in "\u2028\u2029":
            yield f"unseen: U+{ord(character):04X}"


def _marks(text: str) -> Iterator[str]:
    if _TOO_MANY_MARKS.search(text):
        yield "more marks than cmark counts"


def _tables(text: str) -> Iterator[str]:
    """Count the cells in each line of a table as cmark-gfm does, which treats backslashes differently."""
    for token in _PARSER.parse(text):
        if token.type != "table_open" or token.map is None:
            continue
        lines = text.split("\n")[token.map[0] : token.map[1]]
        cells = {_ESCAPED.sub("", line).count("|") for line in lines if line}
        if len(cells) != 1:
            yield f"a table's lines have {sorted(cells)} bars"
