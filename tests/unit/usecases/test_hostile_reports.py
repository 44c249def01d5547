"""An attacker who fills a report, or starts with harmless alerts, hides no malicious finding and stops no delivery."""

import json
from typing import Any

import pytest

from alert_responder.domain.lookup_plan import Limits
from alert_responder.domain.records import Event
from alert_responder.formats import parse_record
from alert_responder.formats.registry import FormatRegistry
from tests.fakes.installation import Installation

WINDOW_MS = 10_800_000
BAD = "203.0.113.66"


class Attacked:
    """An installation with an inspector that knows malicious values, a trusting reviewer, and a pager."""

    def __init__(self, most: int = 200) -> None:
        self.delivered: list[tuple[int, str]] = []
        self._sent = 0
        self.made = Installation(
            {"reputation": self._inspect},
            self._rate,
            {"pager": self._tell},
            limits=Limits(1, most),
            window_ms=WINDOW_MS,
        )

    def send(self, document: Any) -> None:
        self._sent += 1
        parsed, rejects = parse_record(json.dumps(document).encode(), FormatRegistry())
        assert not rejects
        at = self.made.now
        self.made.receive(
            *(Event(f"e{self._sent}:{each.position}", at, str(self._sent), each.alert, each.cut_off) for each in parsed)
        )

    def alert(self, *values: str, **fields: Any) -> None:
        attributes = [{"type": "ipaddr", "value": value} for value in values]
        self.send({"detector": "ids", "rule_id": "beacon", "alert_key": "host", "attributes": attributes, **fields})

    def _inspect(self, task: Any) -> Any:
        if task["attribute"]["value"] == BAD:
            return {"contents": [{"type": "host", "verdict": "malicious", "source": "list", "os": ["x" * 5_000]}]}
        return None

    def _rate(self, report: Any) -> Any:
        bad = any(each["verdict"] == "malicious" for finding in report["findings"] for each in finding["contents"])
        return {"severity": "urgent" if bad else "safe", "reason": "By verdicts."}

    def _tell(self, request: Any) -> None:
        self.delivered.append((request["report"]["round"], request["report"]["result"]["severity"]))


def test_a_flood_of_large_attributes_removes_no_verdict() -> None:
    attacked = Attacked()
    attacked.alert(BAD)
    attacked.made.run()
    for number in range(12):
        junk = [{"type": "registry", "value": f"{number}.{n}" + "\u4e00" * 4_000} for n in range(24)]
        attacked.send({"detector": "ids", "rule_id": "beacon", "alert_key": "host", "attributes": junk})
    attacked.made.run()
    report = attacked.made.report()
    assert report["truncated"]
    assert not report["complete"]
    (found,) = [finding for finding in report["findings"] if finding["contents"]]
    assert (found["attribute_value"], found["contents"][0]["verdict"]) == (BAD, "malicious")
    assert {severity for _, severity in attacked.delivered} == {"urgent"}


def test_a_report_with_lookups_beyond_the_budget_is_not_safe() -> None:
    attacked = Attacked(most=4)
    attacked.alert(*(f"192.0.2.{n}" for n in range(9)))
    attacked.made.run()
    report = attacked.made.report()
    assert (report["result"]["severity"], report["result"]["reviewer_severity"]) == ("unclassified", "safe")
    assert {each["what"] for each in report["omissions"]} == {"lookups"}
    assert {severity for _, severity in attacked.delivered} == {"unclassified"}


def native(**fields: Any) -> dict[str, Any]:
    return {"detector": "ids", "rule_id": "r", "alert_key": "k", **fields}


def signing_in(result: str) -> dict[str, Any]:
    return {
        "eventType": "user.session.start",
        "published": "2026-02-01T00:00:00Z",
        "uuid": f"u-{result}",
        "displayMessage": "User login to Okta",
        "severity": "INFO",
        "outcome": {"result": result},
        "actor": {"alternateId": "bob@example.com", "type": "User", "id": "00u1"},
        "client": {"ipAddress": "203.0.113.9"},
    }


def opening(network: str) -> dict[str, Any]:
    return {
        "eventVersion": "1.08",
        "eventID": f"e-{network}",
        "eventTime": "2026-02-01T00:00:00Z",
        "eventName": "AuthorizeSecurityGroupIngress",
        "eventSource": "ec2.amazonaws.com",
        "sourceIPAddress": "203.0.113.9",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/bob", "accountId": "111122223333"},
        "requestParameters": {
            "groupId": "sg-1",
            "ipPermissions": {"items": [{"ipv6Ranges": {"items": [{"cidrIpv6": network}]}}]},
        },
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (native(severity="low"), native(severity="high", description="An administrator was created.")),
        (native(severity=3), native(severity=11)),
        (signing_in("DENY"), signing_in("ALLOW")),
        (opening("2001:db8::/64"), opening("::/0")),
    ],
    ids=["word", "number", "outcome", "network"],
)
def test_emitters_are_notified_of_a_worse_alert(first: Any, second: Any) -> None:
    attacked = Attacked()
    for document in (first, second, first):
        attacked.send(document)
        attacked.made.run()
    assert [round_ for round_, _ in attacked.delivered] == [1, 2]


def test_the_worst_of_many_alerts_is_shown_and_the_first_gives_the_title() -> None:
    attacked = Attacked()
    for number in range(60):
        said = {"severity": "critical", "description": "An administrator was created."} if number == 31 else {}
        attacked.alert("198.51.100.1", **{"severity": "info", "rule_name": f"Login {number}", **said})
    attacked.made.run()
    report = attacked.made.report()
    assert report["title"] == "Login 0"
    assert [alert["severity"] for alert in report["alerts"]].count("critical") == 1
    assert report["overview"]["severity"] == "Critical"
