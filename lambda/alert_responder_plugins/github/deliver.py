"""What is done for a delivery: one issue for each report, one comment for each round, whatever was lost when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from alert_responder.contracts.primitives import SEVERITIES, Severity, is_worse, parse_rfc3339
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest, Report
from alert_responder_plugins.common.delivery_log import Memory
from alert_responder_plugins.common.errors import ReceiverFailedError
from alert_responder_plugins.common.summary import page_link
from alert_responder_plugins.github import comment, issue, markers
from alert_responder_plugins.github.budget import Budget
from alert_responder_plugins.github.state import Told, read_told, told_now

SETTLED_SECONDS = (2.0, 5.0, 11.0)
"""When it is looked for what a write whose answer was lost has left, since the write began [s]: GitHub ends what it has
worked on for 10 s, so that nothing comes after the last look."""

CLOCKS_DIFFER = timedelta(hours=1)
"""How far our clocks and GitHub's may be apart."""

_Made = TypeVar("_Made")


class UnknownEndError(ReceiverFailedError):
    """A write was sent, and nobody knows whether it was taken."""


class Issue(Protocol):
    """An issue there is."""

    number: int
    url: str
    is_open: bool
    labels: Sequence[str]

    def edit(self, title: str, body: str, labels: Sequence[str], is_open: bool) -> None:
        """Change it; the same change twice is one."""
        ...

    def has_comment(self, marker: str, since: datetime | None) -> bool:
        """Tell whether the issue's author has written a comment with this mark."""
        ...

    def comment(self, body: str) -> None:
        """Write a comment; raise `UnknownEndError` if nobody knows whether it was written."""
        ...


class Tracker(Protocol):
    """A repository, for the time of one delivery."""

    def find(self, marker: str, since: datetime | None) -> Issue | None:
        """Return the oldest issue with this mark, of those made since then."""
        ...

    def read(self, number: int) -> Issue | None:
        """Return an issue; None if it is gone."""
        ...

    def create(self, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Make an issue; raise `UnknownEndError` if nobody knows whether it was made."""
        ...

    def make_label(self, name: str, severity: Severity) -> None:
        """See to it that there is a label."""
        ...


@dataclass(frozen=True, slots=True)
class Emitting:
    """Tells of reports in one repository.

    Attributes
    ----------
    repository
        What tells this repository from others in the state: the API's address and `owner/name`.
    open_tracker
        Opens the repository for one delivery.
    new_budget
        Begins the time of a delivery.
    """

    repository: str
    label_prefix: str
    once: Memory
    open_tracker: Callable[[Budget], Tracker]
    new_budget: Callable[[], Budget] = Budget

    def emit(self, request: EmissionRequest) -> EmissionAnswer:
        """Make or update the report's issue, and write the round's comment.

        However often it is called for one `emission_id`, there is one issue and one comment.

        Raises
        ------
        ReceiverRefusedError, ReceiverFailedError, SettingsFaultError
            When it could not be done; what was done is found again by the next try.
        """
        budget = self.new_budget()
        before = self.once.begin(request.emission_id)
        if before is not None and before.answer is not None:
            return EmissionAnswer.model_validate(before.answer)
        answer = self._tell(request, budget, tried=before is not None)
        self.once.done(request.emission_id, answer.model_dump(mode="json"))
        return answer

    def _tell(self, request: EmissionRequest, budget: Budget, tried: bool) -> EmissionAnswer:
        report, told = request.report, read_told(request.state, self.repository)
        tracker = self.open_tracker(budget)
        severity = report.result.severity
        title, body = issue.title(report), issue.body(report, page_link(request))
        label = self._label(severity)
        tracker.make_label(label, severity)

        known = self._known(tracker, report, told, tried)
        if known is None:
            known = _surely(
                budget,
                lambda: tracker.create(title, body, [label]),
                lambda: tracker.find(markers.of_report(report.id), _since(report)),
            )
            if severity == "safe":
                known.edit(title, body, self._labels(known, label), is_open=False)
        else:
            is_open = stays_open(known.is_open, told.severity if told else None, severity)
            known.edit(title, body, self._labels(known, label), is_open)

        self._comment(budget, known, request, told, tried)
        state = told_now(report, self.repository, known.number).as_state()
        return EmissionAnswer(state=state, url=known.url)

    def _known(self, tracker: Tracker, report: Report, told: Told | None, tried: bool) -> Issue | None:
        """Find the report's issue, if there is one."""
        found = tracker.read(told.issue) if told else None
        if found is None and (tried or report.round > 1):
            # An earlier try or round has made it perhaps, and its end is not known.
            found = tracker.find(markers.of_report(report.id), _since(report))
        return found

    def _comment(self, budget: Budget, known: Issue, request: EmissionRequest, told: Told | None, tried: bool) -> None:
        report, marker = request.report, markers.of_emission(request.emission_id)
        since = _since(report)
        if tried and known.has_comment(marker, since):
            return
        before = told.severity if told else None
        # Only what stands in the comments of this very issue has been told in it.
        shown = told.findings if told and told.issue == known.number else frozenset[str]()
        text = comment.comment(report, request.emission_id, before, shown)

        def write() -> bool:
            known.comment(text)
            return True

        _surely(budget, write, lambda: known.has_comment(marker, since) or None)

    def _label(self, severity: Severity) -> str:
        return f"{self.label_prefix}{severity}"

    def _labels(self, known: Issue, label: str) -> list[str]:
        """Return all labels the issue is to have: its own, but of ours the one that holds."""
        ours = {self._label(severity).lower() for severity in SEVERITIES}
        return sorted({*(name for name in known.labels if name.lower() not in ours), label})


def stays_open(is_open: bool, before: Severity | None, now: Severity) -> bool:
    """Tell whether an issue is to be open.

    A safe one is closed. A closed one is opened again when it has become worse than last told, or when nobody knows
    what was last told; else whoever closed it is left the last word.
    """
    if now == "safe":
        return False
    return is_open or before is None or is_worse(now, before)


def _surely(budget: Budget, write: Callable[[], _Made], look: Callable[[], _Made | None], more: int = 1) -> _Made:
    """Write once: where nobody knows whether it was taken, look, and write again when nothing can come any more.

    Where it fails nothing can come any more either, so that whoever tries again has only to look.
    """
    began = budget.passed()
    try:
        return write()
    except UnknownEndError:
        try:
            found = _settled(budget, began, look)
        except ReceiverFailedError:
            budget.sleep(began + SETTLED_SECONDS[-1] - budget.passed())
            raise
        if found is not None:
            return found
        if more == 0:
            raise
    return _surely(budget, write, look, more - 1)


def _settled(budget: Budget, began: float, look: Callable[[], _Made | None]) -> _Made | None:
    """Look for what a write has left, until nothing can come any more."""
    passed = budget.passed() - began
    for since in [since for since in SETTLED_SECONDS if since > passed] or [passed]:
        budget.wait(max(began + since - budget.passed(), 0.0))
        found = look()
        if found is not None:
            return found
    return None


def _since(report: Report) -> datetime | None:
    """Return when the report's issue was made at the earliest; None where the report does not say."""
    try:
        opened = parse_rfc3339(report.created_at)
    except ValueError:
        return None
    return None if opened is None else opened - CLOCKS_DIFFER
