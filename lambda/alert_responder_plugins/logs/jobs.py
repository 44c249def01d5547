"""A query for some tasks, and the service that runs it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Generic, Literal, Protocol, TypeVar

from alert_responder_plugins.logs.failures import Failure
from alert_responder_plugins.logs.summary import QueryFacts, SourceAnswer
from alert_responder_plugins.logs.windows import Window

Rows = Sequence[Sequence[str | None]]
"""A result: the names of its columns, and its rows."""

Query = TypeVar("Query")
_Asked = TypeVar("_Asked", contravariant=True)


@dataclass(frozen=True)
class Job(Generic[Query]):
    """A query for some tasks.

    Attributes
    ----------
    source
        Name of the source or of the question.
    reads
        What it reads, for messages.
    tasks
        Places of its tasks in the batch.
    max_rows
        Maximum number of rows that are read, after the first one with the names of the columns.
    read
        Reads a result with its names: an answer for each of the tasks, in their order.
    """

    source: str
    reads: str
    query: Query
    window: Window
    tasks: Sequence[int]
    max_rows: int
    read: Callable[[Rows, QueryFacts], list[SourceAnswer]]


def in_turns(lists: Sequence[Sequence[Job[Query]]]) -> list[Job[Query]]:
    """Merge lists of jobs: the first of each list, then the second of each, and so on.

    Only the first jobs of a call run. Each list begins with the latest time: an alert that claims other times cannot
    move a recent one from there, since no alert is later than now, nor take the turns of other sources.
    """
    return [job for job in chain.from_iterable(zip_longest(*lists)) if job is not None]


@dataclass(frozen=True, slots=True)
class Execution:
    """State of a query.

    Attributes
    ----------
    state
        `running` until it is `succeeded` or `ended` without a result.
    message
        The service's reason for the state; it may quote the query.
    ended_as
        The service's name of the state.
    """

    state: Literal["running", "succeeded", "ended"]
    bytes_scanned: int
    message: str = ""
    ended_as: str = ""


class QueryService(Protocol[_Asked]):
    """A service that runs queries; `client` of each inspector implements it."""

    def limit(self) -> int:
        """Return the limit of bytes that one query may scan."""
        ...

    def start(self, query: _Asked, token: str) -> str | Failure:
        """Start a query and return its id; the same token starts it once, where the service supports tokens."""
        ...

    def poll(self, query_ids: Sequence[str]) -> Mapping[str, Execution] | Failure:
        """Return the states of queries; none if the next poll may succeed, and a failure if it cannot."""
        ...

    def stop(self, query_id: str) -> None:
        """Stop a query; a failure changes nothing."""
        ...

    def rows(self, query_id: str, most: int) -> Rows | Failure:
        """Read the names of the columns, and at most `most` rows."""
        ...

    def failure_of(self, execution: Execution, reads: str) -> Failure:
        """Explain a query that ended without a result."""
        ...
