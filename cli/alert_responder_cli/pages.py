"""Pages of DynamoDB queries that stop as soon as nobody wants more."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from alert_responder_cli.aws import refusals_explained

_READ = TypeDeserializer().deserialize


def query(client: Any, size: int, **request: Any) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a query, each when it is asked for.

    Parameters
    ----------
    size
        Items a page.
    """
    while True:
        with refusals_explained():
            answer = client.query(Limit=size, **request)
        yield [read_item(item) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def read_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Turn an item as DynamoDB writes it into plain values; numbers are integers, as all that is stored."""
    return {name: _plain(_READ(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return int(value) if isinstance(value, Decimal) else value
