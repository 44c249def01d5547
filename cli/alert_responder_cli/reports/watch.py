"""How the newest reports stand, again and again."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.store import keys
from alert_responder.store.table import Item
from alert_responder_cli.aws.access import refusals_explained
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import Wanted
from alert_responder_cli.reports.status import Standing, read_stored


class Seen(BaseModel):
    """How a report stood when it was looked at; `told` has emitters and how they were told in this round."""

    model_config = ConfigDict(frozen=True)

    report_id: str
    title: str
    alert_count: int
    round: int
    step: str
    severity: str
    reviewed: bool
    told: dict[str, str]
    alert_key: str = ""


class Look(NamedTuple):
    """How the newest reports stood at one time.

    Attributes
    ----------
    standings
        One for each report, the newest last.
    left_out
        Whether the limit leaves out older ones that were opened in the hours that are looked at.
    """

    standings: list[Standing]
    left_out: bool


class Watch:
    """Looks at the newest reports; a settled one is read anew only when something of it has changed.

    Parameters
    ----------
    made
        The installation; `dynamodb:Query` on its table and index is needed.
    hours
        Reports opened so long ago are looked at.
    limit
        And at most so many.
    """

    def __init__(self, made: Installation, hours: int, limit: int) -> None:
        self._made = made
        self._table = DynamoDBTable(made.client("dynamodb"), made.table)
        self._hours, self._limit = hours, limit
        self._settled: dict[str, tuple[Item, Standing]] = {}

    def look(self, now: int) -> Look:
        """Say how they stand [now: ms since the epoch]."""
        # One more than is shown tells whether there are more.
        listed = newest(self._made, Wanted(now - self._hours * 3_600_000, now, limit=self._limit + 1), now).reports
        ids = [report.report_id for report in reversed(listed[: self._limit])]
        with refusals_explained():
            heads = self._table.get_many([keys.head(report_id) for report_id in ids])
            standings = {
                report_id: self._standing(report_id, heads[keys.head(report_id)])
                for report_id in ids
                if keys.head(report_id) in heads
            }
        self._settled = {
            report_id: (heads[keys.head(report_id)], standing)
            for report_id, standing in standings.items()
            if standing is not None and standing.head.state != "open"
        }
        found = [standing for standing in standings.values() if standing is not None]
        return Look(found, left_out=len(listed) > self._limit)

    def _standing(self, report_id: str, head: Item) -> Standing | None:
        known, standing = self._settled.get(report_id, (None, None))
        if standing is not None and known == head:
            return standing
        stored = read_stored(self._table, report_id)
        return stored.standing if stored else None


def seen(standing: Standing) -> Seen:
    """Turn a standing into what is printed as JSON."""
    now: dict[str, Any] = {
        delivery.emitter: delivery.outcome or "open"
        for delivery in standing.deliveries
        if delivery.round == standing.head.round
    }
    return Seen(
        report_id=standing.report_id,
        title=standing.title,
        alert_count=standing.alert_count,
        round=standing.head.round,
        step=standing.step(),
        severity=standing.severity,
        reviewed=standing.reviewed_round > 0,
        told=now,
        alert_key=standing.alert_key,
    )


def changes(standings: Iterable[list[Standing]]) -> Iterator[Seen]:
    """Yield each report that is new or stands otherwise than before."""
    last: dict[str, Seen] = {}
    for found in standings:
        for standing in found:
            one = seen(standing)
            if last.get(one.report_id) != one:
                last[one.report_id] = one
                yield one
