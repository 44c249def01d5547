"""Events of CloudTrail as activities; pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from alert_responder.contracts.inspection import Activity

SHOWN = 15
"""How many kinds of events are shown of one subject."""

_LONGEST = 200
"""Longest text that is taken over from an event [characters]."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Events that differ in time and target alone."""

    service: str
    action: str
    principal: str
    remote_addr: str
    user_agent: str
    error: str


@dataclass(slots=True)
class Seen:
    """How often a kind of event was seen, when, and on what (at most three targets)."""

    count: int
    first: datetime
    last: datetime
    targets: list[str]


@dataclass(frozen=True, slots=True)
class Trail:
    """What was found.

    Attributes
    ----------
    groups
        Kinds of events, newest first.
    events
        How many events were read.
    complete
        Whether there were no more.
    asked
        Whether CloudTrail was asked at all.
    """

    groups: Sequence[tuple[Kind, Seen]] = ()
    events: int = 0
    complete: bool = True
    asked: bool = False

    def data(self) -> dict[str, Any]:
        """Write it as JSON; nothing where CloudTrail was not asked."""
        return {"events": rows(self.groups), "more_events": not self.complete} if self.asked else {}


def grouped(events: Iterable[Mapping[str, Any]]) -> list[tuple[Kind, Seen]]:
    """Group events as LookupEvents returns them, each once, newest kind first; what is no event is left out."""
    found: dict[Kind, Seen] = {}
    for event in {str(event.get("EventId", "")): event for event in events}.values():
        when = event.get("EventTime")
        if not isinstance(when, datetime):
            continue
        seen = found.setdefault(_kind(event), Seen(0, when, when, []))
        seen.count += 1
        seen.first, seen.last = min(seen.first, when), max(seen.last, when)
        names = [_text(each.get("ResourceName")) for each in event.get("Resources", [])]
        seen.targets = list(dict.fromkeys([*seen.targets, *filter(None, names)]))[:3]
    return sorted(found.items(), key=lambda pair: (pair[1].last, pair[1].count, pair[0].action), reverse=True)


def activities(groups: Iterable[tuple[Kind, Seen]]) -> tuple[Activity, ...]:
    """Write groups as the report's activities; an error stands behind its action."""
    return tuple(
        Activity(
            service_name=kind.service,
            remote_addr=kind.remote_addr,
            principal=kind.principal,
            action=f"{kind.action} ({kind.error})" if kind.error else kind.action,
            target=", ".join(seen.targets),
            last_seen=time_text(seen.last),
        )
        for kind, seen in list(groups)[:SHOWN]
    )


def rows(groups: Iterable[tuple[Kind, Seen]]) -> list[dict[str, Any]]:
    """Write groups as data, with what an activity has no place for."""
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
        for kind, seen in list(groups)[:SHOWN]
    ]


def time_text(when: datetime) -> str:
    """Write a time as RFC 3339 in UTC."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _kind(event: Mapping[str, Any]) -> Kind:
    try:
        detail = json.loads(event.get("CloudTrailEvent") or "{}")
    except (ValueError, RecursionError):
        detail = {}
    detail = detail if isinstance(detail, dict) else {}
    identity = detail.get("userIdentity")
    arn = identity.get("arn") if isinstance(identity, dict) else None
    return Kind(
        service=_text(event.get("EventSource")),
        action=_text(event.get("EventName")),
        principal=_text(arn) or _text(event.get("Username")),
        remote_addr=_text(detail.get("sourceIPAddress")),
        user_agent=_text(detail.get("userAgent")),
        error=_text(detail.get("errorCode")),
    )


def _text(value: Any) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""
