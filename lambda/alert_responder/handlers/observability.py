"""Logger and metrics of all functions, made once a container."""

from functools import cache

from aws_lambda_powertools import Logger, Metrics


@cache
def logger() -> Logger:
    """Return the function's JSON logger; service and level come from its environment. Alerts are never logged."""
    return Logger(log_uncaught_exceptions=False)


@cache
def metrics(installation: str) -> Metrics:
    """Return the function's metrics, all with the installation as a dimension."""
    made = Metrics()
    made.set_default_dimensions(installation=installation)
    return made
