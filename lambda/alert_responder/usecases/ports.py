"""Ports of the use cases, besides the table."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from alert_responder.contracts.plugin import Plugins
    from alert_responder.contracts.report import Emission, Report

Clock = Callable[[], int]
"""Returns the time [ms since the epoch]."""

Identifiers = Callable[[int], str]
"""Returns a new report id for a time [ms since the epoch]."""


class Workflow(Protocol):
    """The state machine."""

    def start(self, report_id: str, alert_id: str, round_: int, *, as_it_stands: bool) -> None:
        """Start the execution of a round, unless it exists; raise `DependencyError` if the call fails."""

    def is_running(self, report_id: str, round_: int) -> bool | None:
        """Whether the execution of a round has not ended.

        None if it is not found. It may have been started a moment ago, because reads are eventually consistent.
        """
        ...


class Archive(Protocol):
    """The archive bucket."""

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:
        """Write an object, or replace it."""

    def get(self, key: str) -> bytes:
        """Read an object."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the bucket."""


class PagePrinter(Protocol):
    """Renders the page of a report."""

    def __call__(
        self, report: "Report", arrivals: Sequence[int], deliveries: Sequence["Emission"], document: str
    ) -> bytes:
        """Return the page as HTML.

        Parameters
        ----------
        arrivals
            Arrival of each alert [ms since the epoch].
        deliveries
            Deliveries of all rounds.
        document
            Key of the report's JSON.
        """
        ...


Links = Callable[[str], str | None]
"""Returns the URL of an object of the archive, by its key; None if there is none."""


class Registry(Protocol):
    """The attached plug-ins."""

    def plugins(self) -> "Plugins":
        """Return the attached and enabled plug-ins, at most 30 s old."""
        ...


class PluginCalls(Protocol):
    """Calls plug-ins."""

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Invoke a function and return its answer.

        Parameters
        ----------
        document
            The payload, as JSON.
        seconds
            Maximum time to wait for the answer, including retries of throttled calls [s, > 0].

        Raises
        ------
        PluginError
            The call failed; the error has the outcome, the reason, and whether the function may have run.
        """
        ...
