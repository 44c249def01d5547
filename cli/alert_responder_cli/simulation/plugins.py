"""Plug-ins of a simulation: recorded ones, functions on this machine, and emitters that only take notes."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ConfigDict

from alert_responder.errors import PluginError, PluginFailedError
from alert_responder_cli.aws import limits
from alert_responder_cli.simulation.failures import Kind, PluginFailures
from alert_responder_cli.simulation.recorded import Recording

Call = Callable[[dict[str, Any], float], bytes]
"""Calls a plug-in with a request and the seconds it has; raises `PluginError` where it fails."""


class UnansweredLookup(BaseModel):
    """An attribute that an inspector has no recorded answer for; with an `answer` it is a line of its recording."""

    model_config = ConfigDict(frozen=True)

    inspector: str
    type: str
    value: str


class AnsweredLookup(UnansweredLookup):
    """What a function answered where nothing is recorded."""

    answer: Any


class SimulatedEmission(BaseModel):
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


class SimulatedPlugins:
    """See `usecases.ports.PluginCalls`: plug-ins by their ARN, and what became known by their calls.

    Attributes
    ----------
    emissions
        So far, in order, each once, however often an emitter is called for it.
    unanswered, answered
        So far, in order, by the lookup's id, which is the same in all reports and spellings: each once.
    failures
        What went wrong in calls so far.
    """

    def __init__(self, clock: Callable[[], str]) -> None:
        self._clock = clock
        self._calls: dict[str, Call] = {}
        self._emissions: dict[str, SimulatedEmission] = {}
        self.unanswered: dict[str, UnansweredLookup] = {}
        self.answered: dict[str, AnsweredLookup] = {}
        self.failures = PluginFailures()

    @property
    def emissions(self) -> tuple[SimulatedEmission, ...]:
        """What emitters would be told, so far."""
        return tuple(self._emissions.values())

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Call one; neither side sees what the other changes, as over the wire."""
        return self._calls[arn](json.loads(limits.check_payload(document)), seconds)

    def attach_reviewer(self, arn: str, function: Call) -> None:
        """Have a function review; it is called by what the user named it."""
        self._calls[arn] = self._watched("reviewer", arn, function)

    def attach_recording(self, recording: Recording, function: Call | None) -> None:
        """Have a recording answer, and where it does not, a function if there is one."""
        answers: Mapping[str, bytes | PluginError] = recording.answers
        name = recording.plugin.name
        asked = self._watched("inspector", name, function) if function else None

        def call(task: dict[str, Any], seconds: float) -> bytes:
            task_id = str(task["task_id"])
            answer = answers.get(task_id.partition("/")[2])
            if isinstance(answer, PluginError):
                # It is recorded so, and no failure of the simulation's.
                raise answer
            if answer is not None:
                return self.failures.check_answer("inspector", name, answer)
            type_, value = task["attribute"]["type"], task["attribute"]["value"]
            if asked is None:
                self.unanswered.setdefault(task_id, UnansweredLookup(inspector=name, type=type_, value=value))
                raise PluginFailedError("No answer is recorded for it.")
            given = asked(task, seconds)
            with suppress(ValueError, RecursionError):
                # What is no JSON, as a runtime of its own may answer, cannot be recorded; it is a failure already.
                answered = AnsweredLookup(inspector=name, type=type_, value=value, answer=json.loads(given or b"null"))
                self.answered.setdefault(task_id, answered)
            return given

        self._calls[recording.plugin.arn] = call

    def attach_emitter(self, name: str, arn: str, function: Call | None) -> None:
        """Note what an emitter would be told, and call it if there is a function; else all is well, without a state."""
        told = self._watched("emitter", name, function) if function else None

        def call(request: dict[str, Any], seconds: float) -> bytes:
            report = request["report"]
            emission = SimulatedEmission(
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
            self._emissions.setdefault(emission.emission_id, emission)
            return told(request, seconds) if told else b"null"

        self._calls[arn] = call

    def _watched(self, kind: Kind, name: str, function: Call) -> Call:
        """Call a function and note what goes wrong."""

        def call(request: dict[str, Any], seconds: float) -> bytes:
            try:
                answer = function(request, seconds)
                if len(answer) > limits.PAYLOAD_BYTES:
                    raise PluginFailedError(f"The answer is {len(answer):,} bytes: more than Lambda carries (6 MB).")
            except PluginError as error:
                self.failures.add(kind, name, error.outcome, error.reason)
                raise
            return self.failures.check_answer(kind, name, answer)

        return call
