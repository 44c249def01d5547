"""Asks CloudTrail what somebody did, no faster than it allows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alert_responder_plugins.aws_context.accounts import Account
from alert_responder_plugins.aws_context.client import Asking
from alert_responder_plugins.aws_context.events import Trail, grouped

PAGE = 50
"""Most events of one request (API reference, LookupEvents)."""

MAX_PAGES = 4
"""Most requests for one thing in one region: what it did last is asked for, not all it ever did."""

PAUSE_SECONDS = 0.55
"""CloudTrail takes two requests a second of an account and region (API reference, LookupEvents)."""


@dataclass
class TrailLookup:
    """Reads CloudTrail's event history.

    Parameters
    ----------
    hours
        How far back [h]; 0: nothing is asked.
    clock
        A monotonic clock [s].
    now
        Gives the time as an aware datetime.
    """

    hours: int
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    now: Callable[[], datetime]
    _last: dict[tuple[str, str], float] = field(default_factory=dict)

    def find(
        self,
        asking: Asking,
        places: Sequence[tuple[Account, str]],
        keys: Sequence[tuple[str, str]],
        pages: int = MAX_PAGES,
    ) -> Trail:
        """Find the newest events with any of these lookup attributes, in these accounts and regions."""
        events: list[dict[str, Any]] = []
        complete = True
        for account, region in places if self.hours else ():
            for key, value in keys:
                found, whole = self._events(
                    asking, account, region, {"AttributeKey": key, "AttributeValue": value}, pages
                )
                events += found
                complete = complete and whole
        groups = grouped(events)
        asked = bool(self.hours and places and keys)
        return Trail(groups, sum(seen.count for _, seen in groups), complete, asked)

    def _events(
        self, asking: Asking, account: Account, region: str, attribute: dict[str, str], pages: int
    ) -> tuple[list[dict[str, Any]], bool]:
        request: dict[str, Any] = {
            "LookupAttributes": [attribute],
            "StartTime": self.now() - timedelta(hours=self.hours),
            "MaxResults": PAGE,
        }
        events: list[dict[str, Any]] = []
        for _ in range(pages):
            self._pace(asking, account.id, region)
            answer = asking.ask(account, "cloudtrail", region, "lookup_events", **request)
            events += answer.data.get("Events", [])
            token = answer.data.get("NextToken")
            if not token:
                return events, answer.known
            request["NextToken"] = token
        return events, False

    def _pace(self, asking: Asking, account: str, region: str) -> None:
        last = self._last.get((account, region))
        wait = 0.0 if last is None else last + PAUSE_SECONDS - self.clock()
        if 0 < wait < asking.left():
            self.sleep(wait)
        self._last[account, region] = self.clock()
