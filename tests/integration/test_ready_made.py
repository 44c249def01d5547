"""Every ready-made plug-in in the applied module: from an alert to the requests that the service received.

The services are imitations on this machine; functions, client libraries, secrets and roles are the real ones.
"""

import json
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from alert_responder.store import items
from alert_responder_plugins.quarantine.client import QuarantineClient
from tests.integration.conftest import installed
from tests.integration.imitations import BAD_ADDRESS, BAD_DOMAIN, SECRETS, WORSE_ADDRESS, imitations, recipe
from tests.integration.pipeline import OURS, Pipeline
from tools.account import REGION
from tools.emulator import ACCOUNT_ID
from tools.receivers.server import Fault
from tools.receivers.virustotal import Key
from tools.report_reader import ReportStatus
from tools.services import Services

INNER = "10.0.3.17"
PLUG_INS = (
    "emitter-github",
    "emitter-pagerduty",
    "commands-quarantine",
    "emitter-quarantine",
    "emitter-slack",
    "inspector-aws-context",
    "inspector-history",
    "inspector-virustotal",
)


EXPECTED = {
    "archive": WORSE_ADDRESS,
    "environment of emitter-slack": "arn:aws:secretsmanager:",
    "history": "ExecutionSucceeded",
    "log of emitter-slack": "invalid_auth",
    "log of inspector-virustotal": "START",
    "log of runner": "delivery ended",
    "state": "arn:aws:secretsmanager:",
    "table": WORSE_ADDRESS,
}
"""Expected words in the places where secrets must not appear."""


@dataclass
class World:
    """An installation with all ready-made plug-ins, the imitated services, and an approver.

    Attributes
    ----------
    approver
        The approver's access key, with its secret.
    """

    pipeline: Pipeline
    services: Services
    instance: str
    approver: dict[str, str]

    def access_key(self) -> str:
        """Make an access key of another user, for the quarantine to deactivate."""
        created = self.pipeline.installation.client("iam").create_access_key(UserName="mallory")
        return str(created["AccessKey"]["AccessKeyId"])

    def alert(self, key: str, *attributes: tuple[str, str, str]) -> bytes:
        """Write an alert with attributes of type, value and context."""
        listed = [{"type": kind, "value": value, "context": [context]} for kind, value, context in attributes]
        return self.pipeline.alert(key, attributes=listed)

    def round(self, key: str, number: int, alert: bytes) -> ReportStatus:
        """Send an alert and wait until the report's round is settled."""
        self.pipeline.send([alert])
        done = self.pipeline.wait(
            lambda: [s for s in self.pipeline.of_key(key) if s.settled and s.head.round == number], f"round {number}"
        )
        status: ReportStatus = done[0]
        return status


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with imitations() as services, installed(recipe(services)) as pipeline:
        for function in ("inspector-aws-context", "emitter-quarantine", "commands-quarantine"):
            allow_on_everything(pipeline, function, "iam:GetAccessKeyLastUsed")
        iam = pipeline.installation.client("iam")
        started = pipeline.installation.client("ec2").run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Owner", "Value": "shop team"}]}],
        )
        yield World(
            pipeline,
            services,
            started["Instances"][0]["InstanceId"],
            iam.create_access_key(UserName="approver")["AccessKey"],
        )


def allow_on_everything(pipeline: Pipeline, function: str, action: str) -> None:
    """Allow a function's role on all resources what the modules allow it on users.

    AWS finds the owner of a key; the emulator does not, and requires the right on all resources.
    """
    ours = pipeline.installation
    role = ours.client("lambda").get_function_configuration(FunctionName=f"{ours.name}-{function}")["Role"]
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    ours.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="emulator",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def outcomes(status: ReportStatus) -> dict[tuple[str, str], str]:
    """Return the outcome of each lookup, by inspector and value."""
    return {(task.inspector, task.task["attribute"]["value"]): str(task.outcome) for task in status.tasks}


def test_three_rounds_create_one_notification_and_update_it(world: World) -> None:
    key, services = "rounds", world.services
    access_key = world.access_key()
    first = world.round(
        key,
        1,
        world.alert(
            key,
            ("ipaddr", BAD_ADDRESS, "remote"),
            ("ipaddr", INNER, "remote"),
            ("instance", world.instance, "subject"),
            ("accesskey", access_key, "subject"),
        ),
    )
    assert first.severity == "urgent"
    ended = outcomes(first)
    assert ended["virustotal", BAD_ADDRESS] in {"ok", "cached"}
    assert ended["virustotal", INNER] == "skipped", "an internal address must not be sent to a third party"
    assert ended["aws-context", world.instance] == ended["aws-context", access_key] == "ok"
    assert ended["history", world.instance] == "empty"
    findings = json.dumps(world.pipeline.report(first)["findings"])
    assert "shop team" in findings
    assert "mallory" in findings, findings
    assert INNER not in str([asked.path for asked in services.serving["virustotal"].asked])

    world.round(key, 2, world.alert(key, ("domain", BAD_DOMAIN, "remote")))
    last = world.round(key, 3, world.alert(key, ("ipaddr", WORSE_ADDRESS, "remote")))

    (message,) = [each for each in services.slack.messages if key in json.dumps(each)]
    assert message["edited"]
    assert "149[.]112[.]112[.]112" in json.dumps(message)
    (incident,) = [each for each in services.pagerduty.incidents if key in json.dumps(each.events)]
    assert (incident.status, len(incident.events)) == ("triggered", 3)
    (issue,) = [each for each in services.github.issues if key in each["title"]]
    assert issue["state"] == "open"
    assert len(services.github.comments[issue["number"]]) == 3
    deliveries = [delivery for delivery in last.deliveries if delivery.emitter in {"github", "pagerduty", "slack"}]
    assert [(delivery.outcome, delivery.attempts) for delivery in deliveries] == [("ok", 1)] * 9


def test_history_finds_earlier_reports(world: World) -> None:
    world.round("earlier", 1, world.alert("earlier", ("ipaddr", BAD_ADDRESS, "remote")))
    later = world.round("later", 1, world.alert("later", ("ipaddr", BAD_ADDRESS, "remote")))

    assert outcomes(later)["history", BAD_ADDRESS] == "ok"
    (answer,) = [items.unpack(task.answer or b"") for task in later.tasks if task.inspector == "history"]
    assert "urgent" in json.dumps(answer)


def test_a_containment_waits_for_approval_and_is_released(world: World) -> None:
    ours = world.pipeline.installation
    key = world.access_key()
    world.round(
        "contained", 1, world.alert("contained", ("ipaddr", BAD_ADDRESS, "remote"), ("accesskey", key, "subject"))
    )
    person = boto3.Session(
        aws_access_key_id=world.approver["AccessKeyId"],
        aws_secret_access_key=world.approver["SecretAccessKey"],
        region_name=REGION,
    )
    credentials = person.get_credentials()
    assert credentials is not None
    quarantine = QuarantineClient(
        ours.client("lambda"),
        f"{ours.name}-commands-quarantine",
        credentials.get_frozen_credentials(),
        REGION,
        sts_endpoint=ours.account.endpoint,
    )
    entry = f"access_key/{key}"

    def status() -> str:
        listed = ours.client("iam").list_access_keys(UserName="mallory")["AccessKeyMetadata"]
        return next(str(each["Status"]) for each in listed if each["AccessKeyId"] == key)

    (waiting,) = [each for each in quarantine.list()["entries"] if each["id"] == entry]
    assert (waiting["state"], waiting.get("refusal"), status()) == ("waiting", None, "Active")

    assert quarantine.approve(entry)["done"]
    assert status() == "Inactive"
    (contained,) = [each for each in quarantine.list()["entries"] if each["id"] == entry]
    assert (contained["state"], contained["approved_by"]) == ("contained", f"arn:aws:iam::{ACCOUNT_ID}:user/approver")

    assert quarantine.release(entry)["done"]
    assert status() == "Active"


def test_a_service_that_is_down_does_not_delay_other_emitters(world: World, request: pytest.FixtureRequest) -> None:
    world.services.serving["pagerduty"].strike(*[Fault(503, delay=2.0)] * 100)

    def notified() -> tuple[int, int]:
        return len(world.services.slack.messages), len(world.services.github.issues)

    before = notified()
    begun = time.monotonic()
    request.addfinalizer(world.services.serving["pagerduty"].recover)
    world.pipeline.send([world.alert("down", ("ipaddr", BAD_ADDRESS, "remote"))])
    world.pipeline.wait(lambda: notified() == (before[0] + 1, before[1] + 1), "notification of Slack and GitHub")
    others = time.monotonic() - begun
    (status,) = world.pipeline.settled("down")
    whole = time.monotonic() - begun

    by_emitter = {delivery.emitter: delivery.outcome for delivery in status.deliveries}
    assert by_emitter["slack"] == by_emitter["github"] == "ok"
    assert by_emitter["pagerduty"] in {"failed", "unknown"}
    assert others < whole - 10, "they must be notified while PagerDuty is still retried"


@pytest.fixture
def refusing(world: World) -> Iterator[None]:
    """Make every service refuse its secret."""
    services = world.services
    assert services.virustotal is not None
    services.slack.token, services.github.token, services.pagerduty.routing_key = "other", "other", "0" * 32
    services.virustotal.revoke(SECRETS["virustotal"])
    yield
    services.slack.token, services.github.token = SECRETS["slack"], SECRETS["github"]
    services.pagerduty.routing_key = SECRETS["pagerduty"]
    services.virustotal.grant(SECRETS["virustotal"], Key())


@pytest.mark.usefixtures("refusing")
def test_secrets_do_not_leak(world: World) -> None:
    pipeline = world.pipeline
    pipeline.send([world.alert("refused", ("ipaddr", WORSE_ADDRESS, "remote"), ("domain", BAD_DOMAIN, "remote"))])
    (status,) = pipeline.settled("refused")
    refused = {delivery.emitter: delivery.outcome for delivery in status.deliveries if delivery.emitter != "inbox"}
    assert refused["slack"] == refused["github"] == "failed"
    canaries = {**SECRETS, "approver": world.approver["SecretAccessKey"]}

    texts = list(everything(pipeline))

    found = {(name, place) for place, text in texts for name, value in canaries.items() if value in text}
    assert found == set()
    # Each place was searched: it contains an expected word.
    for place, word in EXPECTED.items():
        assert any(word in text for where, text in texts if where == place), f"{place} does not contain {word}"


def everything(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """Read all stored texts, by place."""
    ours = pipeline.installation
    for function in (*OURS, *PLUG_INS):
        yield f"log of {function}", "\n".join(ours.account.function_logs(f"{ours.name}-{function}"))
        configuration = ours.client("lambda").get_function_configuration(FunctionName=f"{ours.name}-{function}")
        yield f"environment of {function}", json.dumps(configuration, default=str)
    machines = ours.client("stepfunctions")
    for page in machines.get_paginator("list_executions").paginate(stateMachineArn=ours.workflow_arn):
        for execution in page["executions"]:
            history = machines.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
            yield "history", json.dumps(history["events"], default=str)
    for page in ours.client("dynamodb").get_paginator("scan").paginate(TableName=ours.table):
        yield from (("table", json.dumps(item, default=_readable)) for item in page["Items"])
    s3 = ours.client("s3")
    for bucket in (ours.archive_bucket, ours.emitter_bucket):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            # Without the functions' packages, which are not text.
            for entry in (each for each in page.get("Contents", []) if not each["Key"].startswith("code/")):
                yield "archive", s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode()
    pipeline.example.terraform.init()
    yield "state", pipeline.example.terraform.show()


def _readable(value: Any) -> str:
    assert isinstance(value, bytes)
    return zlib.decompress(value).decode()
