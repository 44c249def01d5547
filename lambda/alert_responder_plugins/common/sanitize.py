"""Make text that an attacker may have written harmless, before an emitter escapes it for its place.

The order matters: first `plain` (what is taken away may have kept two halves of a mark apart), then `defanged`, then
the escaping of the place, then `shortened` where the escaping does not cut marks in two. All of them are idempotent
but `shortened`'s word of what is left out.
"""

import re
import unicodedata
from urllib.parse import quote, urlsplit

from alert_responder.domain.invisible_characters import replaced

MAX_LINK_LENGTH = 2_000
"""Longest link of a plug-in [characters]; longer ones are no links."""

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_KEPT = frozenset("\n")

_SCHEME = re.compile(r"(?i)(?:(?<![a-z0-9+.-])(https?|hxxps?))?:(?=[/\\]{2})")
_BARE_SCHEME = re.compile(
    r"(?i)(?<![a-z])(mailto|javascript|vbscript|data|tel|sms|callto|facetime|slack|file|blob|about|view-source):(?=\S)"
)
# All that browsers and resolvers take for a dot.
_DOT = re.compile(r"(?<=\S)[.\u2024\u3002\ufe52\uff0e\uff61](?=\w)")
_AT = re.compile(r"[@\uff20\ufe6b](?=\S)")

_LINK = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:[/?#]\S*)?")
_HOST = re.compile(r"(?i)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")


def plain(text: str) -> str:
    """Take out what is not seen: control, bidi, zero-width and tag characters, lone surrogates, heaps of marks.

    Returns
    -------
    str
        Normalised (NFC), with line feeds and single spaces as its only space, at most one empty line in a row, and none
        around it. Lost are also private and unassigned characters, and what is more than four marks on one letter.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _CONTROLS.sub(" ", text) if text.isascii() else replaced(unicodedata.normalize("NFC", text), _gone, _KEPT)
    # What was taken out may let two characters become one.
    joined = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    lines = "\n".join(line.strip(" ") for line in joined.split("\n"))
    return _EMPTY_LINES.sub("\n\n", lines).strip("\n")


def one_line(text: str) -> str:
    """Make `plain` text of one line."""
    return " ".join(plain(text).split())


def defanged(text: str) -> str:
    """Write addresses so that nothing makes links, mentions or mail addresses of them.

    `https://evil.example/a.b` becomes `hxxps://evil[.]example/a[.]b`, `eve@evil.example` becomes
    `eve[at]evil[.]example`, `javascript:x` becomes `javascript[:]x`. AlertResponder reads such text as what it stands
    for. Give it `plain` text.
    """
    if ":" in text:
        text = _BARE_SCHEME.sub(r"\1[:]", _SCHEME.sub(_scheme, text))
    return _AT.sub("[at]", _DOT.sub("[.]", text))


def shortened(text: str, most: int, beyond: int = 0) -> str:
    """Cut text to at most so many characters, and say at its end how many are left out.

    Parameters
    ----------
    beyond
        How many were left out of it before.
    """
    if len(text) <= most and not beyond:
        return text
    kept = min(most - len(_left_out(len(text) + beyond)), len(text))
    if kept <= 0:
        return text[: max(most - 1, 0)] + "…"[:most]
    return text[:kept] + _left_out(len(text) - kept + beyond)


def https_link(text: str | None, most: int = MAX_LINK_LENGTH) -> str | None:
    r"""Return a link that may be shown as one; None for what is no plain `https` address of a named host.

    Parameters
    ----------
    most
        Longest one [characters].

    Returns
    -------
    str | None
        ASCII without quotes, brackets, spaces, `|` or `\`, so that it cannot end early wherever it is put. Addresses
        with credentials, IP addresses and single labels instead of a domain name are refused.
    """
    if text is None or len(text) > most or plain(text) != text or not _LINK.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    if not _HOST.fullmatch(parts.hostname or "") or port == 0:
        return None
    authority = (parts.hostname or "") if port in {None, 443} else f"{parts.hostname}:{port}"
    path = quote(parts.path, safe="/%:@-._~+,;=")
    query = f"?{quote(parts.query, safe='/%:@-._~+,;=&?')}" if parts.query else ""
    fragment = f"#{quote(parts.fragment, safe='/%:@-._~+,;=&?')}" if parts.fragment else ""
    link = f"https://{authority}{path}{query}{fragment}"
    return link if len(link) <= most else None


def _gone(unseen: str) -> str:
    # Controls stand between words, the others inside them.
    return " " if unicodedata.category(unseen) == "Cc" else ""


def _scheme(found: re.Match[str]) -> str:
    if found[1] is None:
        return "[:]"
    return f"hxxp{'s' if found[1][-1] in 'sS' else ''}:"


def _left_out(number: int) -> str:
    return f"… ({number:,} more characters)"
