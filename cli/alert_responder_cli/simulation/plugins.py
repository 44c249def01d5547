"""Plug-ins of a simulation: recordings, local functions, and emitters that only record deliveries."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from alert_responder.contracts.primitives import Status
from alert_responder.domain.lookup_batches import failure_of_batch
from alert_responder.domain.plugin_answers import InvalidAnswerError, split_answers
from alert_responder.errors import PluginError, PluginFailedError
from alert_responder_cli.aws import limits
from alert_responder_cli.simulation.failures import Kind, PluginFailures
from alert_responder_cli.simulation.recorded import Recording

Call = Callable[[dict[str, Any], float], bytes]
"""Calls a plug-in with a request and a time limit [s]; raises `PluginError` if the call fails."""


class UnansweredLookup(BaseModel, frozen=True):
    """A lookup without a recorded answer; with an added `answer` it is a line of the recording."""

    inspector: str
    type: str
    value: str


class AnsweredLookup(UnansweredLookup, frozen=True):
    """The answer of a function to a lookup that is not recorded."""

    answer: Any


class SimulatedEmission(BaseModel, frozen=True):
    """A delivery.

    Attributes
    ----------
    at
        Simulated time [RFC 3339].
    request
        The whole request to the emitter.
    """

    at: str
    emitter: str
    emission_id: str
    report_id: str
    round: int
    severity: str
    reason: str
    title: str
    request: dict[str, Any]
    status: Status = "active"


class SimulatedPlugins:
    """Calls plug-ins by ARN and records the calls; see `usecases.ports.PluginCalls`.

    Attributes
    ----------
    emissions
        Deliveries in order; a repeated one is listed once.
    unanswered, answered
        Lookups in order, by lookup id, which is the same in all reports and spellings.
    failures
        Failed and invalid calls.
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
        """The deliveries so far."""
        return tuple(self._emissions.values())

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Call a plug-in with a copy of the request, as over the network."""
        return self._calls[arn](json.loads(limits.check_payload(document)), seconds)

    def attach_reviewer(self, arn: str, function: Call) -> None:
        """Attach a function as the reviewer; its ARN is the function as the user gave it."""
        self._calls[arn] = self._watched("reviewer", arn, function)

    def attach_recording(self, recording: Recording, function: Call | None) -> None:
        """Attach a recording, with a function for lookups that are not recorded."""
        answers: Mapping[str, bytes | PluginError] = recording.answers
        name = recording.plugin.name
        asked = self._watched("inspector", name, function) if function else None
        size = recording.plugin.batch_size
        in_batches = self._watched("inspector", name, _one_by_one(function), size) if function else None

        def call(request: dict[str, Any], seconds: float) -> bytes:
            if "tasks" not in request:
                return answer_to(request, seconds, batched=False)
            # A recorded failure fails the whole call, as on Lambda.
            found = {task["task_id"]: answer_to(task, seconds, batched=True) for task in request["tasks"]}
            members = (json.dumps(task_id).encode() + b":" + (body or b"null") for task_id, body in found.items())
            return b'{"answers":{' + b",".join(members) + b"}}"

        def answer_to(task: dict[str, Any], seconds: float, *, batched: bool) -> bytes:
            task_id = str(task["task_id"])
            answer = answers.get(task_id.partition("/")[2])
            if isinstance(answer, PluginError):
                # A recorded failure is not a failure of the simulation.
                raise answer
            if answer is not None:
                return self.failures.check_answer("inspector", name, answer)
            type_, value = task["attribute"]["type"], task["attribute"]["value"]
            if asked is None or in_batches is None:
                self.unanswered.setdefault(task_id, UnansweredLookup(inspector=name, type=type_, value=value))
                raise PluginFailedError("No answer is recorded for this lookup.")
            given = (in_batches if batched else asked)(task, seconds)
            with suppress(ValueError, RecursionError):
                # An answer that is not JSON cannot be recorded; it is counted as a failure already.
                answered = AnsweredLookup(inspector=name, type=type_, value=value, answer=json.loads(given or b"null"))
                self.answered.setdefault(task_id, answered)
            return given

        self._calls[recording.plugin.arn] = call

    def attach_emitter(self, name: str, arn: str, function: Call | None) -> None:
        """Attach an emitter: record its deliveries, and call its function if it has one."""
        notify = self._watched("emitter", name, function) if function else None

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
                status=report["status"],
                request=request,
            )
            self._emissions.setdefault(emission.emission_id, emission)
            return notify(request, seconds) if notify else b"null"

        self._calls[arn] = call

    def _watched(self, kind: Kind, name: str, function: Call, batch_size: int = 1) -> Call:
        """Wrap a function so that its failures and invalid answers are counted."""

        def call(request: dict[str, Any], seconds: float) -> bytes:
            try:
                answer = function(request, seconds)
                if len(answer) > limits.PAYLOAD_BYTES:
                    raise PluginFailedError(
                        f"The answer has {len(answer):,} bytes, which exceeds Lambda's limit of 6 MB."
                    )
            except PluginError as error:
                fails = batch_size > 1 and isinstance(error, PluginFailedError)
                reason = failure_of_batch(error.reason, batch_size) if fails else error.reason
                self.failures.add(kind, name, error.outcome, reason)
                raise
            except InvalidAnswerError as error:
                self.failures.add(kind, name, "invalid", error.reason)
                raise
            return self.failures.check_answer(kind, name, answer)

        return call


def _one_by_one(function: Call) -> Call:
    """Call a function that takes batches with batches of one task; raises `InvalidAnswerError` as the core does."""

    def call(task: dict[str, Any], seconds: float) -> bytes:
        return split_answers(function({"tasks": [task]}, seconds)).get(str(task["task_id"]), b"null")

    return call
