"""Compare old and new ratings: count all of them, and collect the newest changes. Pure."""

from collections import Counter
from itertools import chain

from pydantic import BaseModel

from alert_responder_cli.backtesting.stored_ratings import UNRATED, Rate, Rating

RATES: tuple[Rate, ...] = ("urgent", "unclassified", "unrated", "safe")
"""Worst first. Changes are listed from the worst old to the best new rating, so that missed incidents come first."""

MAX_TROUBLES = 100
"""Maximum number of different reasons for missing ratings to list."""


class Cell(BaseModel, frozen=True):
    """The number of reports with an old and a new rating."""

    was: Rate
    now: Rate
    reports: int


class Change(BaseModel, frozen=True):
    """A report whose rating changes."""

    report_id: str
    title: str
    detector: str
    rule_id: str
    created_at: str
    was: Rate
    now: Rate
    old_reason: str
    new_reason: str


class Trouble(BaseModel, frozen=True):
    """A reason for missing ratings.

    Attributes
    ----------
    outcome
        `error`, `throttled`, `timeout` or `invalid`, as in production: the reviewer failed; `missing` or `unreadable`:
        the archived report cannot be read.
    example
        The newest of these reports.
    """

    outcome: str
    reason: str
    reports: int
    example: str


class Backtest(BaseModel, frozen=True):
    """The result of a backtest.

    Attributes
    ----------
    since, until
        Period in which the reports were opened [RFC 3339].
    reports
        Number of compared reports.
    not_reviewed
        Number of reports without a published round.
    changed
        Number of different ratings, including reports that only one of the reviewers rated.
    reasons_changed
        Number of equal ratings with a different reason.
    newly_suppressed, no_longer_suppressed, labels_changed
        Numbers of reports, whatever their rating.
    cells
        All pairs of ratings that occur, missed incidents first.
    changes
        The newest reports of each pair; `changed` counts all.
    troubles
        Reasons for missing new ratings, at most `MAX_TROUBLES`.
    troubled
        Number of reports without a new rating.
    """

    reviewer: str
    since: str
    until: str
    reports: int
    not_reviewed: int
    changed: int
    reasons_changed: int
    newly_suppressed: int = 0
    no_longer_suppressed: int = 0
    labels_changed: int = 0
    cells: tuple[Cell, ...]
    changes: tuple[Change, ...]
    troubles: tuple[Trouble, ...]
    troubled: int

    def count(self, was: Rate, now: Rate) -> int:
        """Return the number of reports with an old and a new rating."""
        return sum(cell.reports for cell in self.cells if (cell.was, cell.now) == (was, now))


class Comparison:
    """Collects ratings, newest report first.

    Parameters
    ----------
    most
        Maximum number of changed reports to keep for each pair of ratings.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: Counter[tuple[Rate, Rate]] = Counter()
        self._changes: dict[tuple[Rate, Rate], list[Change]] = {}
        self._troubles: dict[tuple[str, str], Trouble] = {}
        self._troubled = self._reasons_changed = 0
        self._newly_suppressed = self._no_longer_suppressed = self._labels_changed = 0

    def add(self, rating: Rating) -> None:
        """Add a rating."""
        if rating.trouble:
            self._note(rating.report.report_id, *rating.trouble)
        if rating.was is None:
            return
        pair = rating.was, rating.now
        self._pairs[pair] += 1
        self._newly_suppressed += rating.now_suppressed and not rating.was_suppressed
        self._no_longer_suppressed += rating.was_suppressed and not rating.now_suppressed
        self._labels_changed += rating.labels_changed
        if rating.was == rating.now:
            self._reasons_changed += rating.now != UNRATED and rating.old_reason != rating.new_reason
            return
        kept = self._changes.setdefault(pair, [])
        if len(kept) < self._most:
            kept.append(_change(rating, *pair))

    def result(self, reviewer: str, since: str, until: str, not_reviewed: int) -> Backtest:
        """Summarise the ratings."""
        pairs: list[tuple[Rate, Rate]] = [
            (was, now) for was in RATES for now in reversed(RATES) if self._pairs[was, now]
        ]
        return Backtest(
            reviewer=reviewer,
            since=since,
            until=until,
            reports=self._pairs.total(),
            not_reviewed=not_reviewed,
            changed=sum(self._pairs[was, now] for was, now in pairs if was != now),
            reasons_changed=self._reasons_changed,
            newly_suppressed=self._newly_suppressed,
            no_longer_suppressed=self._no_longer_suppressed,
            labels_changed=self._labels_changed,
            cells=tuple(Cell(was=was, now=now, reports=self._pairs[was, now]) for was, now in pairs),
            changes=tuple(chain.from_iterable(self._changes.get(pair, ()) for pair in pairs)),
            troubles=tuple(sorted(self._troubles.values(), key=lambda trouble: -trouble.reports)),
            troubled=self._troubled,
        )

    def _note(self, report_id: str, outcome: str, reason: str) -> None:
        self._troubled += 1
        known = self._troubles.get((outcome, reason))
        if known:
            self._troubles[outcome, reason] = known.model_copy(update={"reports": known.reports + 1})
        elif len(self._troubles) < MAX_TROUBLES:
            # The messages of a function may differ with each call.
            self._troubles[outcome, reason] = Trouble(outcome=outcome, reason=reason, reports=1, example=report_id)


def _change(rating: Rating, was: Rate, now: Rate) -> Change:
    report = rating.report
    return Change(
        report_id=report.report_id,
        title=report.title,
        detector=report.detector,
        rule_id=report.rule_id,
        created_at=report.created_at,
        was=was,
        now=now,
        old_reason=rating.old_reason,
        new_reason=rating.new_reason,
    )
