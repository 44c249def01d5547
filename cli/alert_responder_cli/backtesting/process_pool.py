"""Rate reports in several processes: a single one reads only about 600 reports per second."""

import multiprocessing
import signal
from collections.abc import Generator, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain, islice
from typing import ClassVar

from alert_responder_cli.backtesting.rerate import Rater, Work, in_order, rater
from alert_responder_cli.backtesting.stored_ratings import Rating
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.terminal.process import INTERRUPTED, end_now, end_with_parent

BATCH = 100
"""Number of reports that a process gets at a time."""

FEW = 500
"""Maximum number of reports to rate in this process: starting others would take longer."""


def rate_reports(work: Work, reports: Iterator[ReportSummary], processes: int) -> Generator[Rating]:
    """Rate reports while they are read; only those being rated are in memory.

    Parameters
    ----------
    work
        Its concurrent calls are divided among the processes.
    processes
        Maximum number of processes besides this one; 1: rate everything in this one.

    Raises
    ------
    CommandError
        See `rerate.rater`.
    """
    first = list(islice(reports, FEW + 1))
    if processes == 1 or len(first) <= FEW:
        with rater(work) as rate:
            yield from rate(chain(first, reports))
        return
    installation = replace(work.installation, access=work.installation.access.fixed())
    part = replace(work, installation=installation, at_once=max(1, round(work.at_once / processes)))
    # Spawn the processes: a forked one would inherit threads and connections.
    executor = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (part,))
    try:
        batches = in_order(executor, _rate, _batches(chain(first, reports)), 2 * processes)
        yield from chain.from_iterable(batches)
    except (KeyboardInterrupt, GeneratorExit):
        # The outstanding answers are no longer needed.
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    except BrokenProcessPool:
        raise CommandError("A process that rates reports ended unexpectedly, possibly for lack of memory.") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _batches(reports: Iterator[ReportSummary]) -> Iterator[list[ReportSummary]]:
    while batch := list(islice(reports, BATCH)):
        yield batch


class _WorkerProcess:
    """The state of a process of the pool."""

    opened: ClassVar = ExitStack()
    rate: ClassVar[Rater]


def _begin(work: Work) -> None:
    # The parent process handles interruptions.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: end_now(INTERRUPTED))
    end_with_parent()
    _WorkerProcess.rate = _WorkerProcess.opened.enter_context(rater(work))


def _rate(reports: list[ReportSummary]) -> list[Rating]:
    return list(_WorkerProcess.rate(reports))
