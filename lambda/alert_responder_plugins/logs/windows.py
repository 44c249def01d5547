"""Which time a query reads: the window around an alert. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from alert_responder.contracts.primitives import parse_rfc3339
from alert_responder.plugin import InspectionTask

TimeKind = Literal["iso", "epoch", "epoch_ms", "timestamp"]
"""How logs store times: text of ISO 8601, seconds or milliseconds since the epoch, or a timestamp."""

MAX_ATTRIBUTES = 100
"""Maximum number of attributes in one query."""

_SECOND = timedelta(seconds=1)

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A time range, which does not include its end; both are in UTC."""

    begins: datetime
    ends: datetime

    def __or__(self, other: "Window") -> "Window":
        """Return the range from the beginning of the earlier to the end of the later."""
        return Window(min(self.begins, other.begins), max(self.ends, other.ends))


def around(moment: datetime | None, now: datetime, before: timedelta, after: timedelta) -> Window:
    """Return the window of an alert; an alert without a time, or from the future, is of now.

    The time of an alert is written by its detector, and perhaps by an attacker: it moves the window, but never makes
    it longer. Its own second is always in the window.
    """
    at = now if moment is None else min(moment.astimezone(UTC), now)
    return Window(at - before, at + max(after, _SECOND))


def united(items: Iterable[tuple[Window, _Item]], longest: timedelta) -> list[tuple[Window, list[_Item]]]:
    """Group items whose windows fit into one of at most `longest`, the latest first."""
    groups: list[tuple[Window, list[_Item]]] = []
    for window, item in sorted(items, key=lambda each: each[0], reverse=True):
        if groups:
            whole = groups[-1][0] | window
            if whole.ends - whole.begins <= longest:
                groups[-1][1].append(item)
                groups[-1] = (whole, groups[-1][1])
                continue
        groups.append((window, [item]))
    return groups


def chunks(windows: Sequence[Window], places: Iterable[int], longest: timedelta) -> list[tuple[Window, list[int]]]:
    """Divide the places of tasks into groups for one query each: 100 at most, whose windows fit into one."""
    groups = united(((windows[place], place) for place in places), longest)
    return [
        (window, sorted(some)[first : first + MAX_ATTRIBUTES])
        for window, some in groups
        for first in range(0, len(some), MAX_ATTRIBUTES)
    ]


def moment_of(task: InspectionTask) -> datetime | None:
    """Return the time of a task's alert; None if there is none, or an invalid one: it must not fail the other tasks."""
    try:
        return parse_rfc3339(task.alert.timestamp) if task.alert.timestamp else None
    except ValueError:
        return None


def read_time(text: str | None, kind: TimeKind) -> datetime | None:
    """Parse a time of a result; None if there is none."""
    if not text:
        return None
    try:
        if kind in ("epoch", "epoch_ms"):
            return datetime.fromtimestamp(float(text) / (1000 if kind == "epoch_ms" else 1), UTC)
        moment = datetime.fromisoformat(text.removesuffix(" UTC").replace(" ", "T", 1))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
