"""Read stored reports and rate them with another reviewer, concurrently."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import LifoQueue
from typing import Any, TypeVar

from pydantic import ValidationError

from alert_responder.contracts.report import Report, ReviewAnswer
from alert_responder.domain.completeness import published_severity
from alert_responder.domain.plugin_answers import InvalidAnswerError, read_review
from alert_responder.domain.suppressions import obstacle
from alert_responder.errors import PluginError
from alert_responder.store.archive_keys import report_key
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.aws.objects import read_object
from alert_responder_cli.backtesting.stored_ratings import (
    UNRATED,
    Rating,
    StoredRound,
    UnreadableError,
    read_stored_round,
)
from alert_responder_cli.checking.lambda_target import LambdaTarget
from alert_responder_cli.checking.target import Target
from alert_responder_cli.checking.target_factory import local_target
from alert_responder_cli.checking.targets import LambdaFunction, LocalFunction
from alert_responder_cli.policy.reviewer import DatedPolicy
from alert_responder_cli.reports.summary import ReportSummary

REVIEWER_SECONDS = 60
"""Time limit of an answer, as in production [s]."""

READERS = 16
"""Number of concurrent reads: S3 takes about 30 ms to answer, and a report has at most 5 MB."""

_SPARE_SECONDS = 15

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Work:
    """The installation, and the reviewer to test.

    Attributes
    ----------
    at_once
        Number of concurrent calls of the reviewer.
    """

    installation: Installation
    reviewer: LambdaFunction | LocalFunction | DatedPolicy
    at_once: int


Rater = Callable[[Iterable[ReportSummary]], Iterator[Rating]]
"""Rates reports in order; reads no more of them than are being rated."""


@contextmanager
def rater(work: Work) -> Generator[Rater]:
    """Create a rater; the processes of a local function end with the context.

    Raises
    ------
    CommandError
        During use: the function cannot be loaded or called, or a permission is missing.
    """
    readers = max(READERS, work.at_once)
    client = work.installation.client("s3", max_pool_connections=readers)
    with ExitStack() as stack:
        free: LifoQueue[Target] = LifoQueue()
        for target in _targets(work, stack):
            free.put(target)
        executor = ThreadPoolExecutor(readers)
        # Shut down before the targets end, so that no call is waiting.
        stack.callback(executor.shutdown, cancel_futures=True)

        def rate(report: ReportSummary) -> Rating:
            key = report_key(report.report_id, report.round or 0)
            document = read_object(client, work.installation.archive_bucket, key)
            if document is None:
                return _without(report, "missing", "The report is not in the archive.")
            # Parse it only when a target is free: until then it waits as bytes, which need less memory.
            target = free.get()
            try:
                return _rated(report, read_stored_round(document), target)
            except UnreadableError:
                return _without(report, "unreadable", "The object in the archive is not a report.")
            finally:
                free.put(target)

        yield lambda reports: in_order(executor, rate, reports, 2 * readers)


def in_order(
    executor: Executor, function: Callable[[_Item], _Result], items: Iterable[_Item], most: int
) -> Iterator[_Result]:
    """Call a function with all items concurrently, at most `most` at a time; yield the results in order."""
    waiting: deque[Future[_Result]] = deque()
    for item in items:
        waiting.append(executor.submit(function, item))
        if len(waiting) == most:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _targets(work: Work, stack: ExitStack) -> list[Target]:
    reviewer = work.reviewer
    if isinstance(reviewer, DatedPolicy):
        return [reviewer.reviewer()] * work.at_once
    if not isinstance(reviewer, LambdaFunction):
        return [stack.enter_context(local_target(reviewer)) for _ in range(work.at_once)]
    client = work.installation.client(
        "lambda",
        connect_timeout=5,
        read_timeout=REVIEWER_SECONDS + _SPARE_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 1},
        max_pool_connections=work.at_once,
    )
    return [LambdaTarget(client, reviewer.function) for _ in range(work.at_once)]


def _rated(report: ReportSummary, stored: StoredRound, target: Target) -> Rating:
    try:
        answer = read_review(target.call(stored.given, REVIEWER_SECONDS))
    except PluginError as error:
        return Rating(report, stored.rate, stored.reason, UNRATED, "", (error.outcome, error.reason))
    except InvalidAnswerError as error:
        return Rating(report, stored.rate, stored.reason, UNRATED, "", ("invalid", error.reason))
    broken = _breakthrough(answer, stored.given)
    return Rating(
        report,
        stored.rate,
        stored.reason,
        published_severity(answer.severity, complete=stored.given.get("complete", True), breakthrough=broken),
        answer.reason,
        was_suppressed=stored.is_suppressed,
        now_suppressed=answer.suppressed is not None and broken is None,
        labels_changed=stored.labels != frozenset(answer.labels),
    )


def _breakthrough(answer: ReviewAnswer, given: Mapping[str, Any]) -> str | None:
    """Return why the core would not apply the suppression of an answer."""
    if not answer.suppressed:
        return None
    try:
        return obstacle(Report.model_validate(given, extra="ignore"), answer.suppressed)
    except ValidationError:
        raise UnreadableError from None


def _without(report: ReportSummary, outcome: str, reason: str) -> Rating:
    return Rating(report, None, "", UNRATED, "", (outcome, reason))
