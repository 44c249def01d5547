"""Actions in the transactions that store alerts: admission counters, and windows in overflow reports."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_responder.domain.admission import HOUR_MS, Counter
from alert_responder.domain.records import Window
from alert_responder.store import items, keys
from alert_responder.store.reports import Retention
from alert_responder.store.table import Action, Condition, Put, Update, absent_or_below

LINK_ACTIONS = 2
"""Maximum number of actions for one alert id in a transaction."""


class Link(NamedTuple):
    """The decision that an alert id's alerts go to an overflow report until its hour is over.

    Attributes
    ----------
    window
        Window of the alert id in that report.
    newest, unchanged
        The window that it replaces, and the condition that it is as it was read.
    """

    alert_id: str
    window: Window
    newest: Window | None
    unchanged: Condition


def count(counters: Iterable[Counter], retention: Retention) -> list[Action]:
    """Count a new report, with one action for each counter; the condition fails if the counter is full."""
    return [
        Update(
            keys.admission(counter),
            assign={"expires_at": retention.expires_at((counter.hour + 1) * HOUR_MS)},
            add={"opened": 1},
            condition=(absent_or_below("opened", counter.most),),
        )
        for counter in counters
    ]


def link(links: Iterable[Link], retention: Retention) -> list[Action]:
    """Store decisions, with one action for each; the condition fails if another decision was stored meanwhile."""
    return [
        Put(
            keys.window(each.alert_id),
            {**items.window_item(each.window), "expires_at": retention.expires_at(each.window.ends)},
            each.unchanged,
        )
        for each in links
    ]


def keep(past: Iterable[tuple[str, Window | None]], retention: Retention) -> list[Action]:
    """Keep the windows of alert ids in overflow reports, because the heads of these do not lead to earlier reports."""
    return [
        Put(
            keys.past_window(alert_id, window.report_id),
            {**items.window_item(window), "expires_at": retention.expires_at(window.ends)},
        )
        for alert_id, window in past
        if window is not None and window.overflow
    ]
