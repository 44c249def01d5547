"""Read CloudTrail's event history within its rate limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alert_responder_plugins.aws_context.client import AwsCalls
from alert_responder_plugins.aws_context.events import Trail, grouped
from alert_responder_plugins.common.accounts import Account

PAGE = 50
"""Maximum number of events per request (API reference, LookupEvents)."""

MAX_PAGES = 4
"""Maximum number of requests per lookup attribute and region: only the latest events are read."""

PAUSE_SECONDS = 0.55
"""CloudTrail allows two requests per second per account and region (API reference, LookupEvents)."""


@dataclass
class TrailLookup:
    """Reads CloudTrail's event history.

    Parameters
    ----------
    hours
        Time range [h]; 0 disables the lookup.
    clock
        A monotonic clock [s].
    now
        Returns the time as an aware datetime.
    """

    hours: int
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    now: Callable[[], datetime]
    _last: dict[tuple[str, str], float] = field(default_factory=dict)

    def find(
        self,
        calls: AwsCalls,
        locations: Sequence[tuple[Account, str]],
        keys: Sequence[tuple[str, str]],
        pages: int = MAX_PAGES,
    ) -> Trail:
        """Find the newest events with any of these lookup attributes, in these accounts and regions."""
        events: list[dict[str, Any]] = []
        complete = True
        for account, region in locations if self.hours else ():
            for key, value in keys:
                page, whole = self._events(
                    calls, account, region, {"AttributeKey": key, "AttributeValue": value}, pages
                )
                events += page
                complete = complete and whole
        groups = grouped(events)
        called = bool(self.hours and locations and keys)
        return Trail(groups, sum(seen.count for _, seen in groups), complete, called)

    def _events(
        self, calls: AwsCalls, account: Account, region: str, attribute: dict[str, str], pages: int
    ) -> tuple[list[dict[str, Any]], bool]:
        request: dict[str, Any] = {
            "LookupAttributes": [attribute],
            "StartTime": self.now() - timedelta(hours=self.hours),
            "MaxResults": PAGE,
        }
        events: list[dict[str, Any]] = []
        for _ in range(pages):
            self._pace(calls, account.id, region)
            answer = calls.call(account, "cloudtrail", region, "lookup_events", **request)
            events += answer.data.get("Events", [])
            token = answer.data.get("NextToken")
            if not token:
                return events, answer.known
            request["NextToken"] = token
        return events, False

    def _pace(self, calls: AwsCalls, account: str, region: str) -> None:
        last = self._last.get((account, region))
        wait = 0.0 if last is None else last + PAUSE_SECONDS - self.clock()
        if 0 < wait < calls.remaining():
            self.sleep(wait)
        self._last[account, region] = self.clock()
