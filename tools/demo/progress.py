"""Show the progress of the reports."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from rich.live import Live

from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.counts import count
from tools.report_display import line, status_table
from tools.report_reader import Reader, ReportStatus
from tools.steps import Steps

_DEADLINE_SECONDS = 120
_PAUSE_SECONDS = 0.3


def watch(
    steps: Steps, reader: Reader, done: Callable[[Sequence[ReportStatus], dict[str, Any]], bool]
) -> tuple[list[ReportStatus], dict[str, Any]]:
    """Show the status of all reports until `done`: a live table at a terminal, elsewhere a line for each change.

    Parameters
    ----------
    done : Callable
        Is called with the statuses and the rejected records, and returns whether to stop.

    Returns
    -------
    tuple
        The statuses and the rejected records, when done or after two minutes.
    """
    start = time.monotonic()
    last: dict[str, str] = {}
    with ExitStack() as stack:
        live = None
        if steps.console.is_terminal:
            live = stack.enter_context(Live(console=steps.console, refresh_per_second=4))
        while True:
            statuses, rejected = reader.statuses(), reader.rejected()
            if live:
                live.update(status_table(statuses, most_lines=steps.console.height - 1))
            for status in statuses:
                now = f"round {status.head.round}, {count(status.alert_count, 'alert')}, {status.step()}"
                if not live and last.get(status.report_id) != now:
                    passed = f"  {time.monotonic() - start:5.1f} s  "
                    steps.console.print(line(passed, plain(status.title, 50), f": {now}"))
                last[status.report_id] = now
            if done(statuses, rejected) or time.monotonic() - start > _DEADLINE_SECONDS:
                break
            time.sleep(_PAUSE_SECONDS)
    if not live:
        steps.console.print(status_table(statuses))
    return statuses, rejected
