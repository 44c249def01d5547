"""Hostile text reaches AWS only as values, never in an expression, a name or a path."""

import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.adapters.expressions import Expressions
from alert_responder.store.table import Key, Put, Update, absent_or_below, equals
from tests.unit.adapters.test_table_contract import create_table
from tests.unit.usecases.test_unicode import TEXTS, rounds, spelled

_HARMLESS = re.compile(r"(?:[ ,()=<]|#n[0-9]+|:v[0-9]+|SET|ADD|REMOVE|AND|OR|attribute_not_exists|attribute_exists)+")


@pytest.mark.parametrize("kind", TEXTS)
def test_expressions_contain_only_placeholders(kind: str) -> None:
    text = TEXTS[kind]
    expressions = Expressions(TypeSerializer().serialize)
    update = Update(Key("p", "s"), {text: text, "size": text}, {f"n{text}": 1}, (f"r{text}",))
    written = [expressions.update(update), expressions.condition((equals(text, text), absent_or_below(f"c{text}", 1)))]
    assert all(_HARMLESS.fullmatch(one) for one in written), written
    placeholders = expressions.placeholders()
    assert set(placeholders["ExpressionAttributeNames"].values()) == {
        text,
        "size",
        f"n{text}",
        f"r{text}",
        f"c{text}",
    }
    assert {"S": text} in placeholders["ExpressionAttributeValues"].values()


@pytest.fixture(name="table")
def _table() -> Iterator[DynamoDBTable]:
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client)
        yield DynamoDBTable(client, "table")


def test_dynamodb_returns_stored_texts_unchanged(table: DynamoDBTable) -> None:
    """Other texts are compressed."""
    for kind in TEXTS:
        stored: dict[Key, Any] = {
            key: item for key, item in rounds(kind).table.items.items() if key.sk.startswith(("meta", "emission"))
        }
        assert stored[next(key for key in stored if key.sk == "meta")]["title"] == f"n{spelled(TEXTS[kind])}"
        table.put_many(
            (key, {name: value for name, value in item.items() if name not in {"pk", "sk"}})
            for key, item in stored.items()
        )
        assert table.get_many(list(stored)) == stored


def test_a_value_can_be_any_text(table: DynamoDBTable) -> None:
    key = Key("p", "s")
    for text in map(spelled, TEXTS.values()):
        table.write(Put(key, {"state": text}))
        table.write(Update(key, {"state": f"{text}!"}, condition=(equals("state", text),)))
        assert table.get(key) == {"pk": "p", "sk": "s", "state": f"{text}!"}
