"""Old and new ratings side by side: counts of all of them, and of what changed the newest. Pure."""

from collections import Counter
from itertools import chain

from pydantic import BaseModel, ConfigDict

from alert_responder_cli.backtesting.stored_ratings import UNRATED, Rate, Rating

RATES: tuple[Rate, ...] = ("urgent", "unclassified", "unrated", "safe")
"""From the worst on. Changes are listed from what was worst to what would be best: what would be missed comes first."""

MAX_TROUBLES = 100
"""Most reasons without a rating that are told apart."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Cell(_Value):
    """How many reports were rated so, and are now."""

    was: Rate
    now: Rate
    reports: int


class Change(_Value):
    """A report that is rated otherwise now."""

    report_id: str
    title: str
    detector: str
    rule_id: str
    created_at: str
    was: Rate
    now: Rate
    old_reason: str
    new_reason: str


class Trouble(_Value):
    """Why reports have no rating.

    Attributes
    ----------
    outcome
        `error`, `throttled`, `timeout` or `invalid`, as in production: the reviewer; `missing` or `unreadable`: the
        archive, and the report is compared with nothing.
    example
        The newest of these reports.
    """

    outcome: str
    reason: str
    reports: int
    example: str


class Backtest(_Value):
    """What another reviewer would have changed.

    Attributes
    ----------
    since, until
        When the reports were opened [RFC 3339].
    reports
        Those that were compared.
    not_reviewed
        Reports that no round of theirs has been published of yet.
    changed
        How many are rated otherwise, those that only the one or only the other reviewer rated included.
    reasons_changed
        Of those that are not, how many have another reason.
    cells
        All pairs that there are, what would be missed first.
    changes
        The newest of each pair; `changed` counts all.
    troubles
        Reports without a new rating, by reason, at most `MAX_TROUBLES` reasons.
    troubled
        How many reports these are, whatever the reason.
    """

    reviewer: str
    since: str
    until: str
    reports: int
    not_reviewed: int
    changed: int
    reasons_changed: int
    cells: tuple[Cell, ...]
    changes: tuple[Change, ...]
    troubles: tuple[Trouble, ...]
    troubled: int

    def count(self, was: Rate, now: Rate) -> int:
        """Say how many reports were rated so, and are now."""
        return sum(cell.reports for cell in self.cells if (cell.was, cell.now) == (was, now))


class Comparison:
    """Takes one rating after the other, newest report first.

    Parameters
    ----------
    most
        How many changed reports of each pair of ratings are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: Counter[tuple[Rate, Rate]] = Counter()
        self._changes: dict[tuple[Rate, Rate], list[Change]] = {}
        self._troubles: dict[tuple[str, str], Trouble] = {}
        self._troubled = self._reasons_changed = 0

    def add(self, rating: Rating) -> None:
        """Take one."""
        if rating.trouble:
            self._note(rating.report.report_id, *rating.trouble)
        if rating.was is None:
            return
        pair = rating.was, rating.now
        self._pairs[pair] += 1
        if rating.was == rating.now:
            self._reasons_changed += rating.now != UNRATED and rating.old_reason != rating.new_reason
            return
        kept = self._changes.setdefault(pair, [])
        if len(kept) < self._most:
            kept.append(_change(rating, *pair))

    def result(self, reviewer: str, since: str, until: str, not_reviewed: int) -> Backtest:
        """Sum up."""
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
            # A function's own words may be others each time.
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
