"""Deliver a round to GitHub once: one issue per report and one comment per round, whatever requests are lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from alert_responder.contracts.primitives import SEVERITIES, Severity, is_worse, parse_rfc3339
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest, Report
from alert_responder_plugins.common.deadline import Deadline
from alert_responder_plugins.common.delivery_log import DeliveryLog
from alert_responder_plugins.common.errors import OutcomeUnknownError, ReceiverFailedError
from alert_responder_plugins.common.summary import inherits_state, needs_no_delivery, page_link
from alert_responder_plugins.github import comment, issue, markers
from alert_responder_plugins.github.errors import wait_for_request
from alert_responder_plugins.github.state import IssueState, next_state, read_state

SETTLED_SECONDS = (2.0, 5.0, 11.0)
"""Times after the start of a write whose response was lost at which its effect is looked for [s]. GitHub ends a request
after 10 s, so nothing changes after the last one."""

CLOCK_SKEW = timedelta(hours=1)
"""Maximum difference between the clocks of GitHub and AWS."""

_Made = TypeVar("_Made")


class Issue(Protocol):
    """An existing issue."""

    number: int
    url: str
    is_open: bool
    labels: Sequence[str]

    def edit(self, title: str, body: str, labels: Sequence[str], is_open: bool) -> None:
        """Change the issue; repeating it has no further effect."""
        ...

    def has_comment(self, marker: str, since: datetime | None) -> bool:
        """Whether the issue's author wrote a comment with this marker."""
        ...

    def comment(self, body: str) -> None:
        """Write a comment; raise `OutcomeUnknownError` if it may have been written."""
        ...


class Tracker(Protocol):
    """The issues of a repository."""

    def find(self, marker: str, since: datetime | None) -> Issue | None:
        """Return the oldest issue with this marker that was created since then."""
        ...

    def read(self, number: int) -> Issue | None:
        """Return an issue; None if it was deleted."""
        ...

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Create an issue; raise `OutcomeUnknownError` if it may have been created."""
        ...

    def ensure_label(self, name: str, severity: Severity) -> None:
        """Create a label unless it exists."""
        ...


@dataclass(frozen=True, slots=True)
class GithubEmitter:
    """Delivers to one repository.

    Attributes
    ----------
    repository
        Identifies the repository in the state: API address and `owner/name`.
    open_tracker
        Opens the repository for one delivery.
    forget_secret
        Called when GitHub rejects the credentials.
    """

    repository: str
    label_prefix: str
    log: DeliveryLog
    open_tracker: Callable[[], Tracker]
    forget_secret: Callable[[], None]
    deadline: Deadline

    def deliver(self, request: EmissionRequest) -> EmissionAnswer:
        """Create or update the report's issue, and write the round's comment.

        Repeating a delivery with the same `emission_id` results in the same issue and comment.

        Raises
        ------
        ReceiverRefusedError, ReceiverFailedError, SettingsFaultError
            The delivery failed. The next attempt finds what this one created.
        """
        self.deadline.restart()
        # A failed attempt stays in the log, because it may have created the issue or the comment.
        return self.log.deliver_once(
            request.emission_id,
            lambda repeated: self._attempt(request, repeated),
            self.forget_secret,
            forget_failed=False,
        )

    def _attempt(self, request: EmissionRequest, repeated: bool) -> EmissionAnswer:
        report, state = request.report, read_state(request.state, self.repository)
        if needs_no_delivery(request) and not repeated:
            return EmissionAnswer()
        tracker = self.open_tracker()
        severity = report.result.severity
        title, body = issue.title(report), issue.body(report, page_link(request))
        label = self._label(severity)
        tracker.ensure_label(label, severity)

        existing = self._existing(tracker, report, state, repeated)
        if existing is None and report.status == "resolved":
            # A resolved report never opens an issue.
            return EmissionAnswer(state=state.as_json() if state else None)
        if existing is None:
            existing = self._once(
                lambda: tracker.create(title, body, [label]),
                lambda: tracker.find(markers.of_report(report.id), _since(report)),
            )
            if severity == "safe":
                existing.edit(title, body, self._labels(existing, label), is_open=False)
        else:
            # The issue of a resolved report was closed by the emitter, and that of the previous report may be old.
            is_known = state is not None and state.status == "active" and not inherits_state(request)
            before = state.severity if state and is_known else None
            is_open = report.status == "active" and stays_open(existing.is_open, before, severity)
            existing.edit(title, body, self._labels(existing, label), is_open)

        self._comment(existing, request, state, repeated)
        answer = next_state(report, self.repository, existing.number).as_json()
        return EmissionAnswer(state=answer, url=existing.url)

    def _existing(self, tracker: Tracker, report: Report, state: IssueState | None, repeated: bool) -> Issue | None:
        """Find the report's issue, if there is one."""
        existing = tracker.read(state.issue) if state else None
        if existing is None and (repeated or report.round > 1):
            # An earlier attempt or round with an unknown outcome may have created it.
            existing = tracker.find(markers.of_report(report.id), _since(report))
        return existing

    def _comment(self, existing: Issue, request: EmissionRequest, state: IssueState | None, repeated: bool) -> None:
        report, marker = request.report, markers.of_emission(request.emission_id)
        since = _since(report)
        if repeated and existing.has_comment(marker, since):
            return
        before = state.severity if state else None
        # The state of another issue does not describe the comments of this one.
        shown = state.findings if state and state.issue == existing.number else frozenset[str]()
        text = comment.comment(report, request.emission_id, before, shown)

        def write() -> bool:
            existing.comment(text)
            return True

        self._once(write, lambda: existing.has_comment(marker, since) or None)

    def _label(self, severity: Severity) -> str:
        return f"{self.label_prefix}{severity}"

    def _labels(self, existing: Issue, label: str) -> list[str]:
        """Return the issue's labels, with the severity's label in place of those of other severities."""
        severity_labels = {self._label(severity).lower() for severity in SEVERITIES}
        return sorted({*(name for name in existing.labels if name.lower() not in severity_labels), label})

    def _once(self, write: Callable[[], _Made], find: Callable[[], _Made | None], retries: int = 1) -> _Made:
        """Write once: if the outcome is unknown, look for the result, and write again once nothing can change any more.

        If that fails as well, nothing can change any more either: the next attempt only has to look for the result.
        """
        started = self.deadline.elapsed()
        try:
            return write()
        except OutcomeUnknownError:
            try:
                result = self._settled(started, find)
            except ReceiverFailedError:
                self.deadline.sleep(started + SETTLED_SECONDS[-1] - self.deadline.elapsed())
                raise
            if result is not None:
                return result
            if retries == 0:
                raise
        return self._once(write, find, retries - 1)

    def _settled(self, started: float, find: Callable[[], _Made | None]) -> _Made | None:
        """Look for the result of a write until nothing can change any more."""
        passed = self.deadline.elapsed() - started
        for since in [since for since in SETTLED_SECONDS if since > passed] or [passed]:
            wait_for_request(self.deadline, max(started + since - self.deadline.elapsed(), 0.0))
            result = find()
            if result is not None:
                return result
        return None


def stays_open(is_open: bool, before: Severity | None, now: Severity) -> bool:
    """Whether an issue is open after a round.

    The issue of a safe report is closed. A closed issue is reopened if the severity is worse than in the last delivered
    round, or that one is unknown; otherwise it stays closed, because somebody closed it by hand.
    """
    if now == "safe":
        return False
    return is_open or before is None or is_worse(now, before)


def _since(report: Report) -> datetime | None:
    """Return the earliest time at which the issue can have been created; None if the report has no valid time."""
    try:
        opened = parse_rfc3339(report.created_at)
    except ValueError:
        return None
    return None if opened is None else opened - CLOCK_SKEW
