"""Secrets in alerts and plug-ins stay where they belong: none is in a log or an execution's history."""

import base64
import json
import zlib
from collections.abc import Iterator
from typing import Any

from tests.integration.pipeline import OURS, Pipeline, only

CANARIES = {
    # The secret's source: a marker for the secret, and the stores that may contain it.
    "alert": ("canary-alert-7f3a", {"table", "reports", "snapshots"}),
    "rejected record": ("canary-rejected-91bc", {"rejected"}),
    "inspector's stack trace": ("canary-inspector-2e57", set()),
    "reviewer's stack trace": ("canary-reviewer-c04d", set()),
    "emitter's state": ("canary-state-5d18", {"table"}),
    "our environment": ("canary-environment-aa60", set()),
}

RAISES = """
def handler(event, context):
    raise ValueError("no")  # {secret}
"""

REMEMBERS = """
def handler(emission, context):
    if emission["state"]:
        raise ValueError("no")
    return {{"state": {{"token": "{secret}"}}}}
"""


def test_secrets_stay_where_they_belong(pipeline: Pipeline) -> None:
    secret = {where: value for where, (value, _) in CANARIES.items()}
    attribute = ("x-secret", "value")
    wanted = only(["x-secret"])
    with (
        pipeline.environment_of_ours(CANARY=secret["our environment"]),
        pipeline.attached("inspector", RAISES.format(secret=secret["inspector's stack trace"]), **wanted),
        pipeline.attached("reviewer", RAISES.format(secret=secret["reviewer's stack trace"])),
        pipeline.attached("emitter", REMEMBERS.format(secret=secret["emitter's state"])),
    ):
        pipeline.forget_plug_ins()
        good = pipeline.alert("secret", attribute, body={"password": secret["alert"]})
        bad = good.replace(secret["alert"].encode(), secret["rejected record"].encode())[:-1]
        pipeline.send([good, bad])
        pipeline.settled("secret")
        # The emitter fails with its state from the first round.
        pipeline.send([pipeline.alert("secret", attribute, ("x-secret", "2"), body={"password": secret["alert"]})])
        pipeline.wait(lambda: (s := pipeline.of_key("secret")[0]).settled and s.head.round == 2, "a second round")

    found: dict[str, set[str]] = {where: set() for where in CANARIES}
    for store, text in everything(pipeline):
        for where, value in secret.items():
            if value in text:
                found[where].add(store)
    assert found == {where: allowed for where, (_, allowed) in CANARIES.items()}


def everything(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """Read all stored texts, by place."""
    ours = pipeline.installation
    for function in OURS:
        yield "logs", "\n".join(ours.account.function_logs(f"{ours.name}-{function}"))
    machines = ours.client("stepfunctions")
    for status in pipeline.of_key("secret"):
        for name in pipeline.executions(status.report_id):
            arn = f"{ours.workflow_arn.replace(':stateMachine:', ':execution:')}:{name}"
            pages = machines.get_paginator("get_execution_history").paginate(executionArn=arn)
            yield "history", json.dumps([page["events"] for page in pages], default=str)
    for page in ours.client("dynamodb").get_paginator("scan").paginate(TableName=ours.table):
        yield from (("table", json.dumps(item, default=_readable)) for item in page["Items"])
    s3 = ours.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=ours.archive_bucket):
        for entry in page.get("Contents", []):
            text = s3.get_object(Bucket=ours.archive_bucket, Key=entry["Key"])["Body"].read().decode()
            raw = "" if entry["Key"].endswith(".html") else _raw(text)
            yield entry["Key"].partition("/")[0], text + raw
    for queue in ours.client("sqs").list_queues().get("QueueUrls", []):
        yield "queue", json.dumps(ours.client("sqs").receive_message(QueueUrl=queue), default=str)


def _readable(value: Any) -> str:
    assert isinstance(value, bytes)
    return zlib.decompress(value).decode()


def _raw(document: str) -> str:
    """Read the bytes of an archived rejected record."""
    return base64.b64decode(json.loads(document).get("data", "")).decode(errors="replace")
