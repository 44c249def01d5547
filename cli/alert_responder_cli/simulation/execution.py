"""An execution of the state machine in `templates/workflow.asl.json.tftpl`, as a generator of its Tasks."""

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from alert_responder.domain.lookup_plan import Limits
from alert_responder.errors import SupersededError
from alert_responder.usecases.close import Closer
from alert_responder.usecases.emit import Deliverer
from alert_responder.usecases.inspect import Inspection
from alert_responder.usecases.plan import Planner
from alert_responder.usecases.review import Reviewer, Round

StepName = Literal["plan", "inspect", "review", "emit", "close"]
Execution = Generator[list["Step"], list[Any], None]
SUPERSEDED: dict[str, Any] = {"status": "superseded", "found": 0}


@dataclass(frozen=True)
class Steps:
    """The use cases that coordinator and runner call."""

    limits: Limits
    planner: Planner
    inspection: Inspection
    reviewer: Reviewer
    deliverer: Deliverer
    closer: Closer


@dataclass(frozen=True)
class Step:
    """A Task of the state machine.

    Attributes
    ----------
    do
        Calls its function once.
    about
        Lookups or emitter of a Map iteration; number of a Plan.
    """

    name: StepName
    do: Callable[[], Any]
    about: tuple[str, ...] = ()

    @property
    def caught(self) -> bool:
        """Whether a Catch handles a failure of the Task; otherwise it fails the execution."""
        return self.name in {"inspect", "emit"}


def execute(steps: Steps, report_id: str, round_: int, *, as_it_stands: bool) -> Execution:
    """Execute a round: yield the Tasks that run concurrently, and receive their answers in the same order."""
    revision, replans, iteration, deadline, planned_at = 0, 0, 1, None, None
    planning = not as_it_stands
    while True:
        while planning:
            do = partial(_plan, steps, report_id, round_, iteration, deadline, planned_at)
            (plan,) = yield [Step("plan", do, (str(iteration),))]
            if plan["status"] == "superseded":
                return
            revision, deadline, iteration = plan["revision"], plan["deadline"], iteration + 1
            planned_at = planned_at or plan["planned_at"]
            chunks = [
                Step("inspect", partial(_inspect, steps, report_id, round_, chunk, deadline, planned_at), tuple(chunk))
                for chunk in plan["chunks"]
            ]
            found = sum((yield chunks) if chunks else [])
            planning = found > 0 and iteration <= steps.limits.max_depth + 2 + replans
        state = Round(report_id, round_, revision, replans, planned_at, as_it_stands)
        (review,) = yield [Step("review", partial(_review, steps, state))]
        if review["status"] == "superseded":
            return
        replans += 1
        planning = review["status"] == "replan"
        if not planning:
            break
    revision, lookups_left = review["revision"], review["lookups_left"]
    deliveries = [
        Step("emit", partial(_emit, steps, report_id, round_, emitter), (emitter,)) for emitter in review["deliveries"]
    ]
    unsettled = sum((yield deliveries) if deliveries else [])
    yield [Step("close", partial(_close, steps, report_id, round_, revision, unsettled, lookups_left))]


def _plan(
    steps: Steps, report_id: str, round_: int, iteration: int, deadline: int | None, planned_at: int | None
) -> dict[str, Any]:
    return _or_superseded(lambda: steps.planner.plan(report_id, round_, iteration, deadline, planned_at).payload())


def _review(steps: Steps, state: Round) -> dict[str, Any]:
    return _or_superseded(lambda: steps.reviewer.review(state).payload())


def _inspect(
    steps: Steps, report_id: str, round_: int, chunk: Sequence[str], deadline: int, planned_at: int | None
) -> int:
    try:
        return steps.inspection.inspect(report_id, round_, chunk, deadline, planned_at).found
    except SupersededError:
        return 0


def _emit(steps: Steps, report_id: str, round_: int, emitter: str) -> int:
    with suppress(SupersededError):
        steps.deliverer.deliver(report_id, round_, emitter)
    return 0


def _close(
    steps: Steps, report_id: str, round_: int, revision: int, unsettled: int, lookups_left: bool
) -> dict[str, Any]:
    steps.closer.close(report_id, round_, revision, unsettled, lookups_left=lookups_left)
    return {"status": "closed"}


def _or_superseded(step: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the payload of a step, as the handlers do."""
    try:
        return step()
    except SupersededError:
        return SUPERSEDED
