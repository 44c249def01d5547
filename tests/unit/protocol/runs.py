"""Executions whose Tasks are actors, with retries, Catches, failure and redrive as in Step Functions."""

from collections.abc import Callable
from typing import Any, Literal

from alert_responder.domain.identifiers import sequence
from alert_responder_cli.simulation.execution import Execution, Step
from tests.unit.protocol.actors import Actor

TRIES = {"emit": 5}
OTHER_TRIES = 4
"""Calls of a Task: the first and its retries (`workflow.tf`)."""


class Run:
    """One execution.

    Parameters
    ----------
    generator
        Yields its Tasks, see `simulation.execution`.
    spawn
        Makes an actor of a Task, given its position among those that run at once.
    """

    def __init__(
        self,
        report_id: str,
        round_: int,
        as_it_stands: bool,
        generator: Execution,
        spawn: Callable[["Run", int], None],
    ) -> None:
        self.report_id, self.round, self.as_it_stands = report_id, round_, as_it_stands
        self.status: Literal["RUNNING", "SUCCEEDED", "FAILED"] = "RUNNING"
        self.steps: list[Step] = []
        self.plans = self.replans = self.plan_began = 0
        self.failed_once = False
        self._generator, self._spawn = generator, spawn
        self._answers: dict[int, Any] = {}
        self._tries: dict[int, int] = {}
        self._begin(next(generator))

    def succeeded(self, position: int, answer: Any) -> None:
        """Take a Task's answer; go on when all have arrived."""
        step = self.steps[position]
        if step.name == "review" and answer["status"] == "replan":
            self.replans += 1
            assert self.replans <= 2, "a round is sent back to planning more than twice"
        self._answers[position] = answer
        if len(self._answers) < len(self.steps):
            return
        try:
            self._begin(self._generator.send([self._answers[number] for number in range(len(self.steps))]))
        except StopIteration:
            self.status = "SUCCEEDED"

    def failed(self, position: int) -> None:
        """Try a Task again, or take its Catch, or fail."""
        step = self.steps[position]
        self._tries[position] += 1
        if self.as_it_stands and not step.caught:
            self._tries[position] = 0  # The last round of a report: only an operator can help it.
        if self._tries[position] < TRIES.get(step.name, OTHER_TRIES):
            self._spawn(self, position)
        elif step.caught:
            self.succeeded(position, 1)
        else:
            self.fail()

    def fail(self) -> None:
        """End as failed; a redrive may continue."""
        self.status, self.failed_once = "FAILED", True

    def use_up_tries(self, position: int) -> None:
        """Make the Task's current try its last."""
        self._tries[position] = OTHER_TRIES + 1

    def redrive(self) -> None:
        """Continue with the Tasks that have no answer."""
        self.status = "RUNNING"
        for position in range(len(self.steps)):
            if position not in self._answers:
                self._tries[position] = 0
                self._spawn(self, position)

    def _begin(self, steps: list[Step]) -> None:
        self.steps, self._answers = steps, {}
        self.plans += steps[0].name == "plan"
        for position in range(len(steps)):
            self._tries[position] = 0
            self._spawn(self, position)


class Invocation(Actor):
    """One try of a Task, one batch at the receptor, or one sweep.

    Attributes
    ----------
    run, position
        Its Task; None for a receptor and a sweep.
    presumed_dead
        Its caller has abandoned it, although it still runs.
    skew
        Error of its clock [ms].
    owns
        Sequence of the Plan that handed out its lookups.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Any],
        ended: Callable[["Invocation"], None],
        skew: int,
        run: Run | None = None,
        position: int = 0,
    ) -> None:
        super().__init__(name, work)
        self.ended, self.skew, self.run, self.position = ended, skew, run, position
        self.step = run.steps[position] if run else None
        self.presumed_dead = False
        self.owns = sequence(run.round, run.plans) if run else 0
        # Notes of the witness.
        self.began = 0
        self.began_over = False
        self.known_when_it_began: set[str] = set()
        self.handed_out = run.plan_began if run else 0
        self.wrote_at = 0
        self.round_when_it_wrote: int | None = None
        self.state_when_it_wrote: Any = None
        self.over_when_it_wrote = False
        self.known_when_reviewed: dict[str, str] = {}

    def is_step(self, *names: str | None) -> bool:
        """Return whether it is a try of one of these Tasks."""
        return self.step is not None and self.step.name in names
