"""Patterns with `*` and `?`. Pure.

The text comes from attackers: parts of a pattern are searched as texts, and a regular expression, for `?`, only runs if
the longest part is there. Upper and lower case are equal in ASCII only: other letters that look alike stay different.
"""

import re
import string
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class _Glob(NamedTuple):
    """A pattern: its text before the first star, between the stars, and after the last one."""

    first: str
    middle: tuple[str, ...]
    last: str

    def matches(self, text: str) -> bool:
        if len(text) < len(self.first) + len(self.last) or not (
            text.startswith(self.first) and text.endswith(self.last)
        ):
            return False
        place, end = len(self.first), len(text) - len(self.last)
        for part in self.middle:
            # The first occurrence leaves most to the parts after it.
            found = text.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return True


class _Marked(NamedTuple):
    """A pattern with `?`, and its longest literal part, which every matching text contains."""

    part: str
    expression: re.Pattern[str]

    def matches(self, text: str) -> bool:
        return self.part in text and self.expression.fullmatch(text) is not None


class Globs:
    """Several patterns, of which one must match a whole text.

    Examples
    --------
    >>> Globs(("Recon:EC2/*", "x?z")).match("recon:ec2/Portscan")
    True
    """

    def __init__(self, patterns: tuple[str, ...], *, ignore_case: bool = True) -> None:
        self._ignore_case = ignore_case
        patterns = tuple(map(self._folded, patterns))
        self._exact = frozenset(pattern for pattern in patterns if not is_wild(pattern))
        self._globs = tuple(_glob(pattern) for pattern in patterns if "*" in pattern and "?" not in pattern)
        self._marked = tuple(_marked(pattern) for pattern in patterns if "?" in pattern)

    def match(self, text: str) -> bool:
        """Check whether a pattern matches the whole text."""
        text = self._folded(text)
        if text in self._exact or any(glob.matches(text) for glob in self._globs):
            return True
        return any(marked.matches(text) for marked in self._marked)

    def match_any(self, texts: Collection[str]) -> bool:
        """Check whether a pattern matches any of many texts."""
        if self._ignore_case:
            texts = frozenset(map(self._folded, texts))
        if not self._exact.isdisjoint(texts):
            return True
        for glob in self._globs:
            first, last = glob.first, glob.last
            if any(map(glob.matches, [text for text in texts if text.startswith(first) and text.endswith(last)])):
                return True
        return any(any(map(marked.matches, texts)) for marked in self._marked)

    def _folded(self, text: str) -> str:
        if not self._ignore_case:
            return text
        return text.lower() if text.isascii() else text.translate(_LOWER)


def is_wild(pattern: str) -> bool:
    """Check whether a pattern contains `*` or `?`."""
    return "*" in pattern or "?" in pattern


@lru_cache(maxsize=4096)
def globs(patterns: tuple[str, ...], *, ignore_case: bool = True) -> Globs:
    """Prepare patterns; the same ones are prepared once."""
    return Globs(patterns, ignore_case=ignore_case)


def _glob(pattern: str) -> _Glob:
    first, *middle, last = pattern.split("*")
    return _Glob(first, tuple(part for part in middle if part), last)


def _marked(pattern: str) -> _Marked:
    return _Marked(max(re.split(r"[*?]", pattern), key=len), re.compile(_expression(pattern), re.DOTALL))


def _expression(pattern: str) -> str:
    first, *parts = re.split(r"\*+", pattern)
    # An atomic group keeps the shortest match of each part, as fnmatch does, so that nothing is tried twice.
    middle = "".join(f"(?>.*?{_literal(part)})" for part in parts[:-1])
    return _literal(first) + (f"{middle}.*{_literal(parts[-1])}" if parts else "")


def _literal(text: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in text)
