"""The facts of a report, and their order."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from alert_responder.contracts.inspection import Content
from alert_responder.contracts.report import Report
from alert_responder_plugins.common import summary
from tests.fakes.reports import a_finding, a_report, an_attribute

CONTENT: TypeAdapter[Content] = TypeAdapter(Content)


def content(**fields: Any) -> Content:
    return CONTENT.validate_python(fields)


@pytest.fixture
def report() -> Report:
    return a_report(
        title="New address",
        severity="urgent",
        attributes=[an_attribute("deep", depth=1), an_attribute("near")],
        findings=[
            a_finding("skips", outcome="skipped", reason="Too deep."),
            a_finding("good", contents=[{"type": "host", "verdict": "harmless"}]),
            a_finding("words", contents=[{"type": "note", "title": "Seen"}]),
            a_finding("slow", outcome="timeout", reason="No answer within 60 s."),
            a_finding("odd", contents=[{"type": "host", "verdict": "suspicious"}]),
            a_finding("bad", contents=[{"type": "host"}, {"type": "host", "verdict": "malicious"}]),
            a_finding("nothing", outcome="empty"),
        ],
    )


def test_findings_are_sorted_by_verdict(report: Report) -> None:
    assert [finding.inspector for finding in summary.findings_by_verdict(report)] == ["bad", "odd", "words", "good"]


def test_worst_verdict_counts(report: Report) -> None:
    assert [summary.verdict_of(finding) for finding in summary.findings_by_verdict(report)] == [
        "malicious",
        "suspicious",
        None,
        "harmless",
    ]


def test_failed_lookups_come_before_skipped_ones(report: Report) -> None:
    assert [finding.inspector for finding in summary.unanswered(report)] == ["slow", "skips"]


def test_attributes_of_alerts_come_first(report: Report) -> None:
    assert [attribute.value for attribute in summary.attributes_by_depth(report)] == ["near", "deep"]


def test_headline_and_counts(report: Report) -> None:
    assert summary.headline(report) == "urgent: New address"
    assert summary.headline(report.model_copy(update={"status": "resolved"})) == "Resolved: New address"
    assert summary.counts(report) == summary.Counts(
        alerts=1, attributes=2, lookups=7, answered=5, found=4, malicious=1, suspicious=1
    )


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (
            {
                "type": "host",
                "country": ["NL"],
                "as_owner": ["Evil Ltd"],
                "related_domains": [{"name": f"d{number}"} for number in range(7)],
                "related_urls": [{"url": "http://evil.example/"}],
                "related_malware": [
                    {
                        "sha256": "ab",
                        "relation": "downloaded",
                        "scans": [{"vendor": "A", "name": "Trojan", "positive": True}, {"vendor": "B"}],
                    },
                    {"sha256": "cd"},
                ],
            },
            (
                ("malware", "ab (downloaded; 1 of 2 engines; A: Trojan), cd"),
                ("URLs", "http://evil.example/"),
                ("domains", "d0, d1, d2, d3, d4 and 2 more"),
                ("country", "NL"),
                ("as owner", "Evil Ltd"),
            ),
        ),
        (
            {
                "type": "user",
                "activities": [
                    {
                        "principal": "alice",
                        "service_name": "iam",
                        "action": "CreateUser",
                        "target": "eve",
                        "remote_addr": "198.51.100.7",
                        "last_seen": "2026-01-31T00:00:00Z",
                    }
                ],
            },
            (("activities", "alice iam CreateUser on eve from 198.51.100.7 at 2026-01-31T00:00:00Z"),),
        ),
        (
            {"type": "binary", "os": ["Linux"], "software": [{"name": "nc", "location": "/bin"}, {"name": "sh"}]},
            (("os", "Linux"), ("software", "nc (/bin), sh")),
        ),
        (
            {"type": "note", "title": "Seen", "text": "12 times", "data": {"b": 1, "a": "ü"}},
            (("Seen", "12 times"), ("data", '{"a": "ü", "b": 1}')),
        ),
        ({"type": "note", "title": "Seen", "data": 0}, (("note", "Seen"), ("data", "0"))),
        ({"type": "host"}, ()),
    ],
)
def test_facts(fields: dict[str, Any], wanted: tuple[summary.Fact, ...]) -> None:
    assert summary.facts(content(**fields)) == wanted
