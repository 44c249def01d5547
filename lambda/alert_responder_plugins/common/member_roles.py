"""The roles of `modules/member` in member accounts: their names, and the tags that mark them."""

from typing import Final

MEMBER_TAG: Final = "alert-responder:member"
"""Tag key of the version of the roles."""

ACTIONS_TAG: Final = "alert-responder:actions"
"""Tag key of the kinds of targets that the account allows to contain, joined by spaces."""

LAYOUT_VERSION: Final = "1"
"""Version of the roles that this version of AlertResponder needs; `layout_version` of the module."""

_READER, _RESPONDER = "-reader", "-responder"


def reader_of(name: str) -> str:
    """Return the name of the role that reads, from the `name` of the module."""
    return f"{name}{_READER}"


def responder_of(name: str) -> str:
    """Return the name of the role that contains and releases."""
    return f"{name}{_RESPONDER}"


def name_of(reader: str) -> str | None:
    """Return the `name` of the module from the name of its reader; None if the module creates no such role.

    Examples
    --------
    >>> name_of("alert-responder-reader")
    'alert-responder'
    """
    name = reader.removesuffix(_READER)
    return name if name and name != reader else None
