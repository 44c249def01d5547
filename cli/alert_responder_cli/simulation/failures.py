"""Failed and invalid calls of the plug-ins of a simulation, and the errors of `--strict` about them."""

import json
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel

from alert_responder.domain.plugin_answers import InvalidAnswerError, read_emission, read_inspection, read_review
from alert_responder_cli.checking.unread_answers import lost_fields, lost_sentence
from alert_responder_cli.terminal.render import count

Kind = Literal["inspector", "reviewer", "emitter"]

_READERS = {"inspector": read_inspection, "reviewer": read_review, "emitter": read_emission}
_FAILED = {
    "error": "failed",
    "timeout": "did not answer in time",
    "invalid": "returned an invalid answer",
    "ignored": "returned an answer without known fields",
}


class PluginFailure(BaseModel, frozen=True):
    """Equal failures of a plug-in in one or several calls.

    Attributes
    ----------
    plugin
        Its name; of a reviewer, the function as the user gave it.
    outcome
        `error`, `timeout` or `throttled`: the function did not answer. `invalid`: the answer violates the contract.
        `ignored`: the answer has no known fields.
    """

    kind: Kind
    plugin: str
    outcome: str
    reason: str
    calls: int

    @property
    def sentence(self) -> str:
        """The plug-in, what happened, how often, and why."""
        what = _FAILED.get(self.outcome, f"did not answer ({self.outcome})")
        return f"The {self.kind} {self.plugin} {what} in {count(self.calls, 'call')}: {self.reason}"


class PluginFailures:
    """Counts failures, in order of first appearance."""

    def __init__(self) -> None:
        self._calls: dict[tuple[Kind, str, str, str], int] = {}

    def __iter__(self) -> Iterator[PluginFailure]:
        for (kind, plugin, outcome, reason), calls in self._calls.items():
            yield PluginFailure(kind=kind, plugin=plugin, outcome=outcome, reason=reason, calls=calls)

    def add(self, kind: Kind, plugin: str, outcome: str, reason: str) -> None:
        """Count a failed call."""
        key = (kind, plugin, outcome, reason)
        self._calls[key] = self._calls.get(key, 0) + 1

    def check_answer(self, kind: Kind, plugin: str, answer: bytes) -> bytes:
        """Validate an answer as AlertResponder does, count it if it is invalid, and return it."""
        try:
            _READERS[kind](answer)
        except InvalidAnswerError as error:
            self.add(kind, plugin, "invalid", error.reason)
        else:
            lost = lost_fields(json.loads(answer or b"null")) if kind == "inspector" else ()
            if lost:
                self.add(kind, plugin, "ignored", lost_sentence(lost))
        return answer
