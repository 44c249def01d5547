"""What the functions say of themselves: JSON lines with the keys of a report's life, and metrics.

Nothing that an alert or a plug-in says is logged above the level of debugging: lines have ids, counts, times, names of
plug-ins, and words of ours.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from alert_responder.errors import DependencyError, SettingsError, UnexpectedError, describe_error

UNITS: Mapping[str, MetricUnit] = {
    "AlertsPerReport": MetricUnit.Count,
    "AlertsReceived": MetricUnit.Count,
    "DeliveriesFailed": MetricUnit.Count,
    "InspectionsFailed": MetricUnit.Count,
    "InspectionsThrottled": MetricUnit.Count,
    "InternalErrors": MetricUnit.Count,
    "OverflowAlerts": MetricUnit.Count,
    "RejectedAlerts": MetricUnit.Count,
    "ReportsFailed": MetricUnit.Count,
    "ReportsOpened": MetricUnit.Count,
    "ReportsRevived": MetricUnit.Count,
    "ReviewsFailed": MetricUnit.Count,
    "TimeToReview": MetricUnit.Milliseconds,
}
"""Every metric there is; `docs/operations.md` says what each of them counts."""

SCOPE = ("report_id", "alert_id", "round", "step")
"""What the state machine says of the round at work, and every line repeats."""


@cache
def logger() -> Logger:
    """Return the function's JSON logger; service and level come from its environment."""
    return Logger(log_uncaught_exceptions=False, use_rfc3339=True, utc=True)


@cache
def metrics(installation: str) -> Metrics:
    """Return the function's metrics, all with the installation as a dimension and no other."""
    made = Metrics(service="")
    made.set_default_dimensions(installation=installation)
    return made


def measure(values: Mapping[str, int], plugin: str | None = None) -> None:
    """Write some metrics; of zeros nothing is written, since a metric is charged for once it has a value in a month.

    Parameters
    ----------
    values
        By their names in `UNITS`.
    plugin
        Whose they are: they count for the installation as a whole, and for this plug-in.
    """
    told = {name: value for name, value in values.items() if value}
    if not told:
        return
    measured = metrics(os.environ["INSTALLATION"])
    for dimensions in [{}, {"plugin": plugin}] if plugin else [{}]:
        for name, value in dimensions.items():
            measured.add_dimension(name, value)
        for name, count in told.items():
            measured.add_metric(name, UNITS[name], count)
        measured.flush_metrics()


def note_delivery(emitter: str, outcome: str) -> None:
    """Say how a delivery ended, and count it if the emitter was not told, or nobody knows."""
    missed = outcome in {"failed", "unknown"}
    say = logger().warning if missed else logger().info
    say("delivery ended", extra={"plugin": emitter, "outcome": outcome})
    if missed:
        measure({"DeliveriesFailed": 1}, emitter)


@contextmanager
def observed(event: Mapping[str, Any]) -> Generator[None, None, None]:
    """Have all lines of a call name what it is about, and a failure leave a line that does.

    Raises
    ------
    UnexpectedError
        In place of every error that was not expected: its own words may quote an alert, and the runtime logs them.
    """
    logger().append_keys(**{name: event.get(name) for name in SCOPE})
    try:
        yield
    except (DependencyError, SettingsError) as error:
        logger().warning("call failed", extra={"error": type(error).__name__, "cause": str(error)})
        raise
    except Exception as error:  # noqa: BLE001 - raised without its own words
        what = describe_error(error)
        logger().error("unexpected error", extra={"error": what})
        logger().debug("unexpected error details", exc_info=True)
        raise UnexpectedError(what) from None
