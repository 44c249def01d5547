"""Decodes text until nothing in it is encoded: percent signs, escapes, entities, defanged forms, compatible letters.

Pure and bounded: text that cannot be decoded completely is reported as encoded, and nothing is raised.
"""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from alert_responder.domain.invisible_characters import is_unseen

MAX_TURNS = 12
"""Maximum number of times that a text is decoded before it counts as encoded on purpose."""

MAX_DEPTH = 3
"""Maximum nesting of encoded words, such as base64."""

_MAX_GROWTH = 8
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(r"(?:%u|\\u)([0-9A-Fa-f]{4})|\\u\{([0-9A-Fa-f]{1,5})\}|\\x([0-9A-Fa-f]{2})", re.IGNORECASE)
_OVERLONG = re.compile("[\xc0\xc1]|\xe0[\x80-\x9f]|\xf0[\x80-\x8f]")
_DOT = re.compile(
    r"\[\.\]|\(\.\)|\{\.\}|(?<!\s)\s*(?:\[dot\]|\(dot\)|\{dot\})\s*|(?<=\w)\s+dot\s+(?=\w)|[\u3002\uff61]|\\\.",
    re.IGNORECASE,
)
_AT = re.compile(
    r"\[@\]|\(@\)|\{@\}|(?<!\s)\s*(?:\[at\]|\(at\)|\{at\})\s*"
    r"|(?<=\w)[\s+]+at[\s+]+(?=[\w-]+(?:\.|[\s+]+dot[\s+]+)\w)",
    re.IGNORECASE,
)
_COLON = re.compile(r"\[:\]|\(:\)|\{:\}")
_STILL_ENCODED = re.compile(
    r"%(?:[0-9a-f]{2}|u[0-9a-f]{4})|&#\w+;|\\u[0-9a-f{]|\\x[0-9a-f]|=\?[\w-]{1,40}\?[bq]\?", re.IGNORECASE
)
_BASE64 = re.compile(r"[A-Za-z0-9+_-]{8,}")
_BASE32 = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{10,}(?![A-Za-z0-9])")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){6,}")
_READABLE = re.compile("[^\x00-\x1f\x7f-\x9f\ufffd]{6,}")
_TO_STANDARD = str.maketrans("-_", "+/")


class Decoded(NamedTuple):
    """The result of decoding a text.

    Attributes
    ----------
    texts
        The text, its intermediate forms, and the contents of words in base64, base32 or hexadecimal.
    encoded
        Whether the text still looks encoded, so that its meaning is unknown.
    """

    texts: tuple[str, ...]
    encoded: bool


def decode(text: str, depth: int = 0) -> Decoded:
    """Decode a text until nothing changes, and then the encoded words in the result.

    Examples
    --------
    >>> decode("10%252e0%5B.%5D0.1").texts[-1]
    '10.0.0.1'
    >>> decode("/YWxpY2VAZXhhbXBsZS5vcmc/").texts[-1]
    'alice@example.org'
    """
    forms, encoded = _forms(text)
    if depth == MAX_DEPTH:
        return Decoded(tuple(forms), encoded or any(True for _ in _hidden(forms[-1])))
    texts = dict.fromkeys(forms)
    for hidden in _hidden(forms[-1]):
        inner = decode(hidden, depth + 1)
        texts.update(dict.fromkeys(inner.texts))
        # A few readable bytes may look encoded by chance; the word itself is checked anyway.
        encoded = encoded or (inner.encoded and len(hidden) > 2 * len(forms[-1]) // 3)
    return Decoded(tuple(texts), encoded)


def _forms(text: str) -> tuple[list[str], bool]:
    """Return the text and its forms after each turn, and whether the last one still looks encoded."""
    forms = [text]
    limit = max(len(text) * _MAX_GROWTH, 256)
    broken = False
    for _ in range(MAX_TURNS):
        plain, found = _turn(forms[-1])
        broken = broken or found
        if plain == forms[-1]:
            break
        if len(plain) > limit:
            return forms, True
        forms.append(plain)
    else:
        return forms, True
    # Decoding removes invisible characters, which may also separate words.
    parted = ["".join(" " if is_unseen(one) else one for one in form) for form in forms if not form.isascii()]
    return [*parted, *forms], broken or _STILL_ENCODED.search(forms[-1]) is not None


def _turn(text: str) -> tuple[str, bool]:
    overlong = False

    def percent(match: re.Match[str]) -> str:
        nonlocal overlong
        data = bytes.fromhex(match[0].replace("%", ""))
        try:
            return data.decode()
        except UnicodeDecodeError:
            text = data.decode("latin-1")
            overlong = overlong or _OVERLONG.search(text) is not None
            return text

    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKC", text) if not is_unseen(one) or one in "\n\r")
    elif not text.isprintable():
        text = "".join(one for one in text if one.isprintable() or one in "\n\r")
    if "%" in text:
        text = _PERCENT.sub(percent, text)
    if "\\" in text or "%u" in text.lower():
        text = _ESCAPE.sub(lambda match: chr(int(match[match.lastindex or 0], 16)), text)
    if "&" in text:
        text = html.unescape(text)
    return _COLON.sub(":", _AT.sub("@", _DOT.sub(".", text))), overlong


def _hidden(text: str) -> Iterator[str]:
    """Yield the readable contents of encoded words in a text."""
    for word in _HEX.findall(text):
        yield from _readable(bytes.fromhex(word))
    for word in _BASE32.findall(text):
        whole = word[: len(word) // 8 * 8] or word
        yield from _readable(_of_base32(whole))
    for word in _BASE64.findall(text):
        standard = word.translate(_TO_STANDARD)
        for start in range(4):
            part = standard[start:]
            yield from _readable(_of_base64(part[: len(part) - (len(part) % 4 == 1)]))


def _of_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return b""


def _of_base32(text: str) -> bytes:
    try:
        return base64.b32decode(text.upper() + "=" * (-len(text) % 8))
    except binascii.Error:
        return b""


def _readable(data: bytes) -> list[str]:
    # UTF-16 of ASCII text is that text with a null byte after each character.
    return _READABLE.findall(data.replace(b"\x00", b"").decode("utf-8", "replace"))
