"""The directory of accounts: one item, which only the function of `modules/organization` writes."""

import zlib
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder.domain.directory import MAX_SKEW_MS, MAX_WORD, AccountFacts, Directory, shortened
from alert_responder.errors import InvalidItemError
from alert_responder.store import keys
from alert_responder.store.items import pack, unpack
from alert_responder.store.table import Put, Table, absent_or_at_most

MAX_AGE_MS = 300_000
"""How long a container keeps the directory [ms]."""

MAX_BYTES = 380_000
"""Maximum size of the compressed accounts [bytes]; DynamoDB allows 400 KB for an item."""

KEPT_SECONDS = 30 * 86_400
"""How long DynamoDB keeps a directory that is not refreshed any more [s]."""

_NAME = "organization/directory"
_PLAIN = ("organization_id", "read_at", "tags_read_to")
_SHORTER = (64, 32, 24, 16, 8, 0)
_TEXTS = ("name", "unit", "owner", "environment")


class CachedDirectory:
    """The directory in the table, read again after five minutes.

    Parameters
    ----------
    clock
        Returns the time [ms since the epoch].
    """

    def __init__(self, table: Table, clock: Callable[[], int]) -> None:
        self._table = table
        self._clock = clock
        self._directory: Directory | None = None
        self._read_at: int | None = None

    def directory(self) -> Directory | None:
        """Return the directory, at most five minutes old; None if there is none. See `read_directory`."""
        now = self._clock()
        if self._read_at is None or now - self._read_at >= MAX_AGE_MS:
            self._directory = read_directory(self._table)
            self._read_at = now
        return self._directory


def read_directory(table: Table) -> Directory | None:
    """Read the directory; None if there is none.

    Raises
    ------
    DependencyError
        The table could not be read; or, as `InvalidItemError`, the item is invalid.
    """
    item = table.get(keys.directory())
    if item is None:
        return None
    try:
        return Directory.model_validate(
            {**{name: item[name] for name in _PLAIN if name in item}, "accounts": _unpacked(item["accounts"])}
        )
    except ValidationError as error:
        raise InvalidItemError(f"{_NAME}: item is invalid: {describe_faults(error, 'item')[0]}") from None
    except (AttributeError, KeyError, TypeError, ValueError, zlib.error):
        raise InvalidItemError(f"{_NAME}: item is invalid") from None


def write_directory(table: Table, directory: Directory, previous: Directory | None = None) -> int:
    """Replace the directory, unless a newer one was written meanwhile.

    If the accounts do not fit into an item, their texts are shortened, all alike; ids, statuses and kinds are kept.

    Parameters
    ----------
    previous
        The directory in the table; None if there is none, or an invalid one, which is replaced in any case. So is
        one from the future.

    Returns
    -------
    int
        Length to which texts were shortened [characters]; `MAX_WORD` if none was.

    Raises
    ------
    ConditionFailedError
        A newer directory is in the table; nothing was written.
    DependencyError
        The table could not be written.
    """
    packed, limit = _packed(directory.accounts), MAX_WORD
    for shorter in _SHORTER:
        if len(packed) <= MAX_BYTES:
            break
        packed, limit = _packed([_shortened(account, shorter) for account in directory.accounts]), shorter
    fields = {name: getattr(directory, name) for name in _PLAIN}
    item = {
        "accounts": packed,
        "expires_at": directory.read_at // 1000 + KEPT_SECONDS,
        **{name: value for name, value in fields.items() if value is not None},
    }
    replaces = previous is None or previous.read_at > directory.read_at + MAX_SKEW_MS
    condition = () if replaces else (absent_or_at_most("read_at", directory.read_at),)
    table.write(Put(keys.directory(), item, condition))
    return limit


def _packed(accounts: Sequence[AccountFacts]) -> bytes:
    """Compress the accounts field by field: that takes half the bytes of accounts one by one."""
    return pack({name: [getattr(account, name) for account in accounts] for name in AccountFacts.model_fields})


def _unpacked(data: bytes) -> list[dict[str, Any]]:
    columns: dict[str, list[Any]] = unpack(data)
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _shortened(account: AccountFacts, limit: int) -> AccountFacts:
    texts = {name: shortened(text, limit) for name in _TEXTS if (text := getattr(account, name))}
    return account.model_copy(update=texts)
