"""Reads an attribute's partition in AlertResponder's table."""

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

_PAGE = 1000
"""Items of one request; about 1 MB of them are read at once in any case."""


class ThrottledError(PluginFaultError):
    """DynamoDB refuses for the rate."""


class HistoryTable:
    """The part of the table that says which reports have an attribute.

    Parameters
    ----------
    name
        The table's name.
    limit
        How many items a lookup reads at most, beside the oldest ones.
    """

    def __init__(self, client: "DynamoDBClient", name: str, limit: int) -> None:
        self._client = client
        self._name = name
        self._limit = limit
        self._read = TypeDeserializer().deserialize

    def ends(self, attribute: Attribute) -> tuple[Page, Page]:
        """Read the stored reports, newest first, until there are no more or the limit is met; then the oldest as well.

        Returns
        -------
        tuple of Page, Page
            What was read from the newest on, and the oldest; the same page where it holds everything. An attacker can
            bury a report under later ones, so that the severities of all are wanted, and not those of both ends.

        Raises
        ------
        ThrottledError, SettingsFaultError, ReceiverFailedError
            What DynamoDB refused for; its own words are left out.
        """
        partition = attribute_history(identity(attribute), "").pk
        newest = self._newest(partition)
        if newest.complete:
            return newest, newest
        items, _ = self._page(partition, min(_PAGE, self._limit), None, forward=True)
        return newest, Page(items, complete=False)

    def _newest(self, partition: str) -> Page:
        items: list[dict[str, Any]] = []
        place: Any = None
        while len(items) < self._limit:
            page, place = self._page(partition, min(_PAGE, self._limit - len(items)), place, forward=False)
            items += page
            if place is None:
                return Page(items, complete=True)
        return Page(items, complete=False)

    def _page(self, partition: str, limit: int, place: Any, *, forward: bool) -> tuple[list[dict[str, Any]], Any]:
        """Return a page, and where the next one begins; None: there is none."""
        begin = {} if place is None else {"ExclusiveStartKey": place}
        try:
            # Eventually consistent: what a report noted within the last second may be missed, at half the price.
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
                raise ThrottledError("DynamoDB refuses more reads for now.") from None
            if is_denied(error):
                raise SettingsFaultError("Its role may not do dynamodb:Query on AlertResponder's table.") from None
            raise ReceiverFailedError(f"DynamoDB refused the query: {error_code(error)}.") from None
        except BotoCoreError as error:
            raise ReceiverFailedError(f"DynamoDB did not answer: {type(error).__name__}.") from None
        items = [{name: self._read(value) for name, value in item.items()} for item in answer["Items"]]
        return items, answer.get("LastEvaluatedKey")
