"""Costs of alerts on AWS: calls counted with the in-memory installation, multiplied by public list prices.

``python -m benchmarks.costs`` prints the tables of `docs/capacity.md`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from alert_responder.contracts.alert import Alert
from alert_responder.domain.records import Event
from tests.fakes.installation import Installation, any_page
from tests.fakes.meter import Counted, Meter

MILLION = 1e6
PRICES = {
    "DynamoDB write unit": 0.625 / MILLION,
    "DynamoDB read unit": 0.125 / MILLION,
    "S3 write": 5.0 / MILLION,
    "S3 read": 0.4 / MILLION,
    "Step Functions transition": 25.0 / MILLION,
    "Lambda call": 0.20 / MILLION,
    "Lambda GB-second, arm64": 0.0000133334,
    "Kinesis record up to 25 KB": 0.014 / MILLION,
    "Kinesis shard-hour": 0.015,
    "Kinesis on-demand stream-hour": 0.04,
    "CloudWatch metric of an alarm, month": 0.10,
    "CloudWatch custom metric, month": 0.30,
    "CloudWatch dashboard, month": 3.00,
}
"""Public list prices, us-east-1, US dollars, without free tiers."""

SECONDS = {"receptor": 0.15, "plan": 0.08, "inspect": 0.35, "review": 0.40, "emit": 0.40, "close": 0.03}
"""Assumed duration of a call with 1 GB of memory and plug-ins that take 0.3 s; everything else is counted."""

ALARMS, ALARM_METRICS, METRICS, SWEEPS, HOURS = 8, 21, 4, 12 * 730, 730
"""What an idle installation pays for: alarms by the metrics they evaluate, custom metrics that are written when there
are reports (others only when something fails), sweeps of eight queries each, shard-hours."""


@dataclass(frozen=True)
class Profile:
    """Alerts of one incident, in bursts; each burst is a separate batch and round."""

    name: str
    what: str
    bursts: Sequence[int]


PROFILES = (
    Profile("calm", "each alert is a separate incident", (1,)),
    Profile("busy", "20 alerts an incident, in 4 bursts of 5", (5, 5, 5, 5)),
    Profile("storm", "2,000 alerts of one incident, in batches of 500", (2000,)),
)


@dataclass(frozen=True)
class Bill:
    """The requests for one incident."""

    alerts: int
    requests: int
    invocations: int
    transitions: int
    dollars: dict[str, float]


def ours(profile: Profile) -> Bill:
    """Count one incident with one inspector, a reviewer and one emitter, and price it."""
    meter, steps = Meter(), Counter[str]()
    installation = Installation({"inspector": _note}, _rated, {"emitter": _notified}, meter=meter, print_page=any_page)
    receiver: Any = Counted(installation.receiver, {"receive": _STEPS["receive"]}, steps)
    installation.receiver = receiver
    methods = {
        "planner": "plan",
        "inspection": "inspect",
        "reviewer": "review",
        "deliverer": "deliver",
        "closer": "close",
    }
    counted: dict[str, Any] = {
        name: Counted(getattr(installation.steps, name), {method: _STEPS[method]}, steps)
        for name, method in methods.items()
    }
    installation.steps = replace(installation.steps, **counted)
    number = 0
    for burst in profile.bursts:
        for start in range(0, burst, 500):
            batch = [_event(number + n) for n in range(min(500, burst - start))]
            number += len(batch)
            installation.receive(*batch)
        installation.run()
    executions = meter.requests["StartExecution"]
    transitions = (
        executions + 2 * (steps["plan"] + steps["review"] + steps["emit"]) + 3 * steps["inspect"] + steps["close"]
    )
    dollars = {
        "DynamoDB": meter.write_units * PRICES["DynamoDB write unit"] + meter.read_units * PRICES["DynamoDB read unit"],
        "S3": (meter.requests["PutObject"] + meter.requests["CopyObject"]) * PRICES["S3 write"]
        + meter.requests["GetObject"] * PRICES["S3 read"],
        "Step Functions": transitions * PRICES["Step Functions transition"],
        "Lambda": _lambda(steps),
        "Kinesis": number * PRICES["Kinesis record up to 25 KB"],
    }
    return Bill(number, meter.requests.total(), steps.total(), transitions, dollars)


def predecessor(profile: Profile) -> Bill:
    """Price the predecessor by its counts; each DynamoDB call counts as half a write unit and half a read unit."""
    alerts, further = sum(profile.bursts), sum(profile.bursts) - 1
    requests = 12 * alerts + 16
    invocations, transitions = 9 + 5 * further, 6 + 2 * further
    unit = (PRICES["DynamoDB write unit"] + PRICES["DynamoDB read unit"]) / 2
    dollars = {
        "DynamoDB": requests * unit,
        "S3": 0.0,
        "Step Functions": transitions * PRICES["Step Functions transition"],
        "Lambda": invocations * (PRICES["Lambda call"] + 0.1 * PRICES["Lambda GB-second, arm64"]),
        "Kinesis": alerts * PRICES["Kinesis record up to 25 KB"],
    }
    return Bill(alerts, requests, invocations, transitions, dollars)


def idle() -> dict[str, float]:
    """Price a month without alerts."""
    sweep = 8 * PRICES["DynamoDB read unit"] / 2 + PRICES["Lambda call"] + 0.2 * PRICES["Lambda GB-second, arm64"]
    return {
        "one shard of the stream": HOURS * PRICES["Kinesis shard-hour"],
        f"{ALARMS} alarms on {ALARM_METRICS} metrics": ALARM_METRICS * PRICES["CloudWatch metric of an alarm, month"],
        "the dashboard, if the account has three others": PRICES["CloudWatch dashboard, month"],
        f"{METRICS} metrics, in months with reports": METRICS * PRICES["CloudWatch custom metric, month"],
        "sweeps": SWEEPS * sweep,
    }


def main() -> None:
    """Print the tables as Markdown."""
    print(
        "| of 1,000 alerts | | requests | invocations | transitions | DynamoDB | S3 | Step Functions | Lambda | all |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for profile in PROFILES:
        for who, bill in (("now", ours(profile)), ("predecessor", predecessor(profile))):
            counts = (1000 * count / bill.alerts for count in (bill.requests, bill.invocations, bill.transitions))
            money = (1000 * bill.dollars[name] / bill.alerts for name in ("DynamoDB", "S3", "Step Functions", "Lambda"))
            cells = [f"{count:,.0f}" for count in counts] + [f"{dollars:.4f}" for dollars in money]
            total = 1000 * sum(bill.dollars.values()) / bill.alerts
            print(f"| {profile.name} | {who} | {' | '.join(cells)} | {total:.4f} |")
    print("\n| idle | USD a month |\n|---|---|")
    for what, dollars in idle().items():
        print(f"| {what} | {dollars:.2f} |")
    print(f"| all | {sum(idle().values()):.2f} |")


_STEPS = {
    "receive": "receptor",
    "plan": "plan",
    "inspect": "inspect",
    "review": "review",
    "deliver": "emit",
    "close": "close",
}


def _lambda(steps: Counter[str]) -> float:
    seconds = sum(SECONDS[step] * count for step, count in steps.items())
    return steps.total() * PRICES["Lambda call"] + seconds * PRICES["Lambda GB-second, arm64"]


def _event(number: int) -> Event:
    fields = {
        "detector": "detector",
        "rule_id": "rule",
        "alert_key": "key",
        "description": "Something has happened that should not.",
        "attributes": [{"type": "ipaddr", "value": "192.0.2.1"}],
        "body": {"message": "The original, as the detector wrote it. " * 8},
    }
    return Event(f"shardId-000000000000:{number:056d}:0", number // 3, f"{number}", Alert.model_validate(fields))


def _note(_: dict[str, object]) -> dict[str, object]:
    return {"contents": [{"type": "note", "title": "seen"}]}


def _rated(_: dict[str, object]) -> dict[str, object]:
    return {"severity": "urgent", "reason": "always"}


def _notified(_: dict[str, object]) -> dict[str, object]:
    return {"state": 1}


if __name__ == "__main__":
    main()
