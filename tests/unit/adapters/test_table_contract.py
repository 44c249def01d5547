"""One contract for both tables: DynamoDB, emulated by moto, and the table in memory that other tests use."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.errors import ConditionFailedError
from alert_responder.store.table import (
    EXISTS,
    NEW,
    Check,
    Condition,
    Key,
    Put,
    Table,
    Update,
    absent,
    absent_or_at_most,
    absent_or_below,
    below,
    equals,
    present,
)
from tests.fakes.memory import MemoryTable

A, B, C = Key("p", "a"), Key("p", "b"), Key("p", "c")


def create_table(client: Any) -> None:
    client.create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "open_shard")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "open_reports",
                "KeySchema": [
                    {"AttributeName": "open_shard", "KeyType": "HASH"},
                    {"AttributeName": "pk", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


@pytest.fixture(params=["dynamodb", "memory"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    if request.param == "memory":
        yield MemoryTable()
        return
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client)
        yield DynamoDBTable(client, "table")


def item(key: Key, **attributes: Any) -> dict[str, Any]:
    return {"pk": key.pk, "sk": key.sk, **attributes}


def test_values_are_returned_unchanged(table: Table) -> None:
    values = {
        "s": "ü",
        "n": -(10**12),
        "yes": True,
        "none": None,
        "b": b"\x00\xff",
        "l": [1, "a", [b"x"]],
        "m": {"k": 1},
    }
    table.write(Put(A, values))
    found = table.get(A)
    assert found == item(A, **values)
    assert [type(found[name]) for name in ("n", "b", "m")] == [int, bytes, dict]
    assert table.get(B) is None


def test_items_that_are_read_or_written_are_copies(table: Table) -> None:
    value = {"n": 1}
    table.write(Put(A, {"m": value}))
    value["n"] = 2
    found = table.get(A)
    assert found == item(A, m={"n": 1})
    found["m"]["n"] = 3
    assert table.get(A) == item(A, m={"n": 1})


def test_a_put_replaces_the_item_and_an_update_changes_it(table: Table) -> None:
    table.write(Put(A, {"n": 1, "old": 1}))
    table.write(Put(A, {"n": 2}))
    assert table.get(A) == item(A, n=2)
    table.write(Update(A, assign={"s": "x"}, add={"n": 3, "new": 4}))
    assert table.get(A) == item(A, n=5, new=4, s="x")
    table.write(Update(A, assign={"s": "y"}, remove=("n", "missing")))
    assert table.get(A) == item(A, new=4, s="y")


def test_an_update_creates_a_missing_item(table: Table) -> None:
    table.write(Update(A, assign={"s": "x"}, add={"n": 1}))
    assert table.get(A) == item(A, n=1, s="x")


CONDITIONS: list[tuple[Condition, dict[str, Any] | None, bool]] = [
    (NEW, None, True),
    (NEW, {}, False),
    (EXISTS, None, False),
    (EXISTS, {}, True),
    ((absent("n"),), None, True),
    ((absent("n"),), {}, True),
    ((absent("n"),), {"n": 0}, False),
    ((present("n"),), {"n": 0}, True),
    ((present("n"),), None, False),
    ((equals("n", 1),), {"n": 1}, True),
    ((equals("n", 1),), {"n": 2}, False),
    ((equals("n", 1),), {"n": "1"}, False),
    ((equals("n", 1),), {}, False),
    ((equals("n", 1),), None, False),
    ((equals("n", None),), {}, True),
    ((equals("n", None),), {"n": 1}, False),
    ((below("n", 2),), {"n": 1}, True),
    ((below("n", 2),), {"n": 2}, False),
    ((below("n", 2),), {}, False),
    ((absent_or_below("n", 2),), {}, True),
    ((absent_or_below("n", 2),), None, True),
    ((absent_or_below("n", 2),), {"n": 1}, True),
    ((absent_or_below("n", 2),), {"n": 2}, False),
    ((absent_or_at_most("n", 2),), {}, True),
    ((absent_or_at_most("n", 2),), {"n": 2}, True),
    ((absent_or_at_most("n", 2),), {"n": 3}, False),
    ((equals("n", 1), equals("s", "x")), {"n": 1, "s": "x"}, True),
    ((equals("n", 1), equals("s", "x")), {"n": 1, "s": "y"}, False),
    ((equals("n", 1), absent("s")), {"n": 1}, True),
]


@pytest.mark.parametrize(("condition", "stored", "holds"), CONDITIONS)
def test_conditions(table: Table, condition: Condition, stored: dict[str, Any] | None, holds: bool) -> None:
    for action in (Put(A, {"new": 1}, condition), Update(A, assign={"new": 1}, condition=condition)):
        if stored is not None:
            table.write(Put(A, stored))
        before = table.get(A)
        if holds:
            table.write(action)
            assert table.get(A) == item(A, **({} if isinstance(action, Put) else stored or {}), new=1)
        else:
            with pytest.raises(ConditionFailedError) as caught:
                table.write(action)
            assert caught.value.failed == (0,)
            assert table.get(A) == before
        if stored is None:
            break  # The item is there now.


def test_a_transaction_makes_all_writes(table: Table) -> None:
    table.write(Put(C, {"n": 1}))
    table.transact([Put(A, {"n": 1}, NEW), Update(B, add={"n": 2}), Check(C, (equals("n", 1),))])
    assert [table.get(key) for key in (A, B, C)] == [item(A, n=1), item(B, n=2), item(C, n=1)]


def test_a_failed_transaction_writes_nothing_and_names_the_failed_actions(table: Table) -> None:
    table.write(Put(B, {"n": 1}))
    with pytest.raises(ConditionFailedError) as caught:
        table.transact(
            [
                Put(A, {"n": 1}, NEW),
                Update(B, add={"n": 1}, condition=(equals("n", 2),)),
                Check(C, (equals("n", 1),)),
            ]
        )
    assert caught.value.failed == (1, 2)
    assert [table.get(key) for key in (A, B, C)] == [None, item(B, n=1), None]


def test_a_query_returns_a_range_of_one_partition_in_order(table: Table) -> None:
    for key in (C, A, Key("other", "b"), Key("p", "bb"), B):
        table.write(Put(key, {}))
    assert [found["sk"] for found in table.query("p", "a", "b")] == ["a", "b"]
    assert [found["sk"] for found in table.query("p", "b", "b\uffff")] == ["b", "bb"]
    assert table.query("missing", "a", "z") == []


def test_many_items_are_written_and_read(table: Table) -> None:
    many = [Key("p", f"{number:04d}") for number in range(260)]
    table.put_many((key, {"n": number}) for number, key in enumerate(many))
    found = table.get_many([*many[:100], Key("p", "missing")])
    assert found == {key: item(key, n=number) for number, key in enumerate(many[:100])}
    assert len(table.get_many([*many, *many])) == 260
    assert table.get_many([]) == {}
    assert len(table.query("p", "0", "9")) == 260


def test_a_query_reads_beyond_one_page(table: Table) -> None:
    for number in range(5):
        table.write(Put(Key("p", f"{number}"), {"b": b"x" * 300_000}))
    assert len(table.query("p", "0", "9")) == 5


def test_the_index_contains_open_reports(table: Table) -> None:
    table.write(Put(Key("report/1", "head"), {"open_shard": "open/1"}))
    table.write(Put(Key("report/2", "head"), {"open_shard": "open/2"}))
    table.write(Put(Key("report/3", "head"), {"open_shard": "open/1"}))
    table.write(Update(Key("report/3", "head"), assign={"state": "settled"}, remove=("open_shard",)))
    assert table.open_reports("open/1") == ["report/1"]
