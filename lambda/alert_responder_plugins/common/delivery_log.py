"""Each round is delivered once: an emitter records the deliveries that it began and completed.

The records are stored in AlertResponder's table under `emitted/<emitter>/<emission id>`. The function's role can access
no other items.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from alert_responder.contracts.report import EmissionAnswer
from alert_responder.errors import ConditionFailedError
from alert_responder.store.table import Key, Put, Table, absent
from alert_responder_plugins.common.errors import OutcomeUnknownError, PluginFaultError, SettingsFaultError

RETENTION_SECONDS = 7 * 86_400
"""How long a record is kept [s]; a round is over within a day."""


@dataclass(frozen=True, slots=True)
class EarlierAttempt:
    """An earlier attempt at the same delivery.

    Attributes
    ----------
    answer
        Its answer; None if the attempt did not complete.
    """

    answer: Any | None


class DeliveryLog:
    """The deliveries of one emitter.

    Parameters
    ----------
    emitter
        Name under which the emitter is attached.
    clock
        Returns the time [s since the epoch].
    """

    def __init__(
        self,
        table: Table,
        emitter: str,
        clock: Callable[[], float] = time.time,
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._table = table
        self._emitter = emitter
        self._clock = clock
        self._new_token = new_token

    def deliver_once(
        self,
        emission_id: str,
        attempt: Callable[[bool], EmissionAnswer],
        forget_secret: Callable[[], None],
        *,
        forget_failed: bool = True,
    ) -> EmissionAnswer:
        """Make a delivery, or return the answer of an earlier attempt that completed.

        Parameters
        ----------
        attempt
            Makes the delivery. Its argument is whether an earlier attempt may have taken effect already.
        forget_secret
            Called on `SettingsFaultError`: the secret may have been rotated, and is read again next time.
        forget_failed
            Whether a first attempt that failed with a known outcome is removed from the log, because it had no effect.
        """
        earlier = self.begin(emission_id)
        if earlier is not None and earlier.answer is not None:
            return EmissionAnswer.model_validate(earlier.answer)
        try:
            answer = attempt(earlier is not None)
        except PluginFaultError as error:
            if isinstance(error, SettingsFaultError):
                forget_secret()
            if forget_failed and earlier is None and not isinstance(error, OutcomeUnknownError):
                self.forget(emission_id)
            raise
        self.complete(emission_id, answer.model_dump(mode="json"))
        return answer

    def begin(self, emission_id: str) -> EarlierAttempt | None:
        """Record that a delivery begins; return None if it is the first attempt.

        Of two concurrent attempts, one gets None. Errors of the table are not caught: without a record nothing is sent.
        """
        owner, key = self._new_token(), self._key(emission_id)
        try:
            self._put(emission_id, {"state": "begun", "owner": owner}, new=True)
        except ConditionFailedError:
            stored = self._table.get(key) or {}
            # A record with this owner is this attempt's own, written by a request whose response was lost.
            if stored.get("owner") != owner:
                return EarlierAttempt(json.loads(stored["answer"]) if "answer" in stored else None)
        return None

    def complete(self, emission_id: str, answer: Any) -> None:
        """Record the answer, which can be any JSON value."""
        self._put(emission_id, {"state": "done", "answer": json.dumps(answer)})

    def forget(self, emission_id: str) -> None:
        """Remove the record of a delivery that had no effect."""
        self._put(emission_id, {})

    def _put(self, emission_id: str, attributes: dict[str, Any], *, new: bool = False) -> None:
        attributes = {**attributes, "expires_at": int(self._clock()) + RETENTION_SECONDS}
        self._table.write(Put(self._key(emission_id), attributes, (absent("state"),) if new else ()))

    def _key(self, emission_id: str) -> Key:
        return Key(f"emitted/{self._emitter}/{emission_id}", "emission")
