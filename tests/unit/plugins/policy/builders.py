"""Reports and policies for the tests of this folder."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import Report
from alert_responder.domain.attributes import identity
from alert_responder_plugins.policy.evaluate import Decision, evaluate
from alert_responder_plugins.policy.model import Policy, read_policy
from tests.fakes.reports import a_finding, a_report, an_alert, an_attribute

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
SCANNER, ATTACKER = "192.0.2.53", "198.51.100.7"


def attribute(value: str = ATTACKER, kind: str = "ipaddr", context: Iterable[str] = ("remote",), **fields: Any) -> Any:
    made = Attribute(type=kind, value=value, context=tuple(context))
    return an_attribute(value, id=identity(made), type=kind, context=list(made.context), **fields)


def finding(value: str = ATTACKER, verdict: str | None = None, kind: str = "ipaddr", **fields: Any) -> Any:
    made = Attribute(type=kind, value=value)
    contents = fields.pop("contents", [{"type": "host", "verdict": verdict}] if verdict else [])
    return a_finding(
        **{"attribute_id": identity(made), "attribute_type": kind, "attribute_value": value, "contents": contents}
        | fields
    )


def alert(*attributes: Any, **fields: Any) -> Any:
    shown = [{"type": each["type"], "value": each["value"], "context": each["context"]} for each in attributes]
    return an_alert(attributes=shown, detector="guardduty", **fields)


def report(
    *attributes: Any, findings: Iterable[Any] = (), alerts: Iterable[Any] | None = None, **fields: Any
) -> Report:
    made = list(alerts) if alerts is not None else [alert(*attributes)]
    return a_report(
        attributes=attributes,
        findings=findings,
        alerts=made,
        alert_count=fields.pop("alert_count", len(made)),
        **fields,
    )


def policy(*rules: dict[str, Any], suppressions: Iterable[dict[str, Any]] = (), **fields: Any) -> Policy:
    named = [{"name": f"rule-{number}", "severity": "urgent", **rule} for number, rule in enumerate(rules)]
    return read_policy({"rules": named, "suppressions": list(suppressions), **fields})


def suppression(**fields: Any) -> dict[str, Any]:
    return {
        "name": "scanner",
        "match": {"detector": "guardduty", "attribute": {"type": "ipaddr", "value": SCANNER}},
        "owner": "net-team@example.com",
        "reason": "Our own scanner",
        "starts": "2026-01-01",
        "expires": "2026-03-01",
        **fields,
    }


def decide(made: Policy, of: Report, now: datetime = NOW, *, traced: bool = False) -> Decision:
    return evaluate(made, of, now, traced=traced)
