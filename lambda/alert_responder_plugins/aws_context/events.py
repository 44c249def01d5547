"""Convert CloudTrail events to activities. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alert_responder.contracts.inspection import Activity

MAX_SHOWN = 15
"""Maximum number of kinds of events in an answer."""

_LONGEST = 200
"""Maximum length of a text from an event [characters]."""


@dataclass(frozen=True, slots=True)
class EventKind:
    """The fields by which events are grouped: all except time and target."""

    service: str
    action: str
    principal: str
    remote_addr: str
    user_agent: str
    error: str


@dataclass(slots=True)
class Occurrences:
    """Number, first and last time of a kind of event, and at most three of its targets."""

    count: int
    first: datetime
    last: datetime
    targets: list[str]


@dataclass(frozen=True, slots=True)
class Trail:
    """Events of a subject.

    Attributes
    ----------
    groups
        Kinds of events, newest first.
    events
        Number of events read.
    complete
        Whether all events were read.
    asked
        Whether CloudTrail was called.
    """

    groups: Sequence[tuple[EventKind, Occurrences]] = ()
    events: int = 0
    complete: bool = True
    asked: bool = False

    def data(self) -> dict[str, Any]:
        """Return the events as JSON; empty if CloudTrail was not called."""
        return {"events": rows(self.groups), "more_events": not self.complete} if self.asked else {}


def grouped(events: Iterable[Mapping[str, Any]]) -> list[tuple[EventKind, Occurrences]]:
    """Group events of LookupEvents without duplicates, the newest kind first; invalid events are left out."""
    groups: dict[EventKind, Occurrences] = {}
    for event in {str(event.get("EventId", "")): event for event in events}.values():
        when = event.get("EventTime")
        if not isinstance(when, datetime):
            continue
        seen = groups.setdefault(_kind(event), Occurrences(0, when, when, []))
        seen.count += 1
        seen.first, seen.last = min(seen.first, when), max(seen.last, when)
        names = [_text(each.get("ResourceName")) for each in event.get("Resources", [])]
        seen.targets = list(dict.fromkeys([*seen.targets, *filter(None, names)]))[:3]
    return sorted(groups.items(), key=lambda pair: (pair[1].last, pair[1].count, pair[0].action), reverse=True)


def activities(groups: Iterable[tuple[EventKind, Occurrences]]) -> tuple[Activity, ...]:
    """Convert groups to activities; an error is appended to the action."""
    return tuple(
        Activity(
            service_name=kind.service,
            remote_addr=kind.remote_addr,
            principal=kind.principal,
            action=f"{kind.action} ({kind.error})" if kind.error else kind.action,
            target=", ".join(seen.targets),
            last_seen=time_text(seen.last),
        )
        for kind, seen in list(groups)[:MAX_SHOWN]
    )


def rows(groups: Iterable[tuple[EventKind, Occurrences]]) -> list[dict[str, Any]]:
    """Convert groups to JSON, including the fields that activities lack."""
    return [
        {
            "event": kind.action,
            "service": kind.service,
            "principal": kind.principal,
            "remote_addr": kind.remote_addr,
            "user_agent": kind.user_agent,
            "error": kind.error,
            "count": seen.count,
            "first_seen": time_text(seen.first),
            "last_seen": time_text(seen.last),
        }
        for kind, seen in list(groups)[:MAX_SHOWN]
    ]


def time_text(when: datetime) -> str:
    """Format a time as RFC 3339 in UTC."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _kind(event: Mapping[str, Any]) -> EventKind:
    try:
        detail = json.loads(event.get("CloudTrailEvent") or "{}")
    except (ValueError, RecursionError):
        detail = {}
    detail = detail if isinstance(detail, dict) else {}
    identity = detail.get("userIdentity")
    arn = identity.get("arn") if isinstance(identity, dict) else None
    return EventKind(
        service=_text(event.get("EventSource")),
        action=_text(event.get("EventName")),
        principal=_text(arn) or _text(event.get("Username")),
        remote_addr=_text(detail.get("sourceIPAddress")),
        user_agent=_text(detail.get("userAgent")),
        error=_text(detail.get("errorCode")),
    )


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
