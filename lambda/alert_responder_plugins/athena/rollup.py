"""Count each day of the sources once, so that "new or usual" never needs the logs of a month.

A day is counted when it is over. Days of the baseline that were not counted yet are made up for, the latest first, a
few in each run. A day that is counted twice, because a run ended in between, counts once (`query.build_query`). Days
that were counted into a table that was destroyed since are missing.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alert_responder.store.table import Key, Put, Table
from alert_responder_plugins.athena.client import Athena, Statement
from alert_responder_plugins.athena.partitions import LATE
from alert_responder_plugins.athena.query import Rollup, build_rollup
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.logs.budget import REFUSED, Budget
from alert_responder_plugins.logs.failures import Failure
from alert_responder_plugins.logs.jobs import Execution
from alert_responder_plugins.logs.windows import Window

DAYS_PER_RUN = 4
"""Maximum number of days of a source that one run counts."""

_RESERVE_SECONDS, _WAIT_SECONDS = 10.0, 5.0


@dataclass(frozen=True, slots=True)
class Counted:
    """A day of a source, and why it was not counted; "" if it was."""

    source: str
    day: str
    failure: str
    bytes_scanned: int


@dataclass(frozen=True)
class RollupRun:
    """One run; wired in `rollup_handler`.

    Attributes
    ----------
    name
        Name of the inspector, under which counted days are remembered.
    created
        When the table of counts was created, as an aware datetime.
    """

    name: str
    sources: Sequence[Source]
    rollup: Rollup
    created: datetime
    athena: Athena
    budget: Callable[[int], Budget]
    table: Table
    deadline: Deadline
    now: Callable[[], datetime]

    def run(self) -> list[Counted]:
        """Count missing days until the time or the budget of the day is over."""
        counted: list[Counted] = []
        for source, day in self._missing():
            if self.deadline.remaining() <= _RESERVE_SECONDS:
                break
            one = self._count(source, day)
            counted.append(one)
            if one.failure == REFUSED:
                break
        return counted

    def _missing(self) -> Iterator[tuple[Source, datetime]]:
        today = (self.now() - LATE).replace(hour=0, minute=0, second=0, microsecond=0)
        for source in self.sources:
            if not source.baseline_days:
                continue  # DynamoDB refuses an empty range of days.
            first, last = today - timedelta(days=source.baseline_days), today - timedelta(days=1)
            items = self.table.query(self._partition(source), f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}")
            done = {str(item["sk"]) for item in items if int(item["counted_at"]) >= self.created.timestamp()}
            days = [today - timedelta(days=number) for number in range(1, source.baseline_days + 1)]
            missing = [day for day in days if f"{day:%Y-%m-%d}" not in done]
            yield from ((source, day) for day in missing[:DAYS_PER_RUN])

    def _count(self, source: Source, day: datetime) -> Counted:
        text = f"{day:%Y-%m-%d}"
        budget = self.budget(self.athena.limit())
        reservation = budget.reserve(1)
        if not reservation.queries:
            return Counted(source.name, text, REFUSED, 0)
        sql = build_rollup(source, Window(day, day + timedelta(days=1)), self.rollup)
        token = hashlib.sha256(f"{self.name}/{source.name}/{text}/{reservation.token}".encode()).hexdigest()
        started = self.athena.start(Statement(sql, self.rollup.database), token)
        if isinstance(started, Failure):
            if not started.lost:
                budget.settle(reservation, 0)
            return Counted(source.name, text, started.reason, 0)
        execution = self._wait(started)
        if isinstance(execution, Failure):
            self.athena.stop(started)
            return Counted(source.name, text, execution.reason, 0)
        budget.settle(reservation, execution.bytes_scanned)
        if execution.state == "ended":
            failure = self.athena.failure_of(execution, f"{source.database}.{source.table}")
            return Counted(source.name, text, failure.reason, execution.bytes_scanned)
        expires_at = int((day + timedelta(days=source.baseline_days + 7)).timestamp())
        counted_at = int(self.now().timestamp())
        self.table.write(Put(Key(self._partition(source), text), {"counted_at": counted_at, "expires_at": expires_at}))
        return Counted(source.name, text, "", execution.bytes_scanned)

    def _wait(self, query_id: str) -> Execution | Failure:
        """Poll until the query has ended; return a failure if it has to be stopped."""
        while self.deadline.wait(_WAIT_SECONDS, reserve=_RESERVE_SECONDS):
            states = self.athena.poll([query_id])
            if isinstance(states, Failure):
                return states
            execution = states.get(query_id)
            if execution and execution.state != "running":
                return execution
        return Failure("throttled", "The query was stopped, because its time was over.")

    def _partition(self, source: Source) -> str:
        return f"budget/{self.name}/counted/{source.name}"
