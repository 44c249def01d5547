"""Rate a stream of reports in several processes: one alone is busy with reading at some 600 a second."""

import multiprocessing
import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain, islice
from typing import ClassVar

from alert_responder_cli.backtesting.rerate import Rater, Work, rater
from alert_responder_cli.backtesting.stored_ratings import Rating
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.terminal.process import INTERRUPTED, end_now, end_with_parent

BATCH = 100
"""Reports a process is given at once."""

FEW = 500
"""Up to so many reports are rated in this process: others would take longer to start."""


def rate_reports(work: Work, reports: Iterator[ReportSummary], processes: int) -> Generator[Rating]:
    """Rate reports as they come; no more of them are held than are being rated.

    Parameters
    ----------
    work
        The calls at once are divided among the processes.
    processes
        At most so many beside this one; 1: all is done in this one.

    Raises
    ------
    CommandError
        See `rating.rater`.
    """
    first = list(islice(reports, FEW + 1))
    if processes == 1 or len(first) <= FEW:
        with rater(work) as rate:
            yield from rate(chain(first, reports))
        return
    installation = replace(work.installation, access=work.installation.access.fixed())
    part = replace(work, installation=installation, at_once=max(1, round(work.at_once / processes)))
    # The processes are started afresh: one that is forked would have this one's threads and connections.
    executor = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (part,))
    try:
        yield from _in_order(executor, _batches(chain(first, reports)), 2 * processes)
    except (KeyboardInterrupt, GeneratorExit):
        # Nobody waits for the answers that are still to come.
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    except BrokenProcessPool:
        raise CommandError("A process that rates reports has ended; there may be too little memory.") from None
    finally:
        executor.shutdown(cancel_futures=True)


def _in_order(executor: ProcessPoolExecutor, batches: Iterable[list[ReportSummary]], most: int) -> Iterator[Rating]:
    waiting: deque[Future[list[Rating]]] = deque()
    for batch in batches:
        waiting.append(executor.submit(_rate, batch))
        if len(waiting) == most:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


def _batches(reports: Iterator[ReportSummary]) -> Iterator[list[ReportSummary]]:
    while batch := list(islice(reports, BATCH)):
        yield batch


class _WorkerProcess:
    """What a process of the pool rates with, as long as it lives."""

    opened: ClassVar = ExitStack()
    rate: ClassVar[Rater]


def _begin(work: Work) -> None:
    # Who interrupts the command means the one process that waits for this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: end_now(INTERRUPTED))
    end_with_parent()
    _WorkerProcess.rate = _WorkerProcess.opened.enter_context(rater(work))


def _rate(reports: list[ReportSummary]) -> list[Rating]:
    return list(_WorkerProcess.rate(reports))
