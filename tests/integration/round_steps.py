"""Runs the steps of a round one by one, as the state machine does, each in a process that can be killed."""

import importlib
import itertools
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from threading import Lock
from types import TracebackType
from typing import Any, Self

from tests.integration.local_receptor import record
from tests.integration.pipeline import Pipeline
from tools.account import ACCESS_KEY, REGION, SECRET_KEY

IDLE = json.dumps({"StartAt": "Idle", "States": {"Idle": {"Type": "Wait", "Seconds": 86_400, "End": True}}})
"""A state machine whose executions only wait, so that the test can run the steps of rounds."""

FUNCTIONS = ("receptor", "coordinator", "runner")
STEP_SECONDS = 60

# Processes are forked from one that has only loaded our code and its libraries.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    ["tests.integration.preloaded", *(f"alert_responder.handlers.{name}" for name in FUNCTIONS)]
)


@dataclass(frozen=True)
class Kill:
    """SIGKILL at one AWS call of every step that makes enough calls.

    Attributes
    ----------
    call
        Number of the call, from 1, in the order in which calls begin (`before`) or end (`after`).
    when
        `before` the request is sent, or `after` its answer has arrived.
    """

    call: int
    when: str


class Stepper:
    """Takes alerts of an installation through all steps of a round. Use it as a context manager."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._numbers = itertools.count(1)
        installation = pipeline.installation
        machines, functions = installation.client("stepfunctions"), installation.client("lambda")
        role = functions.get_function_configuration(FunctionName=f"{installation.name}-runner")["Role"]
        idle = machines.create_state_machine(name="idle", definition=IDLE, roleArn=role)["stateMachineArn"]
        self._end = partial(machines.delete_state_machine, stateMachineArn=idle)
        self._environments = {
            name: {
                **functions.get_function_configuration(FunctionName=f"{installation.name}-{name}")["Environment"][
                    "Variables"
                ],
                "WORKFLOW_ARN": idle,
                "AWS_ENDPOINT_URL": installation.account.endpoint,
                "AWS_CA_BUNDLE": installation.account.authority,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                "AWS_DEFAULT_REGION": REGION,
            }
            for name in FUNCTIONS
        }
        self.calls: dict[str, int] = {}
        """AWS calls of each step of the last run without a kill."""
        self.kills = 0
        """Processes killed so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._end()

    def run(self, key: str, kill: Kill | None = None) -> None:
        """Take one alert to the end of its round; a step whose process is killed is run again."""
        alert = record(self._pipeline.alert(key, ("ipaddr", "192.0.2.9")), next(self._numbers))
        do = partial(self._do, kill)
        do("receptor", "receive", {"Records": [alert]})
        (status,) = self._pipeline.of_key(key)
        of_round = {"report_id": status.report_id, "round": 1}
        plan = do("coordinator", "plan", {**of_round, "iteration": 1, "deadline": None})
        for tasks in plan["chunks"]:
            do("runner", "inspect", {**of_round, "tasks": tasks, "deadline": plan["deadline"]})
        planned = {"revision": plan["revision"], "planned_at": plan["planned_at"]}
        review = do("coordinator", "review", {**of_round, **planned, "replans": 0, "as_it_stands": False})
        for emitter in review["deliveries"]:
            do("runner", "emit", {**of_round, "emitter": emitter})
        do("coordinator", "close", {**of_round, "revision": plan["revision"], "unsettled": 0})

    def _do(self, kill: Kill | None, function: str, step: str, event: Mapping[str, Any]) -> Any:
        event = {**event, "step": step}
        if kill is None:
            handled = self._process(function, event)
            assert handled, f"{step} was killed unexpectedly"
            answer, self.calls[step] = handled
            return answer
        if kill.call <= self.calls[step]:
            assert self._process(function, event, kill) is None, f"{kill} was not reached by {step}"
            self.kills += 1
        # The lease that a dead runner holds on a delivery must be over.
        handled = self._process(function, event, later_ms=40_000 if step == "emit" else 0)
        assert handled, f"{step} was killed unexpectedly"
        return handled[0]

    def _process(
        self, function: str, event: Mapping[str, Any], kill: Kill | None = None, later_ms: int = 0
    ) -> tuple[Any, int] | None:
        """Handle an event; return the answer and the number of calls, or None if the process was killed."""
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        arguments = (theirs, function, event, self._environments[function], kill, later_ms)
        process = _PROCESSES.Process(target=_handle, args=arguments)
        process.start()
        theirs.close()
        process.join(STEP_SECONDS)
        if process.exitcode == -signal.SIGKILL:
            return None
        assert process.exitcode == 0, f"{event['step']} ended with {process.exitcode}"
        answer: tuple[Any, int] = ours.recv()
        return answer


def _handle(
    answer: Connection,
    function: str,
    event: Mapping[str, Any],
    environment: Mapping[str, str],
    kill: Kill | None,
    later_ms: int,
) -> None:
    os.environ.update(environment)
    import boto3

    parts = importlib.import_module(f"alert_responder.bootstrap.{function}")
    vars(parts)["now"] = lambda: time.time_ns() // 1_000_000 + later_ms
    boto3.setup_default_session()
    calls = itertools.count()
    _at_call("after", lambda _: next(calls))
    if kill:
        die = partial(os.kill, os.getpid(), signal.SIGKILL)
        _at_call(kill.when, lambda number: die() if number == kill.call else None)
    handled = importlib.import_module(f"alert_responder.handlers.{function}").handler(event, None)
    answer.send((handled, next(calls)))


def _at_call(when: str, do: Callable[[int], object]) -> None:
    """Call `do` at every AWS call with its number from 1; botocore's retries belong to the same call."""
    import boto3

    numbers, lock = itertools.count(1), Lock()

    def count(**_: object) -> None:
        with lock:
            number = next(numbers)
        do(number)

    session: Any = boto3.DEFAULT_SESSION
    session.events.register(f"{when}-call.*.*", count)
