"""A report as a PagerDuty event."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder_plugins.pagerduty.message import MAX_EVENT_BYTES, trigger_event
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.links import DOMAIN, MAIL_OR_NAME
from tests.fakes.reports import a_finding, a_report, an_alert, an_attribute

LIVE = (
    re.compile(r"(?i)<|>|\b(?!hxxps?:)[a-z][a-z0-9+.-]*:[/\\]{2}|\b(mailto|javascript|data|tel|sms|file):\S"),
    DOMAIN,
    MAIL_OR_NAME,
)
# `class` is data, whose addresses are not defanged.
CONSTANT = {"href", "timestamp", "source", "class"}


def texts_of(value: Any, name: str = "") -> Iterator[str]:
    """Yield every displayed text, including field names, except constant ones."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_of(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, name)
    elif isinstance(value, str) and name not in CONSTANT:
        yield value


def active(event: dict[str, Any]) -> list[str]:
    texts = list(texts_of(event))
    unseen = [
        f"U+{ord(character):04X}"
        for text in texts
        for character in text
        if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    ]
    bad_links = [
        link["href"] for link in event["links"] if not re.fullmatch(r"https://[\w.-]+(/[^\s<>\"|]*)?", link["href"])
    ]
    live = (match[0] for text in texts for pattern in LIVE for match in pattern.finditer(text))
    return [*live, *unseen, *bad_links]


def size(event: dict[str, Any]) -> int:
    return len(json.dumps(event))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_inactive(name: str) -> None:
    event = trigger_event(report_of(HOSTILE[name]), "critical", "secops")

    assert active(event) == []
    assert "images" not in event
    assert 1 <= len(event["payload"]["summary"]) <= 1_024
    assert size(event) <= MAX_EVENT_BYTES


@given(st.text(max_size=200))
def test_any_text_is_inactive(text: str) -> None:
    assert active(trigger_event(report_of(text), "critical", "secops")) == []


def test_event_shows_the_most_important_facts_first() -> None:
    report = a_report(
        attributes=[an_attribute("deep", depth=1, valid=False), an_attribute()],
        findings=[
            a_finding("good", contents=[{"type": "host", "verdict": "harmless"}]),
            a_finding("slow", outcome="timeout", reason="No answer within 60 s."),
            a_finding(
                "bad",
                contents=[
                    {
                        "type": "host",
                        "verdict": "malicious",
                        "country": ["NL"],
                        "source": "our list",
                        "link": "https://lists.example.com/198.51.100.7",
                    }
                ],
            ),
        ],
        notes=["Without an answer: slow: timeout."],
        overview={"severity": "High (8)", "accounts": [{"id": "111122223333"}], "regions": ["eu-west-1"]},
    )
    event = trigger_event(report, "critical", "secops")

    assert event == {
        "payload": {
            "summary": "urgent: Login from a new address | High (8) | 111122223333 eu-west-1 | alice logged in from an "
            "address never seen before.",
            "source": "secops",
            "severity": "critical",
            "group": "vpn",
            "class": "new-address",
            "component": "111122223333 eu-west-1",
            "timestamp": "2026-02-01T00:01:15+00:00",
            "custom_details": {
                "description": "alice logged in from an address never seen before.",
                "detectors_severity": "High (8)",
                "rule": "new-address",
                "account": "111122223333",
                "region": "eu-west-1",
                "detector": "vpn",
                "severity": "urgent",
                "reason": "Known for command and control.",
                "alerts": 1,
                "lookups": "2 of 3 answered",
                "verdicts": "1 malicious, 0 suspicious",
                "findings": [
                    {
                        "verdict": "malicious",
                        "what": "bad on ipaddr 198[.]51[.]100[.]7",
                        "facts": ["country: NL"],
                        "sources": "our list",
                    },
                    {"verdict": "harmless", "what": "good on ipaddr 198[.]51[.]100[.]7", "facts": [], "sources": ""},
                ],
                "not_answered": ["timeout: slow on ipaddr 198[.]51[.]100[.]7: No answer within 60 s."],
                "attributes": [
                    "ipaddr 198[.]51[.]100[.]7 (source address)",
                    "ipaddr deep (source address), invalid for its type",
                ],
                "notes": ["Without an answer: slow: timeout."],
                "first_alert": "2026-02-01T00:00:01.250Z",
                "as_of": "2026-02-01T00:01:15.000Z",
                "report": "01KG9Z9Q7R2D4B6C8E0FGHJKMN",
                "as_a_page": "alert-responder open 01KG9Z9Q7R2D4B6C8E0FGHJKMN",
                "round": 1,
            },
        },
        "client": "AlertResponder",
        "links": [{"href": "https://lists.example.com/198.51.100.7", "text": "bad: our list"}],
    }


def test_class_is_the_rule_s_id_as_it_is() -> None:
    rule = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
    for text in (rule, "login.example.com"):
        event = trigger_event(a_report(alerts=[an_alert(rule_id=text)]), "critical", "secops")
        assert event["payload"]["class"] == text


def test_large_report_is_shortened_with_a_note() -> None:
    long = "\U0001d400" * 5_000
    contents = [{"type": "host", "verdict": "malicious", "source": long, "country": [long] * 10} for _ in range(30)]
    report = a_report(
        title=long,
        reason=long[:4_000],
        attributes=[an_attribute(long) for _ in range(300)],
        findings=[a_finding(f"i{number}", contents=contents) for number in range(100)],
        notes=["n"] * 51,
        truncated=True,
    )
    event = trigger_event(report, "critical", "secops")

    details = event["payload"]["custom_details"]
    assert size(event) <= MAX_EVENT_BYTES
    assert details["left_out"][0] == "The report was too large and was truncated."
    assert f"{100 - len(details['findings'])} more: findings" in details["left_out"]
    assert details["findings"][0]["what"].startswith("i0 on")
    assert "more characters)" in event["payload"]["summary"]


def test_empty_report_can_be_sent() -> None:
    event = trigger_event(a_report(reason="", title="", attributes=[], findings=[], alerts=[]), "info", "secops")

    assert event["payload"]["summary"] == "urgent:"
    assert event["payload"]["custom_details"]["reason"] == "The reviewer gave no reason."
    assert event["links"] == []


def test_incomplete_report_names_missing_parts() -> None:
    cut = [
        {"what": "lookups", "count": 12, "reason": "A limit."},
        {"what": "attributes", "count": 1, "reason": "Size."},
    ]
    event = trigger_event(a_report(complete=False, omissions=cut), "critical", "secops")
    assert event["payload"]["custom_details"]["not_complete"] == "1 attribute and 12 lookups missing"
