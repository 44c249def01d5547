"""Answer a batch of tasks: reserve bytes, start the queries, wait for them, and read their results."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alert_responder.plugin import InspectionAnswer, InspectionTask
from alert_responder_plugins.athena.budget import Budget
from alert_responder_plugins.athena.client import Athena, Execution, failure_of
from alert_responder_plugins.athena.failures import Failure
from alert_responder_plugins.athena.jobs import Job, Planner
from alert_responder_plugins.athena.summary import QueryFacts, SourceAnswer, combined
from alert_responder_plugins.common.deadline import Deadline

MAX_QUERIES = 20
"""Maximum number of queries of one call; an alert cannot start more by attributes with many times."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 3.0
"""Wait before the first poll, and longest wait between polls [s]."""

RESERVE_SECONDS = 5.0
"""Time that is kept for stopping queries, reading results and settling the budget [s]."""

_MINUTE = "%Y-%m-%dT%H:%MZ"


@dataclass
class _Running:
    job: Job
    query_id: str
    execution: Execution = field(default_factory=lambda: Execution("running", 0))


@dataclass(frozen=True)
class AthenaInspector:
    """The inspector; wired in `handler`.

    Attributes
    ----------
    link
        Returns the address of a query in the console.
    deadline
        Returns the time limit of a call.
    now
        Returns the time as an aware datetime in UTC.
    """

    athena: Athena
    budget: Callable[[int], Budget]
    planner: Planner
    link: Callable[[str], str]
    deadline: Callable[[], Deadline]
    now: Callable[[], datetime]

    def look_up(self, tasks: Sequence[InspectionTask]) -> Mapping[str, InspectionAnswer | None]:
        """Answer tasks, by their ids; None if the logs know nothing about an attribute."""
        deadline = self.deadline()
        jobs = self.planner.plan(tasks, self.now())
        answers: dict[int, list[SourceAnswer]] = {place: [] for place in range(len(tasks))}
        for job in jobs[MAX_QUERIES:]:
            _add(answers, job, _failed(job, Failure("throttled", "the alerts of this round have too many times.")))
        if jobs:
            self._run(jobs[:MAX_QUERIES], deadline, answers)
        return {task.task_id: combined(answers[place]) for place, task in enumerate(tasks)}

    def _run(self, jobs: Sequence[Job], deadline: Deadline, answers: dict[int, list[SourceAnswer]]) -> None:
        budget = self.budget(self.athena.cutoff())
        reservation = budget.reserve(len(jobs))
        for job in jobs[reservation.queries :]:
            _add(answers, job, _failed(job, Failure("throttled", "max_gb_per_day is used up until midnight (UTC).")))
        allowed = jobs[: reservation.queries]
        scanned = reservation.size
        try:
            running: list[_Running] = []
            for place, job in enumerate(allowed):
                started = self.athena.start(job.sql, job.database, _token(reservation.token, place))
                if isinstance(started, Failure):
                    _add(answers, job, _failed(job, started))
                else:
                    running.append(_Running(job, started))
            unknown, reason = self._wait(running, deadline)
            # What a query scanned that was still running is not known: it counts as much as it may have.
            each = reservation.size // max(1, reservation.queries)
            scanned = sum(each if one in unknown else one.execution.bytes_scanned for one in running)
        finally:
            budget.settle(reservation, scanned)
        for one in running:
            _add(answers, one.job, _failed(one.job, reason) if one in unknown else self._read(one))

    def _wait(self, running: Sequence[_Running], deadline: Deadline) -> tuple[list[_Running], Failure]:
        """Poll until all queries have ended.

        Returns
        -------
        tuple
            Queries that were stopped, because the time was nearly over or polling is denied; and why.
        """
        wait = FIRST_WAIT
        while left := [one for one in running if one.execution.state == "running"]:
            states = (
                self.athena.poll([one.query_id for one in left])
                if deadline.wait(wait, reserve=RESERVE_SECONDS)
                else _TIME_OVER
            )
            if isinstance(states, Failure):
                for one in left:
                    self.athena.stop(one.query_id)
                return left, states
            for one in left:
                one.execution = states.get(one.query_id, one.execution)
            wait = min(LONGEST_WAIT, wait * 1.5)
        return [], _TIME_OVER

    def _read(self, one: _Running) -> list[SourceAnswer]:
        job, execution = one.job, one.execution
        if execution.state == "ended":
            return _failed(job, failure_of(execution, job.table))
        rows = self.athena.rows(one.query_id, job.max_rows)
        if isinstance(rows, Failure):
            return _failed(job, rows)
        if not execution.bytes_scanned and len(rows) <= 1:
            reason = (
                f"{job.table} has no data from {job.window.begins:{_MINUTE}} to {job.window.ends:{_MINUTE}}: "
                "no partition, or an empty one. This does not mean that nothing happened."
            )
            return [SourceAnswer(job.source, kind="no_data", reason=reason) for _ in job.tasks]
        facts = QueryFacts(one.query_id, execution.bytes_scanned, self.link(one.query_id), len(job.tasks))
        return job.read(rows, facts)


_TIME_OVER = Failure("throttled", "the query was stopped, because its time was over.")


def _failed(job: Job, failure: Failure) -> list[SourceAnswer]:
    return [SourceAnswer(job.source, kind=failure.kind, reason=failure.reason) for _ in job.tasks]


def _add(answers: dict[int, list[SourceAnswer]], job: Job, found: Sequence[SourceAnswer]) -> None:
    for place, answer in zip(job.tasks, found, strict=True):
        answers[place].append(answer)


def _token(token: str, place: int) -> str:
    """Return the token of a start, which a repeated request has, too."""
    return hashlib.sha256(f"{token}/{place}".encode()).hexdigest()
