"""Sample pages: of a short incident, and of a storm."""

import random
from collections.abc import Sequence
from typing import Any

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Emission, Report
from alert_responder.page.renderer import render
from alert_responder.page.view import Page
from tests.fakes.reports import a_finding, a_report, an_alert, an_attribute

AT = 1_769_904_001_250
"""When the first alert arrived [ms]."""


def printed(report: Report, arrivals: Sequence[int], deliveries: Sequence[Emission], document: str) -> bytes:
    """Make pages as the coordinator does; see `usecases.ports.PagePrinter`."""
    return render(Page(report, arrivals, deliveries, document))


def incident() -> Page:
    """Return the page of a few alerts, with attributes that inspectors found, every verdict, and every delivery."""
    arrivals = [AT + n * 41_000 for n in range(7)]
    attributes = [
        _attribute("198.51.100.7", "ipaddr"),
        _attribute("alice", "username"),
        _attribute("i-0123456789abcdef0", "instance"),
        _attribute("update-cdn.evil.example", "domain", 1, "198.51.100.7"),
        _attribute("275a021b" * 8, "filehashvalue", 1, "198.51.100.7"),
        _attribute("203.0.113.77", "ipaddr", 2, "update-cdn.evil.example"),
    ]
    malware = {"sha256": "275a021b" * 8, "scans": [{"vendor": "Engine", "name": "Mirai", "positive": True}] * 9}
    findings = [
        _finding(attributes[0], "virustotal", [_host("malicious", related_malware=[malware], country=["NL"])]),
        _finding(
            attributes[0], "history", [{"type": "note", "title": "3 earlier reports", "text": "2 of them urgent"}]
        ),
        _finding(attributes[0], "geo", outcome="timeout", reason="No answer within 60 s."),
        _finding(attributes[1], "virustotal", outcome="skipped", reason="It names an identity.", seconds=None),
        _finding(attributes[2], "aws-context", [_host("suspicious", owner=["payments"], os=["Amazon Linux 2023"])]),
        _finding(attributes[3], "virustotal", [_host("suspicious", hostname=["update-cdn.evil.example"])]),
        _finding(attributes[5], "virustotal", [_host("harmless", country=["US"])], outcome="cached", seconds=None),
    ]
    report = a_report(
        "urgent",
        "The instance talks to an address that is known for command and control.\nIsolate it.",
        attributes,
        findings,
        alerts=[an_alert(event_id=str(n), arrived_at=format_rfc3339(at)) for n, at in enumerate(arrivals)],
        alert_count=len(arrivals),
        round=2,
        notes=["Without an answer: geo: timeout."],
        timeline=[
            {"at": format_rfc3339(AT), "what": "The first alert came in; the report was opened."},
            {"at": format_rfc3339(AT + 300_000), "what": "Round 2 was compiled for review."},
        ],
    )
    deliveries = [
        _delivery("pagerduty", "ok", at=format_rfc3339(AT + 70_000), url="https://acme.pagerduty.com/incidents/Q1"),
        _delivery(
            "slack", "failed", at=format_rfc3339(AT + 71_000), reason="Slack refused the message (channel_not_found)."
        ),
        _delivery("github", "pending", round=2),
    ]
    return Page(report, arrivals, deliveries, f"reports/{report.id}/000002.json")


def storm(count: int = 10_000) -> Page:
    """Return the page of very many alerts with distinct addresses, 500 of which were looked up."""
    chance = random.Random(1)  # nosec B311
    arrivals = sorted(AT + int(min(max(chance.gauss(5.4e6, 1.2e6), 0), 1.08e7)) for _ in range(count))
    attributes = [_attribute(f"10.{n // 65536}.{n // 256 % 256}.{n % 256}", "ipaddr") for n in range(count)]
    verdicts = ("malicious", "suspicious", "harmless", None)
    findings = [
        _finding(attribute, "reputation", [_host(verdicts[n % 4], country=["NL"], hostname=[f"h{n}.example"])])
        for n, attribute in enumerate(attributes[:500])
    ]
    ends = [*arrivals[:10], *arrivals[-10:]]
    body = {"message": "The original, as the detector wrote it. " * 50, "fields": {f"f{n}": n for n in range(100)}}
    report = a_report(
        attributes=attributes,
        findings=findings,
        alerts=[an_alert(event_id=str(n), arrived_at=format_rfc3339(at), body=body) for n, at in enumerate(ends)],
        alert_count=count,
        timeline=[{"at": format_rfc3339(arrivals[0]), "what": "The first alert came in; the report was opened."}],
        notes=[f"Of {count:,} alerts the 10 oldest and the 10 newest are shown."],
    )
    return Page(report, arrivals, (), f"reports/{report.id}/000001.json")


def _attribute(value: str, type_: str, depth: int = 0, found_from: str | None = None) -> dict[str, Any]:
    kind = "ipaddr" if found_from and found_from[0].isdigit() else "domain"
    origin = {"inspector": "virustotal", "attribute_type": kind, "attribute_value": found_from} if found_from else {}
    return an_attribute(value, id=value, type=type_, depth=depth, origin=origin)


def _finding(
    attribute: dict[str, Any], inspector: str, contents: list[dict[str, Any]] | None = None, **fields: Any
) -> dict[str, Any]:
    about = {"attribute_id": attribute["id"], "attribute_type": attribute["type"], "depth": attribute["depth"]}
    return a_finding(inspector, attribute_value=attribute["value"], contents=contents or [], **about, **fields)


def _host(verdict: str | None, **fields: Any) -> dict[str, Any]:
    link = "https://www.virustotal.com/gui/search/198.51.100.7"
    return {"type": "host", "verdict": verdict, "source": "VirusTotal", "link": link, **fields}


def _delivery(emitter: str, outcome: str, **fields: Any) -> Emission:
    delivery = {"emitter": emitter, "round": 1, "outcome": outcome, "reason": None, "url": None, **fields}
    return Emission.model_validate(delivery)
