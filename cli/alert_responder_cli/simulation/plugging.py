"""Plug-ins of a simulation: recorded ones, functions on this machine, and emitters that are told of nothing."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder.errors import PluginError, PluginFailedError
from alert_responder_cli.simulation import limits
from alert_responder_cli.simulation.recorded import Recording

Call = Callable[[dict[str, Any], float], bytes]
"""Calls a plug-in with a request and the seconds it has; raises `PluginError` where it fails."""


class Unanswered(BaseModel):
    """An attribute that an inspector has no recorded answer for; with an `answer` it is a line of its recording."""

    model_config = ConfigDict(frozen=True)

    inspector: str
    type: str
    value: str


class Answered(Unanswered):
    """What a function answered where nothing is recorded."""

    answer: Any


class Emission(BaseModel):
    """What an emitter would be told.

    Attributes
    ----------
    at
        When, by the simulation's clock [RFC 3339].
    request
        All of it, as the emitter would get it.
    """

    model_config = ConfigDict(frozen=True)

    at: str
    emitter: str
    emission_id: str
    report_id: str
    round: int
    severity: str
    reason: str
    title: str
    request: dict[str, Any]


class Plugged:
    """See `usecases.ports.PluginCalls`: plug-ins by their ARN, and what became known by their calls.

    Attributes
    ----------
    emissions
        So far, in order.
    unanswered, answered
        So far, in order, by the lookup's id, which is the same in all reports and spellings: each once.
    """

    def __init__(self, clock: Callable[[], str]) -> None:
        self._clock = clock
        self._calls: dict[str, Call] = {}
        self.emissions: list[Emission] = []
        self.unanswered: dict[str, Unanswered] = {}
        self.answered: dict[str, Answered] = {}

    def call(self, arn: str, payload: dict[str, Any], seconds: float) -> bytes:
        """Call one; neither side sees what the other changes, as over the wire."""
        request = limits.check_payload(json.dumps(payload).encode())
        answer = self._calls[arn](json.loads(request), seconds)
        if len(answer) > limits.PAYLOAD_BYTES:
            raise PluginFailedError(f"The answer is {len(answer):,} bytes: more than Lambda carries (6 MB).")
        return answer

    def plug(self, arn: str, call: Call) -> None:
        """Have a function answer."""
        self._calls[arn] = call

    def plug_recording(self, recording: Recording, function: Call | None) -> None:
        """Have a recording answer, and where it does not, a function if there is one."""
        answers: Mapping[str, bytes | PluginError] = recording.answers

        def call(task: dict[str, Any], seconds: float) -> bytes:
            inspector, task_id = task["inspector"], str(task["task_id"])
            answer = answers.get(task_id.partition("/")[2])
            if isinstance(answer, PluginError):
                raise answer
            if answer is not None:
                return answer
            type_, value = task["attribute"]["type"], task["attribute"]["value"]
            if function is None:
                self.unanswered.setdefault(task_id, Unanswered(inspector=inspector, type=type_, value=value))
                raise PluginFailedError("No answer is recorded for it.")
            given = function(task, seconds)
            # By a function on this machine: it is JSON, whatever it is worth.
            answered = Answered(inspector=inspector, type=type_, value=value, answer=json.loads(given))
            self.answered.setdefault(task_id, answered)
            return given

        self.plug(recording.plugin.arn, call)

    def plug_emitter(self, arn: str) -> None:
        """Note what an emitter would be told; it answers that all is well, and has no state."""

        def call(request: dict[str, Any], _: float) -> bytes:
            report = request["report"]
            self.emissions.append(
                Emission(
                    at=self._clock(),
                    emitter=request["emitter"],
                    emission_id=request["emission_id"],
                    report_id=report["id"],
                    round=report["round"],
                    severity=report["result"]["severity"],
                    reason=report["result"]["reason"],
                    title=report["title"],
                    request=request,
                )
            )
            return b"null"

        self.plug(arn, call)
