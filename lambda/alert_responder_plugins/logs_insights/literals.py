"""Literals of Logs Insights' query language. Pure.

The documentation describes no way to escape a quote in a string: only values of a fixed alphabet, which has no quotes,
backslashes, pipes or number signs, become query text. Other values are not asked about.
"""

import re
from collections.abc import Iterable

_SAFE = re.compile(r"[A-Za-z0-9 _.:/@+=,-]{1,512}")
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


def fits(value: str) -> bool:
    """Whether a value has 1 to 512 letters, digits, spaces and characters of `_.:/@+=,-` only."""
    return _SAFE.fullmatch(value) is not None


def text_list(values: Iterable[str]) -> str:
    """Return a list of strings.

    Examples
    --------
    >>> text_list(["alice", "192.0.2.1"])
    '["alice", "192.0.2.1"]'

    Raises
    ------
    ValueError
        If a value has other characters.
    """
    return f"[{', '.join(_text(value) for value in values)}]"


def domain_pattern(domains: Iterable[str]) -> str:
    r"""Return a regular expression for names in domains, in any case, with or without the final dot.

    Examples
    --------
    >>> print(domain_pattern(["evil.example"]))
    /(?i)(^|\.)(evil\.example)\.?$/
    """
    return rf"/(?i)(^|\.)({'|'.join(_pattern(domain) for domain in domains)})\.?$/"


def is_domain(value: str) -> bool:
    """Whether a value is a domain that can be part of a regular expression."""
    return len(value) <= 253 and _DOMAIN.fullmatch(value) is not None


def _text(value: str) -> str:
    if not fits(value):
        raise ValueError(f"{value!a} cannot be quoted")
    return f'"{value}"'


def _pattern(domain: str) -> str:
    if not is_domain(domain):
        raise ValueError(f"{domain!a} is not a domain")
    return domain.replace(".", r"\.")
