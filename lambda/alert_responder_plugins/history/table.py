"""Read the partition of an attribute in AlertResponder's table."""

from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import error_code
from alert_responder.domain.attributes import identity
from alert_responder.plugin import Attribute
from alert_responder.store.keys import attribute_history
from alert_responder_plugins.common.aws import is_denied, is_throttling
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.history.earlier import Page

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_PAGE_SIZE = 1000
"""Maximum number of items per request; DynamoDB returns at most 1 MB."""


class ThrottledError(PluginFaultError):
    """DynamoDB throttled the query."""


class HistoryTable:
    """The reports by attribute in the table.

    Parameters
    ----------
    name
        Name of the table.
    limit
        Maximum number of items read by a lookup, in addition to the oldest ones.
    """

    def __init__(self, client: "DynamoDBClient", name: str, limit: int) -> None:
        self._client = client
        self._name = name
        self._limit = limit
        self._read = TypeDeserializer().deserialize

    def ends(self, attribute: Attribute) -> tuple[Page, Page]:
        """Read the newest reports up to the limit, and the oldest ones if there are more.

        Returns
        -------
        tuple of Page, Page
            The newest and the oldest reports; the same page if it contains all of them. The limit is high because an
            attacker can bury a report under later ones.

        Raises
        ------
        ThrottledError, SettingsFaultError, ReceiverFailedError
            The query failed; messages contain no text of DynamoDB.
        """
        partition = attribute_history(identity(attribute), "").pk
        newest = self._newest(partition)
        if newest.complete:
            return newest, newest
        items, _ = self._page(partition, min(_PAGE_SIZE, self._limit), None, forward=True)
        return newest, Page(items, complete=False)

    def _newest(self, partition: str) -> Page:
        items: list[dict[str, Any]] = []
        start: Any = None
        while len(items) < self._limit:
            page, start = self._page(partition, min(_PAGE_SIZE, self._limit - len(items)), start, forward=False)
            items += page
            if start is None:
                return Page(items, complete=True)
        return Page(items, complete=False)

    def _page(self, partition: str, limit: int, start: Any, *, forward: bool) -> tuple[list[dict[str, Any]], Any]:
        """Return a page, and the start key of the next one or None."""
        begin = {} if start is None else {"ExclusiveStartKey": start}
        try:
            # Eventually consistent at half the price: items of the last second may be missed.
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": partition}},
                ScanIndexForward=forward,
                Limit=limit,
                **begin,
            )
        except ClientError as error:
            if is_throttling(error):
                raise ThrottledError("DynamoDB throttled the query.") from None
            if is_denied(error):
                raise SettingsFaultError(
                    "The role lacks the permission dynamodb:Query on AlertResponder's table."
                ) from None
            raise ReceiverFailedError(f"DynamoDB rejected the query: {error_code(error)}.") from None
        except BotoCoreError as error:
            raise ReceiverFailedError(f"DynamoDB did not answer: {type(error).__name__}.") from None
        items = [{name: self._read(value) for name, value in item.items()} for item in answer["Items"]]
        return items, answer.get("LastEvaluatedKey")
