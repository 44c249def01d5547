"""Emitter: publishes a report on an SNS topic, for whoever is subscribed to it."""

import os
from typing import Any

import boto3

SNS = boto3.client("sns")


def handler(emission: dict[str, Any], context: object) -> dict[str, Any]:
    report = emission["report"]
    result = report["result"]
    # What was published cannot be changed: a later round says what it is about.
    first = (emission["state"] or {}).get("message_id")
    lines = [
        f"{result['severity']}: {result['reason']}",
        f"Report {report['id']}, round {report['round']}, {report['alert_count']} alerts.",
        *([f"Follows message {first}."] if first else []),
        *[
            f"- {finding['attribute_value']}: {finding['inspector']} {finding['outcome']}"
            for finding in report["findings"]
        ],
    ]
    subject = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in report["title"])[:100]
    sent = SNS.publish(TopicArn=os.environ["TOPIC_ARN"], Subject=subject or "Alert", Message="\n".join(lines)[:200_000])
    return {"state": {"message_id": first or sent["MessageId"]}}
