"""A policy in a temporary folder, and what its tests need."""

import json
from pathlib import Path
from typing import Any

from alert_responder.contracts.report import Report

SCANNER = {
    "name": "scanner",
    "match": {"detector": "guardduty", "rule": "Recon:EC2/*", "attribute": {"type": "ipaddr", "value": "192.0.2.53"}},
    "owner": "net-team@example.com",
    "reason": "Our own scanner",
    "starts": "2026-01-01",
    "expires": "2026-03-01",
}

YAML = """\
rules:
  - name: contacts-command-and-control
    match: {verdict: malicious, attribute_type: [domain, ipaddr], context: remote}
    severity: urgent
    reason: "{attribute} is {verdict} according to {inspector}"
    labels: [network]
default: {severity: unclassified, reason: No rule matched.}
"""


def write_policy(folder: Path, text: str | dict[str, Any] = YAML, name: str = "policy.yaml") -> Path:
    """Write a policy; JSON is YAML too."""
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


def suppressing(**fields: Any) -> dict[str, Any]:
    """Return a policy with one suppression."""
    return {"suppressions": [{**SCANNER, **fields}]}


def write_report(folder: Path, report: Report, name: str = "report.json") -> Path:
    path = folder / name
    path.write_text(report.model_dump_json(), encoding="utf-8")
    return path


def write_alerts(folder: Path, value: str = "198.51.100.7", name: str = "alerts.jsonl", **fields: Any) -> Path:
    attributes = [{"type": "ipaddr", "value": value, "context": ["remote"]}]
    path = folder / name
    alert = {"detector": "vpn", "rule_id": "new", "alert_key": "alice", "attributes": attributes, **fields}
    path.write_text(json.dumps(alert) + "\n", encoding="utf-8")
    return path


def record_answers(folder: Path, value: str = "198.51.100.7", verdict: str = "malicious") -> Path:
    answers = folder / "answers"
    answers.mkdir(exist_ok=True)
    answer = {"contents": [{"type": "host", "verdict": verdict, "source": "list"}]}
    line = {"type": "ipaddr", "value": value, "answer": answer}
    (answers / "reputation.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return answers
