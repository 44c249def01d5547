"""Make text that an attacker may have written safe to display: on pages, in messages and in a terminal.

Escaping for HTML, Markdown, Slack or a terminal is done where the text is written. Emitters apply, in this order:
`strip_invisible` (removed characters may have separated the halves of a marker), `defang`, the escaping, and `shorten`
where that cannot cut an escape in two. All functions are idempotent except for the suffix of `shorten`.
"""

import re
import unicodedata

from alert_responder.domain.invisible_characters import replaced
from alert_responder.domain.top_level import TOP_LEVEL

MAX_LINK_LENGTH = 2_000
"""Maximum length of a link from a plug-in [characters]; a longer one is displayed as text."""

_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SPACES = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")

_SCHEME = re.compile(r"(?i)(?<![a-z0-9+.-])(https?|hxxps?):(?=[/\\]{2})|:(?=//)")
_BARE_SCHEME = re.compile(
    r"(?i)(?<![a-z])(mailto|javascript|vbscript|data|tel|sms|callto|facetime|slack|file|blob|about|view-source):(?=\S)"
)
# Every character that browsers and resolvers accept as a dot, and as an at sign.
_DOTS = r".\u2024\u3002\ufe52\uff0e\uff61"
_ATS = r"@\uff20\ufe6b"
_DOT = re.compile(rf"[{_DOTS}]")
_DOT_IN_WORD = re.compile(rf"(?<=\S)[{_DOTS}](?=\w)")
_AT_IN_WORD = re.compile(rf"[{_ATS}](?=\S)")
# Between two words, an at sign is part of a name, such as that of an image, unless a host with a dot follows.
_AT = re.compile(rf"(?<!\w)[{_ATS}](?=\S)|[{_ATS}](?=[^\w\s])|[{_ATS}](?=[\w-]++[{_DOTS}]\w)")

# The first label of a host may have letters of any script and symbols.
_LABEL = rf"[^\x00-,/:-@\[-\^`{{-\x7f\s{_DOTS}{_ATS}]"
_NAME = re.compile(rf"(?<!{_LABEL}){_LABEL}++(?:[{_DOTS}][\w-]++)+")
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = re.compile(rf"(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w.])")
_MAX_LABEL_LENGTH = 63

_LINKED_ENDS = TOP_LEVEL | {"example"}
"""Last labels of the names that clients link; `example` stands for a real one in documents and tests."""

_LINKED_WITHIN = frozenset({"com", "net", "org", "COM", "NET", "ORG"})
"""Labels after which some clients end a link, whatever follows: `com` in `evil.com.Then`."""

_ADDRESS_TYPES = frozenset({"domain", "url", "email"})

_LINK = re.compile(
    r"https://(?=[a-z0-9.-]{1,253}(?:[/?#]|$))(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
    r"(?:[/?#][A-Za-z0-9._~/?#&=+,;:@%!*()-]*)?"
)
_LINK_ESCAPES = str.maketrans({character: f"%{ord(character):02X}" for character in "!*()"})


def spell_out(text: str) -> str:
    r"""Replace invisible characters by their code points.

    Returns
    -------
    str
        Contains no invisible characters except line feeds and tabs, and no spaces except U+0020. Combining marks beyond
        the fourth on one letter are removed.

    Examples
    --------
    >>> spell_out("invoice\u202efdp.exe")
    'invoice⟨U+202E⟩fdp.exe'
    """
    return replaced(text.replace("\r\n", "\n"), lambda unseen: f"⟨U+{ord(unseen):04X}⟩", frozenset("\n\t"))


def strip_invisible(text: str) -> str:
    """Remove control, bidirectional, zero-width and tag characters, lone surrogates and excessive combining marks.

    Returns
    -------
    str
        Normalised to NFC, with line feeds and single spaces as the only white space, at most one empty line in a row,
        and none at the beginning or end. Private and unassigned characters are removed as well.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if text.isascii():
        text = _CONTROLS.sub(" ", text)
    else:
        text = replaced(unicodedata.normalize("NFC", text), _removal, frozenset("\n"))
    # The removal may have brought a letter and its combining mark together.
    joined = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    lines = "\n".join(line.strip(" ") for line in joined.split("\n"))
    return _EMPTY_LINES.sub("\n\n", lines).strip("\n")


def one_line(text: str) -> str:
    """Apply `strip_invisible`, and join the lines."""
    return " ".join(strip_invisible(text).split())


def defang(text: str, type_: str = "") -> str:
    """Rewrite addresses so that no client turns them into links, mentions or mail addresses.

    `https://evil.example/a.b` becomes `hxxps://evil[.]example/a.b`, `eve@evil.example` becomes
    `eve[at]evil[.]example`, `javascript:x` becomes `javascript[:]x`. AlertResponder's parsers understand this notation.
    Text that no client links is unchanged, such as times, versions, and names that do not end with a top-level domain:
    `00:00:00.000Z`, `2.6.5`, `EC2.19`, `jane.doe`. Apply `strip_invisible` first.

    Parameters
    ----------
    type_
        Type of the attribute whose value the text is: domains, URLs and e-mail addresses are rewritten even if their
        top-level domain is unknown.
    """
    if ":" in text:
        text = _BARE_SCHEME.sub(r"\1[:]", _SCHEME.sub(_defanged_scheme, text))
    text = _NAME.sub(_defanged_name, _AT.sub("[at]", text))
    return _DOT_IN_WORD.sub("[.]", _AT_IN_WORD.sub("[at]", text)) if type_ in _ADDRESS_TYPES else text


def shorten(text: str, most: int, beyond: int = 0) -> str:
    """Cut text to at most `most` characters, ending with the number of characters left out.

    Parameters
    ----------
    beyond
        Number of characters that were cut off before.
    """
    if len(text) <= most and not beyond:
        return text
    kept = min(most - len(_left_out(len(text) + beyond)), len(text))
    if kept <= 0:
        return text[: max(most - 1, 0)] + "…"[:most]
    return text[:kept] + _left_out(len(text) - kept + beyond)


def ellipsize(text: str, most: int) -> str:
    """Cut text to at most `most` characters, ending with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def https_link(text: str | None, most: int = MAX_LINK_LENGTH) -> str | None:
    """Return a link that may be clicked; None if the text is not a plain `https` address of a named host.

    Returns
    -------
    str | None
        ASCII without quotes, brackets, parentheses, spaces, `|` or a backslash, so that it cannot end early in HTML or
        Markdown. Addresses with credentials, a port, an IP address or a single label as host are rejected.
    """
    if text is None or len(text) > most or not _LINK.fullmatch(text):
        return None
    return text.translate(_LINK_ESCAPES)


def _removal(unseen: str) -> str:
    # Control characters separate words; the others stand inside words.
    return " " if unicodedata.category(unseen) == "Cc" else ""


def _defanged_scheme(match: re.Match[str]) -> str:
    if match[1] is None:
        return "[:]"
    return f"hxxp{'s' if match[1][-1] in 'sS' else ''}:"


def _defanged_name(match: re.Match[str]) -> str:
    labels = _DOT.split(match[0])
    is_linked = (
        # The host of a URL, whatever its name.
        match.string.endswith(("//", "p:\\\\", "s:\\\\"), 0, match.start())
        or labels[0].lower() == "www"
        or any(label in _LINKED_WITHIN for label in labels[1:])
        or _is_top_level(labels[-1])
        or _is_top_level(labels[-1].partition("-")[0])
        or _IPV4.search(".".join(labels)) is not None
    )
    return "[.]".join(labels) if is_linked else match[0]


def _is_top_level(label: str) -> bool:
    label = unicodedata.normalize("NFKC", label[: _MAX_LABEL_LENGTH + 1]).casefold().strip("_-")
    if len(label) > _MAX_LABEL_LENGTH:
        return False
    return (label if label.isascii() else f"xn--{label.encode('punycode').decode()}") in _LINKED_ENDS


def _left_out(number: int) -> str:
    return f"… ({number:,} more characters)"
