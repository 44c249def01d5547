"""What an emitter has done already, so that a delivery that is tried again is not made twice.

An item lies in AlertResponder's table at `emitted/<emitter>/<emission id>`; the function's role reaches no other.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

KEPT_SECONDS = 7 * 86_400
"""How long it is remembered [s]: a round is over within a day."""


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier try of the same delivery.

    Attributes
    ----------
    answer
        What it answered; None where it had begun and nobody knows how it ended.
    """

    answer: Any | None


class Memory(Protocol):
    """What an emitter needs of `Once`; a test puts one in memory in its place."""

    def begin(self, emission_id: str) -> Before | None:
        """Note that a delivery begins; None if it never had before."""
        ...

    def done(self, emission_id: str, answer: Any) -> None:
        """Note what was answered (anything JSON takes)."""
        ...

    def forget(self, emission_id: str) -> None:
        """Take back that it began: it is sure that the receiver took nothing."""
        ...


class Once:
    """The memory of one emitter.

    Parameters
    ----------
    client
        A boto3 client of DynamoDB.
    emitter
        Its name, as attached.
    """

    def __init__(
        self,
        client: Any,
        table: str,
        emitter: str,
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._client = client
        self._table = table
        self._emitter = emitter
        self._clock = clock
        self._new_token = new_token

    def begin(self, emission_id: str) -> Before | None:
        """Note that a delivery begins; None if it never had before.

        Of two that begin at once one gets None. botocore's errors are let through: without the note nothing may be
        sent.
        """
        expires_at, owner = str(int(self._clock()) + KEPT_SECONDS), {"S": self._new_token()}
        begun = {"state": {"S": "begun"}, "owner": owner, "expires_at": {"N": expires_at}}
        try:
            self._client.put_item(
                TableName=self._table,
                Item={**self._key(emission_id), **begun},
                ConditionExpression="attribute_not_exists(pk)",
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise
        else:
            return None
        stored = self._client.get_item(TableName=self._table, Key=self._key(emission_id), ConsistentRead=True)
        item = stored.get("Item", {})
        if item.get("owner") == owner:
            return None  # Our own note, whose response was lost.
        return Before(json.loads(item["answer"]["S"]) if "answer" in item else None)

    def done(self, emission_id: str, answer: Any) -> None:
        """Note what was answered (anything JSON takes)."""
        self._client.update_item(
            TableName=self._table,
            Key=self._key(emission_id),
            UpdateExpression="SET #state = :done, answer = :answer, expires_at = :expires_at",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":done": {"S": "done"},
                ":answer": {"S": json.dumps(answer)},
                ":expires_at": {"N": str(int(self._clock()) + KEPT_SECONDS)},
            },
        )

    def forget(self, emission_id: str) -> None:
        """Take back that it began: it is sure that the receiver took nothing."""
        self._client.delete_item(TableName=self._table, Key=self._key(emission_id))

    def _key(self, emission_id: str) -> dict[str, dict[str, str]]:
        return {"pk": {"S": f"emitted/{self._emitter}/{emission_id}"}, "sk": {"S": "emission"}}
