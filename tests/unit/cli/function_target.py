"""Plug-ins as plain functions in this process, as targets of `check`."""

import itertools
import json
from collections.abc import Callable
from typing import Any

from alert_responder.errors import PluginError, PluginFailedError
from alert_responder_cli.checking.cases import Case, emissions, inspections, reviews
from alert_responder_cli.checking.check_run import check
from alert_responder_cli.checking.results import Kind, Result

REPORT_IDS = ("01KG9Z9Q7R2D4B6C8E0FGHJKM0", "01KG9Z9Q7R2D4B6C8E0FGHJKM1", "01KG9Z9Q7R2D4B6C8E0FGHJKM2")
LIMITS: dict[Kind, float] = {"inspector": 60, "reviewer": 60, "emitter": 30}
CASES: dict[Kind, list[Case]] = {
    "inspector": inspections(REPORT_IDS[0]),
    "reviewer": reviews(REPORT_IDS[0]),
    "emitter": emissions(REPORT_IDS),
}


class Local:
    """A function; what it raises is said as Lambda says it, a `PluginError` is raised as it is."""

    name = "local"

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self.restarts = 0

    def call(self, event: Any, seconds: float) -> bytes:
        # As over the wire: nothing that one side changes is seen by the other.
        try:
            answer = self._function(json.loads(json.dumps(event)))
        except PluginError:
            raise
        except Exception as error:
            raise PluginFailedError(f"The function failed: {type(error).__name__}: {error}") from error
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def restart(self) -> None:
        self.restarts += 1


def checked(kind: Kind, function: Callable[[Any], Any], **options: Any) -> Result:
    """Check a function; every look at the clock is a millisecond later."""
    ticks = itertools.count()
    given: dict[str, Any] = {"cases": CASES[kind], "clock": lambda: next(ticks) / 1000}
    return check(kind, Local(function), limit=LIMITS[kind], **(given | options))


def found(result: Result) -> set[tuple[str, str]]:
    """Give the checks that found something, with their level."""
    return {(problem.check, problem.level) for problem in result.problems}
