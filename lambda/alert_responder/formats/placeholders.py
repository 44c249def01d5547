"""Values that detectors write where they have none, and lists of hashes in one string. Pure; nothing is raised."""

import re

_ABSENT = frozenset(
    {"", "-", "--", "n/a", "<na>", "null", "<null>", "(null)", "none", "<none>", "(none)", "nil", "undefined"}
)
"""In every type."""

_ANY = frozenset({"any", "*", "unknown", "not available"})
"""In addresses, names of hosts, and keys. A user may well be called `unknown`."""

_OF_HOSTS = frozenset({"ipaddr", "domain", "url", "hostname", "device", ""})
_OF_DIGITS = frozenset({"ipaddr", "filehashvalue"})
_LONGEST = 64
"""Longer values are never placeholders [characters]: as many zeros as a SHA-256 has."""

_SEPARATOR = re.compile(r"[,;|\s]+")
_HASH = re.compile(r"(?:([A-Za-z][A-Za-z0-9-]{1,15})[=:])?([0-9A-Fa-f]{32,128})")
_ALGORITHMS = frozenset({None, "md5", "sha1", "sha256", "sha384", "sha512"})
_LONGEST_HASHES = 1000


def is_placeholder(kind: str, value: str) -> bool:
    """Check whether a value of an attribute of this type stands for a missing one; kind "" stands for a key.

    Examples
    --------
    >>> [is_placeholder("ipaddr", value) for value in ("any", "0.0.0.0", "::", "192.0.2.1")]
    [True, True, True, False]
    >>> is_placeholder("username", "any"), is_placeholder("username", "N/A"), is_placeholder("username", "0")
    (False, True, False)
    """
    if len(value) > _LONGEST:
        return False
    word = value.strip().lower()
    if word in _ABSENT or (word in _ANY and kind in _OF_HOSTS):
        return True
    return kind in _OF_DIGITS and len(word) > 1 and not word.strip("0:.-")


def split_hashes(text: str) -> list[str]:
    """Split a list of hashes with or without labels; other text is returned as the only value.

    Hashes of other algorithms, such as `IMPHASH`, are left out: they are not looked up.

    Examples
    --------
    >>> split_hashes("MD5=900150983cd24fb0d6963f7d28e17f72,IMPHASH=72491100e121c09085313f2baf04ad3a")
    ['900150983cd24fb0d6963f7d28e17f72']
    >>> split_hashes("no hash, and no list")
    ['no hash, and no list']
    """
    if len(text) > _LONGEST_HASHES:
        return [text]
    found = [_HASH.fullmatch(part) for part in _SEPARATOR.split(text.strip(" ,;|"))]
    matches = [match for match in found if match]
    if len(matches) < len(found):
        return [text]
    hashes = [match[2] for match in matches if _algorithm(match[1]) in _ALGORITHMS]
    return [text] if len(found) == len(hashes) == 1 else hashes


def _algorithm(label: str | None) -> str | None:
    return label and label.lower().replace("-", "")
