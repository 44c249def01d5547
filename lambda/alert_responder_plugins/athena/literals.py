"""Literals and identifiers of SQL. Pure.

Nothing that an alert contains becomes SQL text: a value travels as hexadecimal digits, which SQL decodes. Names of
databases, tables and columns come from the settings.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from alert_responder_plugins.common.errors import SettingsFaultError

MAX_LITERAL = 1024
"""Longest literal of a value [hexadecimal digits], which is Athena's limit for a parameter."""

_NAME = re.compile(r"[A-Za-z0-9_$.@-]{1,255}")
_PLAIN = re.compile(r"[A-Za-z0-9_./:-]{1,255}")


def fits(value: str) -> bool:
    """Whether a value is text that is short enough for a literal."""
    try:
        return 2 * len(value.encode()) <= MAX_LITERAL
    except UnicodeEncodeError:
        return False  # A lone surrogate would be replaced, and another value asked about.


def text(value: str) -> str:
    """Return an expression with the value of any text; only its hexadecimal digits depend on it.

    Examples
    --------
    >>> text("a'b")
    "from_utf8(from_hex('612762'))"
    """
    return f"from_utf8(from_hex('{value.encode(errors='replace').hex()}'))"


def plain(value: str) -> str:
    """Return a literal of a text that this package or the settings wrote, such as a day.

    Raises
    ------
    SettingsFaultError
        If it contains anything but letters, digits and characters of `_./:-`.
    """
    if not _PLAIN.fullmatch(value):
        raise SettingsFaultError(f"{value!a} must have letters, digits and characters of _./:- only.")
    return f"'{value}'"


def plain_list(values: Iterable[str]) -> str:
    """Return literals in parentheses."""
    return f"({', '.join(map(plain, values))})"


def name(value: str) -> str:
    """Return a quoted name of a database, table or column; raise `SettingsFaultError` if it is invalid."""
    if not _NAME.fullmatch(value):
        raise SettingsFaultError(f"{value!a} must be a name of letters, digits and characters of _$.@-.")
    return f'"{value}"'


def instant(moment: datetime) -> str:
    """Return a time in UTC without its zone, as texts of ISO 8601 begin, such as `2026-01-31T23:59:59`."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
