"""Emitter: publishes a report on an SNS topic."""

import os
import re
from typing import Any

import boto3

SNS = boto3.client("sns")


def handler(emission: dict[str, Any], context: object) -> dict[str, Any] | None:
    report = emission["report"]
    result = report["result"]
    # A published message cannot be changed: the message of a later round names the first one.
    first = (emission["state"] or {}).get("message_id")
    resolved = report["status"] == "resolved"
    if resolved and not first:
        return None  # No message was sent about this incident.
    alert = report["alerts"][-1] if report["alerts"] else {"description": "", "severity": None, "rule_id": ""}
    lines = [
        f"{'resolved' if resolved else result['severity']}: {result['reason']}",
        f"{alert['description']} ({alert['severity'] or 'no severity'}, {alert['rule_id']})",
        f"Report {report['id']}, round {report['round']}, alerts: {report['alert_count']}.",
        *([f"Follows message {first}."] if first else []),
        *[
            f"- {finding['attribute_value']}: {finding['inspector']} {finding['outcome']}"
            for finding in report["findings"]
        ],
    ]
    # SNS accepts a subject of fewer than 100 ASCII characters, and a message of 256 KB.
    subject = re.sub(r"[^ -~]", "?", ("Resolved: " if resolved else "") + report["title"]).strip()[:99]
    message = "\n".join(map(harmless, lines)).encode(errors="replace")[:250_000].decode(errors="ignore")
    sent = SNS.publish(TopicArn=os.environ["TOPIC_ARN"], Subject=subject or "Alert", Message=message)
    return {"state": {"message_id": first or sent["MessageId"]}}


def harmless(line: str) -> str:
    """Keep attacker-controlled text on one line, and prevent mail programs from making links of addresses."""
    return re.sub(r"\.(?=\S)", "[.]", "".join(sign if sign.isprintable() else "?" for sign in line))
