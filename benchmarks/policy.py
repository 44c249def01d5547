"""The time to rate a large report with a policy of 200 rules and 50 suppressions, in a warm process."""

import gc
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import Report
from alert_responder.domain.attributes import identity
from alert_responder_plugins.policy.evaluate import PreparedPolicy
from alert_responder_plugins.policy.model import read_policy
from benchmarks.results import Result
from tests.fakes.reports import a_finding, a_report, an_alert, an_attribute

RULES, SUPPRESSIONS = 200, 50
ATTRIBUTES = 1000
SECONDS = 0.1
_RUNS = 100
_NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


def measure() -> list[Result]:
    """Rate the report again and again, from its JSON on, as the function does."""
    policy = PreparedPolicy(read_policy(_policy()))
    # As in the function.
    gc.freeze()
    text = _report().model_dump_json()
    times = []
    for _ in range(_RUNS):
        begun = time.process_time()
        policy.evaluate(Report.model_validate_json(text), _NOW)
        times.append(time.process_time() - begun)
    gc.unfreeze()
    return [
        Result(
            35,
            f"a report with {ATTRIBUTES:,} attributes rated by {RULES} rules, 95th percentile",
            SECONDS * 1000,
            statistics.quantiles(times, n=20)[-1] * 1000,
            "ms",
            beside={"median [ms]": statistics.median(times) * 1000, "report [MB]": len(text) / 1e6},
        )
    ]


def _policy() -> dict[str, Any]:
    kinds: list[dict[str, Any]] = [
        {"match": {"verdict": "malicious", "attribute_type": "domain", "context": "remote"}},
        {"match": {"attribute": {"cidr": [f"10.{number}.0.0/16" for number in range(50)]}}},
        {"match": {"attribute": {"type": "ipaddr", "value": ["203.0.113.*", "192.0.2.1"]}}},
        {"match": {"detector": "vpn"}, "when": "attributes[?type == 'domain' && contains(value, 'never')]"},
        {"match": {"rule": "Recon:*", "severity": "high", "account": "111122223333"}},
        {"match": {"tag": {"tier": "production"}}, "when": "alert_count > `20`"},
        {"match": {"verdict": "harmless"}, "severity": "safe"},
    ]
    # The expressions differ, so that none is evaluated for another one.
    rules = [
        {"severity": "urgent", **kinds[each % len(kinds)], "name": f"rule-{each}"}
        | ({"when": f"{when} || title == '{each}'"} if (when := kinds[each % len(kinds)].get("when")) else {})
        for each in range(RULES)
    ]
    suppression = {"owner": "a", "reason": "b", "starts": "2026-01-01", "expires": "2026-03-01"}
    suppressions = [
        {**suppression, "name": f"s-{each}", "match": {"detector": "vpn", "attribute": {"cidr": f"192.0.{each}.0/24"}}}
        for each in range(SUPPRESSIONS)
    ]
    return {"rules": rules, "suppressions": suppressions}


def _report() -> Report:
    attributes, findings, shown = [], [], []
    for number in range(ATTRIBUTES):
        made = Attribute(type="ipaddr", value=f"198.51.{number // 250}.{number % 250}", context=("remote",))
        attributes.append(an_attribute(made.value, id=identity(made), context=["remote"]))
        contents = [{"type": "host", "verdict": "malicious", "country": ["NL"]}, {"type": "note", "title": "x"}]
        if number < 200:
            findings.append(a_finding(attribute_id=identity(made), attribute_value=made.value, contents=contents))
        shown.append({"type": "ipaddr", "value": made.value, "context": ["remote"]})
    body = {"events": [{"id": each, "text": "x" * 100} for each in range(400)]}
    alerts = [an_alert(attributes=shown[each * 40 : each * 40 + 40], body=body) for each in range(25)]
    return a_report(attributes=attributes, findings=findings, alerts=alerts, alert_count=10_000)
