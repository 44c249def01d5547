"""What is written with a report's first or further alerts so that each alert's way is decided once."""

from collections.abc import Iterable
from typing import NamedTuple

from alert_responder.domain.admission import HOUR_MS, Counter
from alert_responder.domain.records import Window
from alert_responder.store import items, keys
from alert_responder.store.reports import Retention
from alert_responder.store.table import Action, Condition, Put, Update, absent_or_below

LINK_ACTIONS = 2
"""Most actions that an alert id takes in a transaction."""


class Link(NamedTuple):
    """That an alert id's alerts go to an overflow report until its hour is over.

    Attributes
    ----------
    window
        The alert id's window in that report.
    newest, unchanged
        The window it takes the place of, and the condition that P is as it was read.
    """

    alert_id: str
    window: Window
    newest: Window | None
    unchanged: Condition


def count(counters: Iterable[Counter], retention: Retention) -> list[Action]:
    """Count a new report, an action for each counter; the condition of a counter that is full fails."""
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
    """Store where alert ids go, an action for each; its condition fails when somebody else has stored another way."""
    return [
        Put(
            keys.window(each.alert_id),
            {**items.window_item(each.window), "expires_at": retention.expires_at(each.window.ends)},
            each.unchanged,
        )
        for each in links
    ]


def keep(past: Iterable[tuple[str, Window | None]], retention: Retention) -> list[Action]:
    """Keep the windows of alert ids in overflow reports, whose heads lead back to no report of one alert id."""
    return [
        Put(
            keys.past_window(alert_id, window.report_id),
            {**items.window_item(window), "expires_at": retention.expires_at(window.ends)},
        )
        for alert_id, window in past
        if window is not None and window.overflow
    ]
