"""Lazy pages of DynamoDB queries."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer

from alert_responder.store import keys
from alert_responder_cli.aws.access import explain_aws_errors

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_READ = TypeDeserializer().deserialize


def query_pages(
    client: "DynamoDBClient",
    size: int,
    growth: int = 1,
    on_page: Callable[[int, Mapping[str, Any] | None], bool] = lambda *_: True,
    **request: Any,
) -> Iterator[list[dict[str, Any]]]:
    """Yield the pages of a query; each is read only when it is needed.

    Parameters
    ----------
    size
        Number of items that the first page scans; with a filter it returns fewer.
    growth
        Factor by which each further page is larger.
    on_page
        Called with the number of scanned items and the key of the next page (None at the end); returns
        whether to continue.
    """
    while True:
        with explain_aws_errors():
            answer = client.query(Limit=size, **request)
        next_key = answer.get("LastEvaluatedKey")
        is_continued = on_page(answer["ScannedCount"], next_key)
        yield [read_item(item) for item in answer["Items"]]
        if next_key is None or not is_continued:
            return
        request["ExclusiveStartKey"] = next_key
        size *= growth


def report_items(
    client: "DynamoDBClient", table: str, report_id: str, fields: Iterable[str], **options: Any
) -> list[dict[str, Any]]:
    """Read some fields of the state, deliveries, reviews and lookups of a report."""
    names = {f"#{name}": name for name in fields}
    pages = query_pages(
        client,
        1000,
        TableName=table,
        KeyConditionExpression="pk = :pk AND #sk BETWEEN :first AND :last",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":pk": {"S": keys.report(report_id)},
            ":first": {"S": keys.DELIVERIES},
            ":last": {"S": keys.LOOKUPS + keys.LAST},
        },
        ProjectionExpression=", ".join(names),
        **options,
    )
    return [item for page in pages for item in page]


def read_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Convert an item of DynamoDB to plain values; all stored numbers are integers."""
    return {name: value["S"] if "S" in value else _plain(_READ(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return int(value) if isinstance(value, Decimal) else value
