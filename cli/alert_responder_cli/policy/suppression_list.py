"""The suppressions of a policy, with the reports that they suppressed. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from math import ceil

from pydantic import BaseModel

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_plugins.policy.model import Policy

_DAY = 86_400


class ListedSuppression(BaseModel, frozen=True):
    """A suppression.

    Attributes
    ----------
    days_left
        Days until it expires, rounded up; 0 or less: it has expired.
    hits, broken
        Number of reports that it suppressed, and of those in which something broke through; None: not counted.
    last_hit
        When the newest of them was updated [RFC 3339].
    """

    name: str
    owner: str
    reason: str
    starts: str
    expires: str
    days_left: int
    hits: int | None = None
    broken: int | None = None
    last_hit: str | None = None

    def expires_within(self, days: int) -> bool:
        """Check whether it expires within some days, or has expired."""
        return self.days_left <= days


def listed(policy: Policy, reports: Iterable[ReportSummary] | None, now: datetime) -> list[ListedSuppression]:
    """List the suppressions of a policy, the next to expire first.

    Parameters
    ----------
    reports
        Stored reports; None: hits are not counted.
    """
    hits: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    last: dict[str, str] = {}
    for report in reports or ():
        if report.suppressed is not None:
            (hits if report.is_suppressed else broken)[report.suppressed] += 1
            last[report.suppressed] = max(last.get(report.suppressed, ""), report.updated_at)
    found = [
        ListedSuppression(
            name=rule.name,
            owner=rule.owner,
            reason=rule.reason,
            starts=_time(rule.starts),
            expires=_time(rule.expires),
            days_left=ceil((rule.expires - now).total_seconds() / _DAY),
            hits=None if reports is None else hits[rule.name],
            broken=None if reports is None else broken[rule.name],
            last_hit=last.get(rule.name),
        )
        for rule in policy.suppressions
    ]
    return sorted(found, key=lambda each: each.expires)


def _time(moment: datetime) -> str:
    return format_rfc3339(int(moment.astimezone(UTC).timestamp() * 1000))
