"""The page as a whole: its contents, its size, and hostile text, which stays text."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.contracts.report import Emission
from alert_responder.domain.sanitize import spell_out
from alert_responder.page import renderer
from alert_responder.page.bounds import BOUNDS, MAX_PAGE_BYTES
from alert_responder.page.renderer import PageTooLargeError, render
from alert_responder.page.view import view_of
from tests.fakes.hostile import HOSTILE, report_of
from tests.fakes.html import PageReader
from tests.fakes.reports import REPORT_ID, a_finding, a_report, an_alert, an_attribute
from tests.unit.page.builders import AT, a_page, attribute, finding, read

TEMPLATES = Path(renderer.__file__).parent / "templates"
UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def emission(**fields: Any) -> Emission:
    defaults = {"emitter": "pager", "round": 1, "outcome": "ok", "reason": None, "url": None, "at": None}
    return Emission.model_validate({**defaults, **fields})


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text_everywhere(name: str) -> None:
    text = HOSTILE[name]
    report = report_of(text)
    page = render(a_page(report, deliveries=[*report.emissions, emission(emitter=text, reason=text, url=text)]))
    reader = PageReader(page)
    assert not UNSEEN.search(page.decode())
    assert reader.links == ([text] * len(reader.links) if name == "url" else [])
    assert spell_out(text)[:20].strip() in reader.text or name == "url back slashes"
    assert len(reader.ids) == len(set(reader.ids))


@given(st.text(max_size=60))
def test_any_text_stays_text_everywhere(text: str) -> None:
    PageReader(render(a_page(report_of(text or "-"))))


def test_the_policy_allows_the_style_and_nothing_else() -> None:
    reader = read(a_report())
    digest = base64.b64encode(hashlib.sha256(reader.style.encode()).digest()).decode()
    assert reader.policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "</" not in reader.style
    assert "url(" not in reader.style
    assert "@import" not in reader.style


def test_templates_mark_nothing_safe_and_hold_no_script_or_style_attribute() -> None:
    for path in TEMPLATES.glob("*.jinja"):
        template = path.read_text(encoding="utf-8")
        assert not re.search(r"\|\s*safe|Markup|autoescape|<script|\bstyle=|\bon[a-z]+=", template), path.name


def test_severity_reason_and_reviewer_come_first() -> None:
    reader = read(a_report("urgent", "Known for command and control.\nIsolate it."))
    head, _, _ = reader.text.partition("Timeline")
    for text in ("urgent", "Login from a new address", "Known for command and control.\nIsolate it.", "Not rated"):
        assert text in head
    assert f"alert-responder open {REPORT_ID}" in reader.text
    assert f"reports/{REPORT_ID}/000001.json" in reader.text


def test_a_test_report_begins_with_that() -> None:
    assert "urgent, test report" in read(a_report(test=True)).text
    assert "test report" not in read(a_report()).text


def test_findings_are_grouped_by_attribute_the_worst_first() -> None:
    attributes = [attribute("harmless.example"), attribute("bad.example"), attribute("silent.example")]
    findings = [
        finding("harmless.example", "harmless"),
        finding("bad.example", "suspicious"),
        finding("bad.example", "malicious", inspector="second"),
        finding("silent.example", outcome="timeout", reason="It took too long."),
    ]
    view = view_of(a_page(a_report(attributes=attributes, findings=findings)), BOUNDS[0])
    assert [(each.value, each.verdict) for each in view.findings] == [
        ("bad.example", "malicious"),
        ("harmless.example", "harmless"),
    ]
    assert [each.inspector for each in view.findings[0].findings] == ["second", "reputation"]
    assert [(each.value, each.outcome, each.reason) for each in view.lookups] == [
        ("silent.example", "timeout", "It took too long.")
    ]
    assert view.graph is not None
    assert {node.anchor for node in view.graph.nodes} == {"attribute-1", "attribute-2", None}


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (
            {
                "type": "host",
                "country": ["NL"],
                "related_malware": [
                    {
                        "sha256": "aa",
                        "relation": "downloaded",
                        "scans": [{"vendor": "V", "name": "Mirai", "positive": True}, {"vendor": "W"}],
                    }
                ],
                "related_urls": [{"url": "http://evil.example/x", "timestamp": "2026-01-01"}],
                "activities": [{"principal": "alice", "action": "Login", "remote_addr": "192.0.2.1"}],
            },
            ["aa (downloaded; 1 of 2 engines; V: Mirai)", "NL", "http://evil.example/x (2026-01-01)"],
        ),
        ({"type": "user", "activities": [{"principal": "alice", "target": "db"}]}, ["alice", "on db"]),
        ({"type": "binary", "software": [{"name": "nc", "location": "/bin/nc"}], "os": ["linux"]}, ["nc (/bin/nc)"]),
        ({"type": "note", "title": "Ports", "text": "22 is open", "data": {"port": 22, "open": True}}, ["22", "true"]),
        ({"type": "note", "title": "Raw", "data": [{"a": 1}]}, ['"a": 1']),
    ],
)
def test_the_facts_of_each_type_of_content_are_shown(content: dict[str, Any], facts: list[str]) -> None:
    reader = read(a_report(findings=[a_finding(contents=[content])]))
    for each in facts:
        assert each in reader.text


def test_deliveries_have_their_outcomes() -> None:
    deliveries = [
        emission(at="2026-02-01T00:01:20.000Z", url="https://acme.pagerduty.com/incidents/Q1"),
        emission(emitter="chat", outcome="failed", reason="It said no.", url="http://chat.example/"),
        emission(emitter="tickets", round=2, outcome="pending"),
    ]
    reader = read(a_report(), deliveries=deliveries)
    assert reader.links == ["https://acme.pagerduty.com/incidents/Q1"]
    words = " ".join(reader.text[reader.text.index("Deliveries") :].split())
    assert "✓ delivered pager round 1, 2026-02-01 00:01:20 UTC" in words
    assert "✗ failed chat round 1 http://chat.example/ It said no." in words
    assert "… pending tickets round 2" in words
    assert "No deliveries" in read(a_report()).text


def test_the_page_of_ten_thousand_alerts_is_small() -> None:
    """The largest report there is: all lookups with details, and every alert another attribute."""
    content = {"type": "host", "verdict": "suspicious", "country": ["NL"] * 50, "hostname": ["a" * 200] * 50}
    attributes = [attribute(f"host{n}.example") for n in range(10_000)]
    findings = [finding(f"host{n}.example", contents=[content] * 5, outcome="ok") for n in range(500)]
    alerts = [an_alert(body={"log": "x" * 50_000}) for _ in range(20)]
    report = a_report(attributes=attributes, findings=findings, alerts=alerts, alert_count=10_000)
    page = render(a_page(report, range(AT, AT + 10_000_000, 1_000)))
    assert len(page) <= MAX_PAGE_BYTES
    reader = PageReader(page)
    assert "10,000 alerts within 2 h 46 min" in reader.text
    assert "more attributes with findings are in the JSON" in reader.text
    assert "9,980 more alerts" in reader.text or "9,990 more alerts" in reader.text


@pytest.mark.parametrize("character", ["&", "\u202e", "\U0001d400", "\u0301", '"'])
def test_no_report_is_too_large_for_a_page(character: str) -> None:
    text = character * 3_000
    report = report_of(text)
    more = report.model_dump(mode="json")
    many = {
        "attributes": [{**more["attributes"][0], "id": str(n), "value": f"{n}{text}"} for n in range(200)],
        "findings": [{**more["findings"][0], "attribute_id": str(n)} for n in range(200)],
        "alerts": more["alerts"] * 20,
        "notes": [text] * 200,
        "emissions": more["emissions"] * 200,
        "timeline": more["timeline"] * 200,
    }
    large = type(report).model_validate({**more, **many})
    page = render(a_page(large, deliveries=large.emissions))
    assert len(page) <= MAX_PAGE_BYTES
    PageReader(page)


def test_a_page_that_is_too_large_with_the_narrowest_bounds_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "MAX_PAGE_BYTES", 5_000)
    with pytest.raises(PageTooLargeError):
        render(a_page(a_report()))


def test_equal_reports_have_equal_pages() -> None:
    assert render(a_page(a_report())) == render(a_page(a_report()))


def test_an_empty_report_has_a_page() -> None:
    bare = a_report(reason="", attributes=[], findings=[], alerts=[], alert_count=0, title="")
    reader = read(bare, arrivals=())
    assert "The reviewer gave no reason." in reader.text
    assert "svg" not in reader.tags


def test_alerts_are_shown_unchanged() -> None:
    reader = read(a_report(alerts=[an_alert(body={"session": [4711, "ü"]})], attributes=[an_attribute(valid=False)]))
    assert '"session": [\n  4711,\n  "ü"\n ]' in reader.text
    assert "invalid for its type" in reader.text


def test_the_page_of_an_incomplete_report_names_what_is_missing() -> None:
    cut = [{"what": "lookups", "count": 12, "reason": "A limit."}]
    head, _, _ = read(a_report(complete=False, omissions=cut)).text.partition("Timeline")
    assert "Incomplete" in head
    assert "12 lookups missing" in head
    assert "Incomplete" not in read(a_report()).text


def test_an_answer_that_lacks_a_part_is_shown_with_the_reason() -> None:
    for reason, shown in (("flows: <b>no</b> time.", True), (None, False)):
        findings = [finding("seen.example", "harmless", reason=reason)]
        text = read(a_report(attributes=[attribute("seen.example")], findings=findings)).text
        assert (", incomplete: flows: <b>no</b> time." in text) is shown
        assert ("incomplete" in text) is shown


def test_the_worst_of_many_alerts_is_shown() -> None:
    alerts = [an_alert(rule_name=f"Rule {n:02d}", severity="critical" if n == 33 else "low") for n in range(60)]
    text = read(a_report(alerts=alerts, alert_count=60)).text
    shown = [number for number in range(60) if f"Rule {number:02d}" in text]
    assert len(shown) == BOUNDS[0].alerts
    assert {0, 33, 59} < set(shown)
