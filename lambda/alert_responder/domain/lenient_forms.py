"""Unusual but unambiguous forms in detectors' values: other notations of addresses, ports, paths, quotes.

Pure; nothing is raised. Ambiguous forms are not parsed: `198.051.100.7` may be octal or padded with zeros.
"""

import ipaddress
import re

SPECIAL_SCHEME = re.compile(
    r"(?P<scheme>https?|hxxps?|ftps?|fxps?|wss?)(?::|\[:\]|\(:\))(?P<slashes>(?:[/\\]|\[//?\]){0,8})", re.IGNORECASE
)
"""The beginning of a URL as browsers parse it: any number of slashes and backslashes."""

_IPV4_AND_PORT = re.compile(r"([0-9.]{7,15}):([0-9]{1,5})")
_IPV6_AND_PORT = re.compile(r"\[([0-9A-Fa-f:.%]{2,60})\]:([0-9]{1,5})")
_HOST_AND_PORT = re.compile(r"([^:]+):([0-9]{1,5})")
_QUOTED = re.compile(r'"([^"\\]+)"')
_AFTER_HOST = re.compile(r"[/?#]")
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\s]")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_LONGEST_NUMBER = 12
_PADDED = 3
_FIRST_WHOLE_ADDRESS = 2**24
"""Smaller numbers are in 0.0.0.0/8, and rarely meant as addresses."""


def read_loose(text: str) -> ipaddress.IPv4Address | None:
    """Parse an IPv4 address as browsers do: one to four parts, each decimal, octal (0) or hexadecimal (0x).

    Examples
    --------
    >>> str(read_loose("0x7f.1"))
    '127.0.0.1'
    """
    parts = text.split(".")
    numbers = [number for part in parts if (number := _number(part)) is not None]
    if len(numbers) != len(parts) or not 1 <= len(parts) <= 4:
        return None
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(parts)):
        return None
    return ipaddress.IPv4Address(sum(number << 24 - 8 * place for place, number in enumerate(first)) + last)


def read_marked(text: str) -> ipaddress.IPv4Address | None:
    """Parse an IPv4 address that is one number, or whose notation is unambiguous.

    Returns
    -------
    IPv4Address or None
        Octal if all four parts begin with 0, padded decimal if all have three digits and not all begin with 0,
        hexadecimal if a part begins with 0x; None if none or two of these apply.

    Examples
    --------
    >>> [str(read_marked(text)) for text in ("0300.0.02.01", "192.000.002.001", "3221225985", "192.0.2.01")]
    ['192.0.2.1', '192.0.2.1', '192.0.2.1', 'None']
    """
    parts = text.split(".")
    if len(parts) == 1:
        whole = read_loose(text)
        return whole if whole is not None and int(whole) >= _FIRST_WHOLE_ADDRESS else None
    if len(parts) != 4:
        return None
    if any(part[:2].lower() == "0x" for part in parts):
        return read_loose(text)
    octal = all(part.startswith("0") for part in parts)
    padded = all(len(part) == _PADDED for part in parts)
    if octal and not padded:
        return read_loose(text)
    if padded and not octal and text.replace(".", "").isdecimal():
        return read_loose(".".join(part.lstrip("0") or "0" for part in parts))
    return None


def without_port_or_length(text: str) -> str:
    """Remove the port of an address, and a prefix length that stands for a single address.

    Examples
    --------
    >>> [without_port_or_length(text) for text in ("192.0.2.1:443", "192.0.2.1/32", "[2001:db8::1]:53", "192.0.2.0/24")]
    ['192.0.2.1', '192.0.2.1', '2001:db8::1', '192.0.2.0/24']
    """
    found = _IPV4_AND_PORT.fullmatch(text) or _IPV6_AND_PORT.fullmatch(text)
    if found:
        return found[1] if _is_port(found[2]) else text
    return text.removesuffix("/128" if ":" in text else "/32")


def host_of(text: str) -> str:
    """Return the host of a value: remove the scheme, the port, and a path, query or fragment."""
    begin = SPECIAL_SCHEME.match(text)
    if begin and begin["slashes"]:
        text = text[begin.end() :]
    if end := _AFTER_HOST.search(text):
        text = text[: end.start()]
    found = _HOST_AND_PORT.fullmatch(text)
    return decoded_host(found[1] if found and _is_port(found[2]) else text)


def decoded_host(text: str) -> str:
    """Decode percent signs once, as browsers do in a host; other encodings than UTF-8 are left unchanged."""
    try:
        return _PERCENT.sub(lambda match: bytes.fromhex(match[0].replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        return text


def encoded_spaces(text: str) -> str:
    """Encode spaces and control characters in a URL's path with percent signs."""
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), text)


def unquoted(local_part: str) -> str:
    """Remove the quotes of an email address's local part, which have no meaning unless it has special characters."""
    found = _QUOTED.fullmatch(local_part)
    return found[1] if found else local_part


def _is_port(digits: str) -> bool:
    return int(digits) <= 65535


def _number(part: str) -> int | None:
    if not part or len(part) > _LONGEST_NUMBER or not (part.isascii() and part.isalnum()):
        return None
    try:
        if part[:2].lower() == "0x":
            return int(part[2:] or "0", 16)
        return int(part, 8) if part[0] == "0" else int(part)
    except ValueError:
        return None
