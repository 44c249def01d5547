"""Builders for tests of aws-context: a clock, the inspector, and an event of CloudTrail."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.plugin import InspectionAnswer
from alert_responder_plugins.aws_context.hosts import Hosts
from alert_responder_plugins.aws_context.identities import Identities
from alert_responder_plugins.aws_context.lookup import AwsContextInspector
from alert_responder_plugins.aws_context.tags import TagFilter
from alert_responder_plugins.aws_context.trail import TrailLookup
from alert_responder_plugins.common.accounts import Accounts
from alert_responder_plugins.common.members import Members

OWN, OTHER = "123456789012", "444455556666"  # The first is moto's account.
NOW = datetime(2026, 2, 1, tzinfo=UTC)
TAG_FILTER = TagFilter(("owner", "team"), ("name", "purpose"))
ROLE = f"arn:aws:iam::{OTHER}:role/reader"


class Clock:
    """A clock that advances when code sleeps, and by `step` whenever it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self._step = step

    def monotonic(self) -> float:
        self.seconds += self._step
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)


def an_inspector(
    sessions: Any,
    *,
    hours: int = 0,
    regions: tuple[str, ...] = ("us-east-1",),
    role_arns: tuple[str, ...] = (),
    seconds: float = 30,
    clock: Clock | None = None,
    members: Members | None = None,
) -> AwsContextInspector:
    clock = clock or Clock()
    accounts = Accounts(
        OWN,
        role_arns,
        home=regions[0],
        session_name="secops",
        external_id="x-1" if role_arns or members else "",
        clock=clock.now,
        new_session=sessions,
        members=members,
    )
    identities = Identities(regions[0])
    trail = TrailLookup(hours, clock.monotonic, clock.sleep, clock.now)
    return AwsContextInspector(
        accounts=accounts,
        regions=regions,
        hosts=Hosts(regions, "aws", TAG_FILTER, identities, trail),
        identities=identities,
        tag_filter=TAG_FILTER,
        trail=trail,
        seconds=seconds,
        clock=clock.monotonic,
        now=clock.now,
    )


def attribute(kind: str, value: str) -> Attribute:
    return Attribute(type=kind, value=value)


def event(number: int, name: str = "ListBuckets", minutes: int = 0, **detail: Any) -> dict[str, Any]:
    """Make an event of LookupEvents."""
    return {
        "EventId": f"event-{number}",
        "EventName": name,
        "EventSource": "s3.amazonaws.com",
        "EventTime": NOW - timedelta(minutes=minutes),
        "Username": "alice",
        "Resources": [{"ResourceType": "AWS::S3::Bucket", "ResourceName": f"bucket-{number}"}],
        "CloudTrailEvent": json.dumps(
            {
                "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{OWN}:user/alice"},
                "sourceIPAddress": "203.0.113.9",
                "userAgent": "aws-cli/2.15",
                **detail,
            }
        ),
    }


def note(answer: InspectionAnswer | None, title: str) -> Any:
    """Return the only note whose title begins with this text."""
    assert answer is not None
    [found] = [each for each in answer.contents if each.type == "note" and each.title.startswith(title)]
    return found


def gaps(answer: InspectionAnswer | None) -> set[tuple[str, str]]:
    """Return the reasons and actions of calls without an answer."""
    return {(gap["why"], gap["action"]) for gap in note(answer, "Incomplete lookup").data}
