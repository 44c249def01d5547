"""Answers of inspectors, written by the code of the inspectors from invented data."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder.plugin import Attribute
from alert_responder_plugins.aws_context.events import Trail
from alert_responder_plugins.aws_context.host_facts import Location, instance_host
from alert_responder_plugins.aws_context.identity_facts import (
    Rights,
    RoleFacts,
    UserFacts,
    role_contents,
    user_contents,
)
from alert_responder_plugins.aws_context.tags import TagFilter
from alert_responder_plugins.history.earlier import Page, answer
from alert_responder_plugins.virustotal.contents import AnswerWriter, Response
from alert_responder_plugins.virustotal.queries import question_for
from tests.unit.plugins.policy.incidents.events import ACCOUNT, REGION, file_hash

NOW = datetime(2026, 1, 1, tzinfo=UTC)
_TAGS = TagFilter(("owner", "team", "contact"), ("name", "purpose", "service", "application", "environment"))


class Answer(NamedTuple):
    """The answer of an inspector about one attribute."""

    inspector: str
    type: str
    value: str
    answer: InspectionAnswer | None


def virustotal(
    kind: str, value: str, malicious: int = 0, suspicious: int = 0, harmless: int = 0, undetected: int = 20
) -> Answer:
    """Return VirusTotal's answer with these numbers of engines."""
    question = question_for(Attribute(type=kind, value=value), (), premium=False)
    assert question
    stats = {"malicious": malicious, "suspicious": suspicious, "harmless": harmless, "undetected": undetected}
    document = {"id": value, "type": "object", "attributes": {"last_analysis_stats": stats, "as_owner": "Example"}}
    inspector = "virustotal-files" if kind == "filehashvalue" else "virustotal"
    return Answer(inspector, kind, value, AnswerWriter().answer(question, Response(document)))


def scanned_file(name: str, malicious: int = 0, undetected: int = 60) -> Answer:
    """Return VirusTotal's answer about a file of `events`."""
    return virustotal("filehashvalue", file_hash(name), malicious, undetected=undetected)


def aws_instance(instance_id: str, **tags: str) -> Answer:
    """Return the answer of aws-context about an instance."""
    described = {
        "InstanceId": instance_id,
        "State": {"Name": "running"},
        "InstanceType": "t3.small",
        "ImageId": "ami-0123456789abcdef0",
        "PrivateIpAddress": "10.0.1.17",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    host = instance_host(described, [], None, None, Trail(), Location("aws", ACCOUNT, REGION), _TAGS)
    return Answer("aws-context", "instance", instance_id, InspectionAnswer(contents=(host.host, host.note)))


def aws_role(arn: str, *, admin: bool = False) -> Answer:
    """Return the answer of aws-context about a role."""
    rights = Rights(("AdministratorAccess",), ("AdministratorAccess",)) if admin else Rights(("ReadOnlyAccess",))
    role = RoleFacts(arn, arn.rpartition("/")[2], NOW, NOW, REGION, (f"arn:aws:iam::{ACCOUNT}:root",), rights)
    return Answer("aws-context", "arn", arn, InspectionAnswer(contents=role_contents(role, Trail(asked=True), ACCOUNT)))


def aws_user(name: str, *, mfa: bool = True, admin: bool = False, **tags: str) -> Answer:
    """Return the answer of aws-context about a user."""
    rights = Rights(("AdministratorAccess",), ("AdministratorAccess",)) if admin else Rights(("ReadOnlyAccess",))
    user: dict[str, Any] = {
        "UserName": name,
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
        "CreateDate": NOW,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    facts = UserFacts(user, int(mfa), True, (), (), rights)
    contents = user_contents(facts, Trail(asked=True), ACCOUNT, _TAGS, NOW)
    return Answer("aws-context", "username", name, InspectionAnswer(contents=contents))


def history(
    kind: str, value: str, *severities: str, detector: str = "guardduty", rule: str = "Recon:EC2/Portscan"
) -> Answer:
    """Return the answer of history: one report a day with these severities, the newest yesterday."""
    items = [
        {
            "sk": f"01KDQ{number:021d}",
            "severity": severity,
            "title": "An earlier report",
            "created_at": f"2025-12-{31 - len(severities) + number + 1:02d}T00:00:00.000Z",
            "updated_at": f"2025-12-{31 - len(severities) + number + 1:02d}T00:05:00.000Z",
            "alert_count": 1,
            "expires_at": 4_000_000_000,
            "detector": detector,
            "rule_id": rule,
        }
        for number, severity in enumerate(severities)
    ]
    page = Page(items, complete=True)
    return Answer("history", kind, value, answer(page, page, "01KDV00000000000000000000", 1_767_225_600))


def unknown(inspector: str, kind: str, value: str) -> Answer:
    """Return the answer of an inspector that knows nothing."""
    return Answer(inspector, kind, value, None)
