"""The directory is one item, however many accounts and whatever names it has."""

import hashlib
from typing import Any

import pytest
from pydantic import ValidationError

from alert_responder.domain.directory import (
    MAX_ACCOUNTS,
    MAX_NAME,
    MAX_SKEW_MS,
    MAX_UNIT,
    MAX_WORD,
    STALE_AFTER_MS,
    AccountFacts,
    Directory,
    one_line,
    shortened,
    unit_path,
)
from alert_responder.errors import ConditionFailedError, InvalidItemError
from alert_responder.store import keys
from alert_responder.store.directory import (
    KEPT_SECONDS,
    MAX_AGE_MS,
    MAX_BYTES,
    CachedDirectory,
    read_directory,
    write_directory,
)
from alert_responder.store.items import pack
from alert_responder.store.table import Put
from tests.fakes.memory import MemoryTable

PROD = AccountFacts(
    id="111122223333",
    name="Payments",
    status="active",
    kind="member",
    unit="Root/Workloads/Prod",
    owner="team-pay",
    environment="prod",
)
HOME = AccountFacts(id="444455556666", name="Security", status="active", kind="home", unit="Root")
DIRECTORY = Directory(organization_id="o-exampleorgid", accounts=(PROD, HOME), read_at=1_000, tags_read_to=PROD.id)


def noise(seed: str, length: int) -> str:
    text = ""
    while len(text) < length:
        text += hashlib.sha256(f"{seed}/{len(text)}".encode()).hexdigest()
    return text[:length]


def columns(*accounts: AccountFacts, **changed: Any) -> bytes:
    return pack({name: [getattr(each, name) for each in accounts] for name in AccountFacts.model_fields} | changed)


def test_a_directory_is_read_as_it_was_written() -> None:
    table = MemoryTable()
    assert read_directory(table) is None
    assert write_directory(table, DIRECTORY) == MAX_WORD
    found = read_directory(table)
    assert found == DIRECTORY
    assert found is not None
    assert found.find("111122223333") == PROD
    assert found.find("999999999999") is None
    item = table.get(keys.directory())
    assert item is not None
    assert item["expires_at"] == DIRECTORY.read_at // 1000 + KEPT_SECONDS


def test_accounts_are_sorted_and_each_is_found_also_in_a_copy() -> None:
    found = Directory(accounts=(HOME, PROD), read_at=1)
    assert found.accounts == (PROD, HOME)
    renamed = found.model_copy(update={"accounts": (PROD.model_copy(update={"name": "New"}), HOME)}).find(PROD.id)
    assert renamed is not None
    assert renamed.name == "New"


def test_the_oldest_directory_that_is_not_stale_is_a_day_old() -> None:
    assert not DIRECTORY.is_stale(DIRECTORY.read_at + STALE_AFTER_MS)
    assert DIRECTORY.is_stale(DIRECTORY.read_at + STALE_AFTER_MS + 1)
    assert not DIRECTORY.is_stale(DIRECTORY.read_at - MAX_SKEW_MS)
    assert DIRECTORY.is_stale(DIRECTORY.read_at - MAX_SKEW_MS - 1)


def test_a_newer_directory_is_not_replaced_unless_it_is_from_the_future() -> None:
    table = MemoryTable()
    newer = DIRECTORY.model_copy(update={"read_at": DIRECTORY.read_at + 1, "accounts": (HOME,)})
    write_directory(table, newer)
    with pytest.raises(ConditionFailedError):
        write_directory(table, DIRECTORY, DIRECTORY)
    assert read_directory(table) == newer
    write_directory(table, newer, DIRECTORY)

    future = DIRECTORY.model_copy(update={"read_at": newer.read_at + MAX_SKEW_MS + 1})
    write_directory(table, future, newer)
    write_directory(table, newer, future)
    assert read_directory(table) == newer


def test_the_largest_directory_fits_into_an_item() -> None:
    accounts = tuple(
        AccountFacts(
            id=f"{int(noise(str(number), 10), 16) % 10**12:012d}",
            name=noise(f"n{number}", 50),
            status="active",
            kind="member",
            unit=noise(f"u{number % 1000}", 200),
            owner=noise(f"o{number}", 100),
        )
        for number in range(MAX_ACCOUNTS)
    )
    table = MemoryTable()
    limit = write_directory(table, Directory(accounts=accounts, read_at=1))
    item = table.get(keys.directory())
    assert item is not None
    assert len(item["accounts"]) <= MAX_BYTES
    found = read_directory(table)
    assert found is not None
    assert limit < MAX_WORD
    assert [each.id for each in found.accounts] == sorted(each.id for each in accounts)
    assert all(found.find(each.id) for each in accounts)
    assert {each.name for each in found.accounts} == {shortened(each.name, limit) for each in accounts}


def test_names_of_usual_length_fit_for_all_accounts() -> None:
    accounts = tuple(
        AccountFacts(
            id=f"{int(noise(str(number), 10), 16) % 10**12:012d}",
            name=f"workload-{noise(f'n{number}', 8)}-production",
            status="active",
            kind="member",
            unit=f"Root/Workloads/{noise(f'u{number % 1000}', 12)}",
            owner=f"team-{noise(f'o{number % 2000}', 8)}",
            environment=("production", "development", "test")[number % 3],
        )
        for number in range(MAX_ACCOUNTS)
    )
    assert write_directory(MemoryTable(), Directory(accounts=accounts, read_at=1)) == MAX_WORD


@pytest.mark.parametrize(
    "item",
    [
        {},
        {"accounts": b"no zlib", "read_at": 1},
        {"accounts": pack("text"), "read_at": 1},
        {"accounts": pack([PROD]), "read_at": 1},
        {"accounts": columns(PROD), "read_at": "soon"},
        {"accounts": columns(PROD, PROD), "read_at": 1},
        {"accounts": columns(PROD, kind=["admin"]), "read_at": 1},
        {"accounts": columns(PROD, id=["1"]), "read_at": 1},
        {"accounts": columns(PROD, id=[PROD.id, HOME.id]), "read_at": 1},
        {"accounts": columns(PROD, id=5), "read_at": 1},
    ],
)
def test_an_invalid_item_is_an_error_that_does_not_quote_it(item: dict[str, Any]) -> None:
    table = MemoryTable()
    table.write(Put(keys.directory(), item))
    with pytest.raises(InvalidItemError, match=r"^organization/directory: item is invalid") as error:
        read_directory(table)
    assert "Payments" not in str(error.value)


def test_a_container_reads_the_directory_once_in_five_minutes() -> None:
    table, now = MemoryTable(), [0]
    cached = CachedDirectory(table, lambda: now[0])
    assert cached.directory() is None
    write_directory(table, DIRECTORY)
    now[0] = MAX_AGE_MS - 1
    assert cached.directory() is None
    now[0] = MAX_AGE_MS
    assert cached.directory() == DIRECTORY


def test_texts_are_one_line_and_bounded() -> None:
    assert one_line("  a\n\tb\x00c \ud800 ", 100) == "a b c ?"
    assert len(one_line("x" * 10_000, MAX_NAME)) == MAX_NAME
    assert unit_path(["Root", "Work/loads", "Prod"]) == "Root/Work-loads/Prod"
    assert len(unit_path(["Root", *["x" * 500] * 9])) <= MAX_UNIT
    for field, length in (("name", MAX_NAME), ("unit", MAX_UNIT), ("owner", MAX_WORD), ("environment", MAX_WORD)):
        AccountFacts.model_validate({**PROD.model_dump(), field: "x" * length})
        with pytest.raises(ValidationError):
            AccountFacts.model_validate({**PROD.model_dump(), field: "x" * (length + 1)})
