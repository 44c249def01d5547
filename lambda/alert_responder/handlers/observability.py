"""Logs and metrics of the functions.

Text of alerts and plug-ins is logged only at the level DEBUG. Other lines have constant messages, ids, counts, times
and names of plug-ins.
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
"""All metrics; `docs/operations.md` explains them."""

SCOPE = ("report_id", "alert_id", "round", "step")
"""Fields of the event that every line repeats."""


@cache
def logger() -> Logger:
    """Return the JSON logger; the environment sets its service and level."""
    return Logger(log_uncaught_exceptions=False, use_rfc3339=True, utc=True)


@cache
def metrics(installation: str) -> Metrics:
    """Return the metrics, with the installation as the only default dimension."""
    made = Metrics(service="")
    made.set_default_dimensions(installation=installation)
    return made


def measure(values: Mapping[str, int], plugin: str | None = None) -> None:
    """Write metrics except zeros, because a metric is charged for each month in which it has a value.

    Parameters
    ----------
    values
        Values by name in `UNITS`.
    plugin
        Plug-in for which the values are written as well.
    """
    values = {name: value for name, value in values.items() if value}
    if not values:
        return
    measured = metrics(os.environ["INSTALLATION"])
    for dimensions in [{}, {"plugin": plugin}] if plugin else [{}]:
        for name, value in dimensions.items():
            measured.add_dimension(name, value)
        for name, count in values.items():
            measured.add_metric(name, UNITS[name], count)
        measured.flush_metrics()


def note_delivery(emitter: str, outcome: str) -> None:
    """Log the outcome of a delivery, and count it unless the emitter was notified."""
    failed = outcome in {"failed", "unknown"}
    say = logger().warning if failed else logger().info
    say("delivery ended", extra={"plugin": emitter, "outcome": outcome})
    if failed:
        measure({"DeliveriesFailed": 1}, emitter)


@contextmanager
def observed(event: Mapping[str, Any]) -> Generator[None, None, None]:
    """Add the fields of the event to all lines of a call, and log its failure.

    Raises
    ------
    UnexpectedError
        Replaces unexpected errors, whose messages may quote an alert and would be logged by the runtime.
    """
    logger().append_keys(**{name: event.get(name) for name in SCOPE})
    try:
        yield
    except (DependencyError, SettingsError) as error:
        logger().warning("call failed", extra={"error": type(error).__name__, "cause": str(error)})
        raise
    except Exception as error:  # noqa: BLE001 - raised again without its message
        description = describe_error(error)
        logger().error("unexpected error", extra={"error": description})
        logger().debug("unexpected error details", exc_info=True)
        raise UnexpectedError(description) from None
