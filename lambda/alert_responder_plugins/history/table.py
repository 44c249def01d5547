"""Reads both ends of an attribute's partition in AlertResponder's table."""

from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.domain.attributes import identity
from alert_responder.plugin import Attribute
from alert_responder.store.keys import attribute_history
from alert_responder_plugins.common.aws import error_code, is_denied, is_throttling
from alert_responder_plugins.common.errors import PluginFaultError, ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.history.earlier import Page


class ThrottledError(PluginFaultError):
    """DynamoDB refuses for the rate."""


class HistoryTable:
    """The part of the table that says which reports have an attribute.

    Parameters
    ----------
    client
        A boto3 client of DynamoDB.
    name
        The table's name.
    limit
        How many items one read takes.
    """

    def __init__(self, client: Any, name: str, limit: int) -> None:
        self._client = client
        self._name = name
        self._limit = limit
        self._read = TypeDeserializer().deserialize

    def ends(self, attribute: Attribute) -> tuple[Page, Page]:
        """Read the newest and the oldest items: one request where the newest are all, else two, never more.

        Raises
        ------
        ThrottledError, SettingsFaultError, ReceiverFailedError
            What DynamoDB refused for; its own words are left out.
        """
        partition = attribute_history(identity(attribute), "").pk
        newest = self._page(partition, forward=False)
        return newest, newest if newest.complete else self._page(partition, forward=True)

    def _page(self, partition: str, *, forward: bool) -> Page:
        try:
            # Eventually consistent: what a report noted within the last second may be missed, at half the price.
            answer = self._client.query(
                TableName=self._name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": partition}},
                ScanIndexForward=forward,
                Limit=self._limit,
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
        return Page(items, complete="LastEvaluatedKey" not in answer)
