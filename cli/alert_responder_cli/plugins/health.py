"""Outcomes and times of the last calls of plug-ins, from the newest reports."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from alert_responder.store import items, keys
from alert_responder_cli.aws.dynamodb_pages import report_items
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import ReportQuery

if TYPE_CHECKING:
    pass

MAX_REPORTS = 100
"""Maximum number of reports to read; they may contain fewer calls than requested of a plug-in that is rarely called."""

REVIEWER = ("reviewer", "")
"""The reviewer as a plug-in: there is only one, and reviews do not store its name."""

_DAYS = 7
_CONNECTIONS = 8
_FIELDS = ("sk", "outcome", "reason", "claimed", "ended", "attempts", "took", "result")
_ANSWERED = frozenset({"ok", "empty", "late"})
_NO_CALLS = frozenset({"cached", "skipped", "superseded"})

Plugin = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True)
class Call:
    """A lookup, review or delivery.

    Attributes
    ----------
    seconds
        Its duration; None: unknown, or no time was left for the call.
    """

    plugin: Plugin
    report_id: str
    outcome: str
    seconds: float | None
    reason: str | None


class Health(BaseModel, frozen=True):
    """Summary of the last calls of a plug-in.

    Attributes
    ----------
    calls, answered, throttled, failed
        Number of lookups, reviews or deliveries, and of those that were answered, throttled or failed otherwise.
    outcomes
        Number of calls by outcome.
    median_seconds, p95_seconds, longest_seconds
        Durations, as far as they are known; None: all are unknown.
    last_failure, last_failure_report_id
        Reason and report of the newest call without an answer, or None.
    """

    calls: int
    answered: int
    throttled: int
    failed: int
    outcomes: dict[str, int]
    median_seconds: float | None
    p95_seconds: float | None
    longest_seconds: float | None
    last_failure: str | None
    last_failure_report_id: str | None


def health(calls: Sequence[Call]) -> Health:
    """Summarise the calls of one plug-in, newest first."""
    outcomes = Counter(call.outcome for call in calls)
    answered = sum(outcomes[outcome] for outcome in _ANSWERED)
    times = sorted(call.seconds for call in calls if call.seconds is not None)
    failure = next((call for call in calls if call.outcome not in _ANSWERED), None)
    return Health(
        calls=len(calls),
        answered=answered,
        throttled=outcomes["throttled"],
        failed=len(calls) - answered - outcomes["throttled"],
        outcomes=dict(sorted(outcomes.items())),
        median_seconds=_part(times, 0.5),
        p95_seconds=_part(times, 0.95),
        longest_seconds=_part(times, 1),
        last_failure=(failure.reason or failure.outcome) if failure else None,
        last_failure_report_id=failure.report_id if failure else None,
    )


def last_calls(
    installation: Installation,
    wanted: Collection[Plugin],
    most: int,
    now: int,
    on_progress: Callable[[], None] = lambda: None,
) -> dict[Plugin, list[Call]]:
    """Read the last calls of plug-ins, the newest report first.

    Reads reports of the last seven days, newest first, until there are enough calls of each plug-in, at most
    `MAX_REPORTS`.

    Parameters
    ----------
    most
        Maximum number of calls per plug-in.
    now
        The current time [ms since the epoch].
    on_progress
        Called for each report.

    Raises
    ------
    CommandError
        The table or the index cannot be read (`dynamodb:Query`).
    """
    found: dict[Plugin, list[Call]] = {plugin: [] for plugin in wanted}
    listed = newest(installation, ReportQuery(now - _DAYS * 86_400_000, now, limit=MAX_REPORTS), now)
    client = installation.client("dynamodb", max_pool_connections=_CONNECTIONS)

    def look(report_id: str) -> list[Call]:
        read = list(_calls(report_items(client, installation.table, report_id, _FIELDS), report_id))
        on_progress()
        return read

    with ThreadPoolExecutor(_CONNECTIONS) as executor:
        ids = [report.report_id for report in listed.reports]
        for start in range(0, len(ids), _CONNECTIONS):
            for calls in executor.map(look, ids[start : start + _CONNECTIONS]):
                for call in calls:
                    if call.plugin in found and len(found[call.plugin]) < most:
                        found[call.plugin].append(call)
            if all(len(calls) == most for calls in found.values()):
                break
    return found


def _calls(stored: Sequence[dict[str, Any]], report_id: str) -> Iterator[Call]:
    """Yield a report's calls, the newest of each plug-in first."""
    tasks = [item for item in stored if item["sk"].startswith(keys.LOOKUPS) and "ended" in item]
    for item in sorted(tasks, key=lambda item: (item["ended"], item["sk"]), reverse=True):
        took = item["ended"] - item["claimed"] if "claimed" in item else None
        inspector = str(item["sk"]).removeprefix(keys.LOOKUPS).rpartition("/")[0]
        yield from _call(("inspector", inspector), report_id, item, took, item.get("reason"))
    # Their sort keys end with the round number.
    for item in sorted(stored, key=lambda item: str(item["sk"]), reverse=True):
        if item["sk"].startswith(keys.DELIVERIES) and item.get("attempts"):
            emitter = str(item["sk"]).removeprefix(keys.DELIVERIES).rpartition("/")[0]
            yield from _call(("emitter", emitter), report_id, item, item.get("took"), item.get("reason"))
        elif item["sk"].startswith("review/") and "result" in item:
            reason = items.unpack(bytes(item["result"])).get("reason")
            yield from _call(REVIEWER, report_id, item, item.get("took"), reason)


def _call(
    plugin: Plugin, report_id: str, item: dict[str, Any], milliseconds: int | None, reason: str | None
) -> Iterator[Call]:
    outcome = item.get("outcome")
    if outcome and outcome not in _NO_CALLS:
        yield Call(plugin, report_id, outcome, None if milliseconds is None else milliseconds / 1000, reason)


def _part(ordered: Sequence[float], share: float) -> float | None:
    """Return the quantile of sorted values, or None if there are none."""
    return ordered[ceil(share * len(ordered)) - 1] if ordered else None
