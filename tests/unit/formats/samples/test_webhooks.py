"""Webhooks as products post them: through the webhook source onto the stream, and parsed as alerts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.alert import Alert
from alert_responder.formats import parse_record
from tests.unit.plugins.webhook.builders import Stream, answered, bearer, crowdstrike, event, github, grafana
from tools.paths import ROOT

SAMPLES = ROOT / "tests" / "events" / "samples"
SIGN: dict[str, Callable[[bytes], dict[str, str]]] = {"crowdstrike": crowdstrike, "github": github, "grafana": grafana}
"""How products sign the body; others send the secret."""

EXPECTED: dict[str, dict[str, Any]] = {
    "webhook_alertmanager_resolved": {
        "rule_id": "Deployment",
        "status": "resolved",
        "severity": "Warning",
        "finding_id": "fb00788ec400018b@2026-03-02T11:13:27.3Z",
    },
    "webhook_grafana_datasource_error": {
        "rule_id": "DatasourceError: Memory Usage",
        "status": "active",
        "description": "The memory of the shop cannot be measured",
        "finding_id": "60890009c29e0374@2026-03-02T18:54:00Z",
    },
    "webhook_github_code_scanning": {
        "rule_id": "java/sql-injection",
        "alert_key": "example-shop/checkout#10",
        "status": "active",
        "severity": "error",
    },
    "webhook_github_dependabot": {
        "rule_id": "GHSA-c2qf-rxjj-qqgw",
        "alert_key": "example-shop/checkout#20",
        "status": "active",
        "severity": "medium",
    },
    "webhook_github_secret_reopened": {
        "rule_id": "example_api_key",
        "alert_key": "example-shop/checkout#191",
        "status": "active",
    },
    "webhook_crowdstrike_fusion": {
        "detector": "crowdstrike",
        "rule_id": "New endpoint detection",
        "alert_key": "WS-042",
        "finding_id": "https://falcon.example.com/activity/detections/detail/0123/45678",
    },
    "webhook_wiz_entity": {
        "rule_id": "wc-id-1234",
        "rule_name": "VM with a known exploited vulnerability",
        "severity": "HIGH",
    },
}
ATTRIBUTES = {
    "webhook_alertmanager_resolved": ("ipaddr", "192.0.2.53"),
    "webhook_github_code_scanning": ("filepath", "src/main/java/com/example/shop/BookService.java"),
    "webhook_github_dependabot": ("cve", "CVE-2022-25883"),
    "webhook_github_secret_reopened": ("repository", "example-shop/checkout"),
    "webhook_crowdstrike_fusion": ("hostname", "WS-042"),
    "webhook_wiz_entity": ("account", "111122223333"),
}


def posted(path: Path) -> Alert:
    """Post a sample as its product does, and parse the record."""
    body, product = path.read_bytes(), path.name.split("_")[1]
    headers = SIGN[product](body) if product in SIGN else bearer()
    stream = Stream()
    assert answered(event(body, headers), stream).status == 200
    (record,) = stream.records
    (parsed,), rejected = parse_record(record)
    assert not rejected
    return parsed.alert


@pytest.mark.parametrize("name", EXPECTED)
def test_a_posted_webhook_is_the_alert_of_its_product(name: str) -> None:
    alert = posted(SAMPLES / f"{name}.json")
    assert {field: getattr(alert, field) for field in EXPECTED[name]} == EXPECTED[name]
    if name in ATTRIBUTES:
        assert ATTRIBUTES[name] in {(each.type, each.value) for each in alert.attributes}


def test_every_sample_is_expected() -> None:
    assert {path.stem for path in SAMPLES.glob("webhook_*.json")} == EXPECTED.keys()
