"""Read the policy from AlertResponder's table."""

import gc
import json
from collections.abc import Callable

from alert_responder.contracts.primitives import nested_too_deep
from alert_responder.errors import DependencyError
from alert_responder.store.table import Key, Table
from alert_responder_plugins.policy.evaluate import PreparedPolicy
from alert_responder_plugins.policy.model import InvalidPolicyError, read_policy

MAX_AGE_MS = 30_000
"""How long the policy is cached [ms]."""

PAUSE_MS = 5_000
"""How long the table is not read again after it could not be read, while a policy is cached [ms]."""


def policy_key(name: str) -> Key:
    """Return the key of a policy's item, which only Terraform writes."""
    return Key(f"policy/{name}", "policy")


class PolicyTable:
    """The policy in the table.

    Parameters
    ----------
    clock
        Returns a time [ms].
    log
        Called when the table cannot be read, and the cached policy stays in force.
    """

    def __init__(self, table: Table, name: str, *, clock: Callable[[], int], log: Callable[[str], None]) -> None:
        self._table = table
        self._key = policy_key(name)
        self._clock = clock
        self._log = log
        self._policy: PreparedPolicy | None = None
        self._text = ""
        self._read_at = self._known_at = 0

    def policy(self) -> PreparedPolicy:
        """Return the policy, at most 30 s old if the table can be read; an unchanged one is not parsed again.

        Raises
        ------
        InvalidPolicyError
            The item is missing or invalid.
        DependencyError
            The table could not be read, and no policy is cached.
        """
        now = self._clock()
        if self._policy is None or now - self._read_at >= MAX_AGE_MS:
            try:
                text = self._read()
            except DependencyError as error:
                if self._policy is None:
                    raise
                self._log(f"The policy of {now - self._known_at:,} ms ago stays in force: {error}")
                self._read_at = now - MAX_AGE_MS + PAUSE_MS
                return self._policy
            if self._policy is None or text != self._text:
                # An invalid policy replaces a valid one: it is reported until it is corrected.
                self._policy = None
                self._policy = PreparedPolicy(read_policy(_parsed(text)))
                self._text = text
                # The policy stays: collections of garbage, in each of which it would be searched, become shorter.
                gc.freeze()
            self._read_at = self._known_at = now
        return self._policy

    def _read(self) -> str:
        item = self._table.get(self._key)
        text = item.get("policy") if item else None
        if not isinstance(text, str):
            raise InvalidPolicyError((f"policy is required in the item {self._key.pk}/{self._key.sk}",))
        return text


def _parsed(text: str) -> object:
    if nested_too_deep(text):
        raise InvalidPolicyError(("policy is nested too deep",))
    try:
        return json.loads(text)
    except ValueError:
        raise InvalidPolicyError(("policy must be JSON",)) from None
