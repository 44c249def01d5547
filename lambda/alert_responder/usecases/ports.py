"""What use cases need from outside, besides the table."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from alert_responder.contracts.plugin import Plugins
    from alert_responder.contracts.report import Emission, Report

Clock = Callable[[], int]
"""Returns the time [ms since the epoch]."""

Identifiers = Callable[[int], str]
"""Makes a new report id for a time [ms since the epoch]."""


class Workflow(Protocol):
    """The state machine."""

    def start(self, report_id: str, alert_id: str, round_: int, *, as_it_stands: bool) -> None:
        """Start the one execution of a round; does nothing if it exists. Raise `DependencyError` if it cannot tell."""

    def is_running(self, report_id: str, round_: int) -> bool:
        """Whether the execution of a round exists and has not ended."""
        ...


class Archive(Protocol):
    """The archive bucket."""

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:
        """Write an object, replacing what is there."""

    def get(self, key: str) -> bytes:
        """Read an object."""
        ...

    def copy(self, source: str, target: str) -> None:
        """Copy an object within the bucket."""


class PagePrinter(Protocol):
    """Makes the page of a report."""

    def __call__(
        self, report: "Report", arrivals: Sequence[int], deliveries: Sequence["Emission"], document: str
    ) -> bytes:
        """Write the page as HTML.

        Parameters
        ----------
        arrivals
            When each alert came in [ms since the epoch].
        deliveries
            Of all rounds; what is pending is yet to be told.
        document
            Where the report's JSON is.
        """
        ...


Links = Callable[[str], str | None]
"""Makes the address that people open an object of the archive at, by its key; None: none is given out."""


class Registry(Protocol):
    """Which plug-ins are attached."""

    def plugins(self) -> "Plugins":
        """Return all that are attached and enabled, at most 30 s old."""
        ...


class PluginCalls(Protocol):
    """Lambda, as far as plug-ins are called through it."""

    def call(self, arn: str, document: bytes, seconds: float) -> bytes:
        """Invoke a function and return its answer's bytes.

        Parameters
        ----------
        document
            What the function gets, as JSON.
        seconds
            How long to wait for the answer, retries of refused calls included [seconds, > 0].

        Raises
        ------
        PluginError
            With the outcome, the reason, and whether the function may have run.
        """
        ...
