"""What went wrong in the calls of a simulation's plug-ins, and what `--strict` says of it."""

import json
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from alert_responder.domain.plugin_answers import InvalidAnswerError, read_emission, read_inspection, read_review
from alert_responder_cli.checking.unread_answers import lost_fields, lost_sentence
from alert_responder_cli.terminal.render import count

Kind = Literal["inspector", "reviewer", "emitter"]

_READERS = {"inspector": read_inspection, "reviewer": read_review, "emitter": read_emission}
_FAILED = {
    "error": "failed",
    "timeout": "did not answer in time",
    "invalid": "gave an invalid answer",
    "ignored": "gave an answer that is not used",
}


class PluginFailure(BaseModel):
    """Something that went wrong with a plug-in, in the same way in one call or several.

    Attributes
    ----------
    plugin
        Its name; of a reviewer, what the user called it.
    outcome
        `error`, `timeout` or `throttled`: the function gave no answer. `invalid`: the answer does not fit the contract.
        `ignored`: it fits, and nothing of it is read.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    plugin: str
    outcome: str
    reason: str
    calls: int

    @property
    def sentence(self) -> str:
        """Name the plug-in, what happened, how often, and why."""
        what = _FAILED.get(self.outcome, f"gave no answer ({self.outcome})")
        return f"The {self.kind} {self.plugin} {what} in {count(self.calls, 'call')}: {self.reason}"


class PluginFailures:
    """Counts what went wrong, in order of first appearance."""

    def __init__(self) -> None:
        self._calls: dict[tuple[Kind, str, str, str], int] = {}

    def __iter__(self) -> Iterator[PluginFailure]:
        for (kind, plugin, outcome, reason), calls in self._calls.items():
            yield PluginFailure(kind=kind, plugin=plugin, outcome=outcome, reason=reason, calls=calls)

    def add(self, kind: Kind, plugin: str, outcome: str, reason: str) -> None:
        """Note a call that went wrong."""
        key = (kind, plugin, outcome, reason)
        self._calls[key] = self._calls.get(key, 0) + 1

    def check_answer(self, kind: Kind, plugin: str, answer: bytes) -> bytes:
        """Judge an answer as AlertResponder does, note what is wrong with it, and give it back."""
        try:
            _READERS[kind](answer)
        except InvalidAnswerError as error:
            self.add(kind, plugin, "invalid", error.reason)
        else:
            lost = lost_fields(json.loads(answer or b"null")) if kind == "inspector" else ()
            if lost:
                self.add(kind, plugin, "ignored", lost_sentence(lost))
        return answer
