"""Answer a batch of tasks: reserve bytes, start the queries, wait for them, and read their results."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic

from alert_responder.plugin import InspectionAnswer, InspectionTask
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.logs.budget import REFUSED, Budget
from alert_responder_plugins.logs.failures import Failure
from alert_responder_plugins.logs.jobs import Execution, Job, Query, QueryService
from alert_responder_plugins.logs.summary import QueryFacts, SourceAnswer, combined

MAX_QUERIES = 20
"""Maximum number of queries of one call; an alert cannot start more by attributes with many times."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 3.0
"""Wait before the first poll, and longest wait between polls [s]."""

RESERVE_SECONDS = 5.0
"""Time that is kept for stopping queries, reading results and settling the budget [s]."""

_MINUTE = "%Y-%m-%dT%H:%MZ"


@dataclass(frozen=True)
class Plan(Generic[Query]):
    """The queries for a batch of tasks.

    Attributes
    ----------
    skipped
        Answers of sources that are not asked about a task, by the place of the task.
    """

    jobs: Sequence[Job[Query]]
    skipped: Sequence[tuple[int, SourceAnswer]] = ()


@dataclass
class _Running(Generic[Query]):
    job: Job[Query]
    query_id: str
    execution: Execution = field(default_factory=lambda: Execution("running", 0))
    stopped: Failure | None = None


@dataclass(frozen=True)
class LogInspector(Generic[Query]):
    """An inspector of logs; wired in its `handler`.

    Attributes
    ----------
    product
        What runs the queries, such as `Athena`.
    budget
        Returns the budget of a day for a limit of bytes per query.
    plan
        Plans the queries for tasks at a time.
    price
        Returns the price of a number of scanned bytes [USD].
    no_data
        What a source lacks if a query scanned no bytes, such as `no partition`.
    link
        Returns the address of a query in the console.
    deadline
        Returns the time limit of a call.
    now
        Returns the time as an aware datetime in UTC.
    poll_size
        Maximum number of queries in a poll; 1 if polls return results, which are then in memory one after another.
    """

    product: str
    service: QueryService[Query]
    budget: Callable[[int], Budget]
    plan: Callable[[Sequence[InspectionTask], datetime], Plan[Query]]
    price: Callable[[int], float]
    no_data: str
    link: Callable[[str], str]
    deadline: Callable[[], Deadline]
    now: Callable[[], datetime]
    poll_size: int = MAX_QUERIES

    def look_up(self, tasks: Sequence[InspectionTask]) -> Mapping[str, InspectionAnswer | None]:
        """Answer tasks, by their ids; None if the logs know nothing about an attribute."""
        deadline = self.deadline()
        plan = self.plan(tasks, self.now())
        jobs = plan.jobs
        answers: dict[int, list[SourceAnswer]] = {place: [] for place in range(len(tasks))}
        for place, skipped in plan.skipped:
            answers[place].append(skipped)
        for job in jobs[MAX_QUERIES:]:
            _add(
                answers, job, _failed(job, Failure("throttled", "the attributes of this round need too many queries."))
            )
        if jobs:
            self._run(jobs[:MAX_QUERIES], deadline, answers)
        return {task.task_id: combined(answers[place], self.product) for place, task in enumerate(tasks)}

    def _run(self, jobs: Sequence[Job[Query]], deadline: Deadline, answers: dict[int, list[SourceAnswer]]) -> None:
        limit = self.service.limit()
        budget = self.budget(limit)
        reservation = budget.reserve(len(jobs))
        for job in jobs[reservation.queries :]:
            _add(answers, job, _failed(job, Failure("throttled", REFUSED)))
        allowed = jobs[: reservation.queries]
        scanned = reservation.size
        running: list[_Running[Query]] = []
        try:
            lost = 0
            for place, job in enumerate(allowed):
                # Nothing would stop queries whose function is ended during slow starts.
                started = (
                    self.service.start(job.query, _token(reservation.token, place))
                    if deadline.remaining() > RESERVE_SECONDS
                    else _NO_TIME
                )
                if isinstance(started, Failure):
                    _add(answers, job, _failed(job, started))
                    lost += started.lost
                else:
                    running.append(_Running(job, started))
            for one in self._ended(running, deadline, limit):
                _add(answers, one.job, self._read(one))
            # What a query scanned in all that was stopped, or whose start was lost, is not known: it counts at least as
            # much as it may have.
            scanned = lost * limit + sum(
                max(limit if one.stopped else 0, one.execution.bytes_scanned) for one in running
            )
        except BaseException:
            for one in _unfinished(running):
                self._stop(one, _TIME_OVER)
            raise
        finally:
            budget.settle(reservation, scanned)

    def _ended(self, running: Sequence[_Running[Query]], deadline: Deadline, limit: int) -> Iterator[_Running[Query]]:
        """Poll until all queries have ended; yield each before the next poll, which may return another long result.

        Queries are stopped if the time is nearly over, if polling is denied, or if they scanned more than the limit.
        """
        wait = FIRST_WAIT
        while left := _unfinished(running):
            over = not deadline.wait(wait, reserve=RESERVE_SECONDS)
            for first in range(0, len(left), self.poll_size):
                some = left[first : first + self.poll_size]
                over = over or deadline.remaining() < RESERVE_SECONDS
                states = _TIME_OVER if over else self.service.poll([one.query_id for one in some])
                for one in some:
                    if isinstance(states, Failure):
                        self._stop(one, states)
                    else:
                        one.execution = states.get(one.query_id, one.execution)
                        if one.execution.state == "running" and one.execution.bytes_scanned > limit:
                            self._stop(one, _TOO_MUCH)
                yield from (one for one in some if one not in _unfinished(some))
            wait = min(LONGEST_WAIT, wait * 1.5)

    def _stop(self, one: _Running[Query], reason: Failure) -> None:
        self.service.stop(one.query_id)
        one.stopped = reason

    def _read(self, one: _Running[Query]) -> list[SourceAnswer]:
        job, execution = one.job, one.execution
        if one.stopped:
            return _failed(job, one.stopped)
        if execution.state == "ended":
            return _failed(job, self.service.failure_of(execution, job.reads))
        link = self.link(one.query_id)
        rows = self.service.rows(one.query_id, job.max_rows)
        if isinstance(rows, Failure):
            return _failed(job, rows)
        if not execution.bytes_scanned and len(rows) <= 1:
            reason = (
                f"{job.reads} has no data from {job.window.begins:{_MINUTE}} to {job.window.ends:{_MINUTE}}: "
                f"{self.no_data}. This does not mean that nothing happened."
            )
            return [SourceAnswer(job.source, kind="no_data", reason=reason) for _ in job.tasks]
        facts = QueryFacts(
            product=self.product,
            query_id=one.query_id,
            bytes_scanned=execution.bytes_scanned,
            usd=self.price(execution.bytes_scanned),
            link=link,
            attributes=len(job.tasks),
        )
        return job.read(rows, facts)


_NO_TIME = Failure("throttled", "the query was not started, because the time was over.")
_TIME_OVER = Failure("throttled", "the query was stopped, because its time was over.")
_TOO_MUCH = Failure("failed", "the query was stopped, because it scanned more than the limit of a query.", limited=True)


def _unfinished(running: Sequence[_Running[Query]]) -> list[_Running[Query]]:
    return [one for one in running if one.execution.state == "running" and one.stopped is None]


def _failed(job: Job[Query], failure: Failure) -> list[SourceAnswer]:
    return [
        SourceAnswer(job.source, kind=failure.kind, reason=failure.reason, limited=failure.limited) for _ in job.tasks
    ]


def _add(answers: dict[int, list[SourceAnswer]], job: Job[Query], found: Sequence[SourceAnswer]) -> None:
    for place, answer in zip(job.tasks, found, strict=True):
        answers[place].append(answer)


def _token(token: str, place: int) -> str:
    """Return the token of a start, which a repeated request has, too."""
    return hashlib.sha256(f"{token}/{place}".encode()).hexdigest()
