"""README's first block, and the blocks of the modules' READMEs, work when they are applied unchanged."""

import hmac
import json
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hcl2
import pytest

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.store.directory import read_directory
from alert_responder_cli.records.put import put
from alert_responder_plugins.webhook import verification
from tests import documents
from tests.integration.document_blocks import CODE, LEFT_OUT, POLICY, Documented, Override, modules, readme
from tests.integration.member_accounts import MemberAccount
from tools.account import ACCESS_KEY, REGION, SECRET_KEY
from tools.emulator import ACCOUNT_ID, Emulator
from tools.installation import Installation
from tools.paths import ROOT
from tools.receivers.virustotal import Key, VirusTotalImitation, analysed
from tools.report_reader import Reader, ReportStatus
from tools.services import Services

ALERTS = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
FINDING = (ROOT / "tests" / "events" / "guardduty_ssh_brute_force.json").read_text(encoding="utf-8")
BAD_ADDRESS = "9.9.9.9"
VIRUSTOTAL_KEY = "0f" * 32
WEBHOOK_SECRET = "a secret of the webhook"
TOPIC = "security-alerts"
MEMBERS = ("444455556666", "777788889999")
"""The accounts in the block of `modules/organization`."""

WAIT_SECONDS = 240


@dataclass
class World:
    """Both installations, the imitated services, and resources in the account.

    Attributes
    ----------
    readme, modules
        The installation of README's block, and the one with every module's plug-ins.
    queue
        URL of a queue that is subscribed to the topic of README's block.
    webhook
        URL of the HTTP API.
    blocks
        The modules' blocks.
    members
        The accounts `MEMBERS`, each with the roles of `modules/member`.
    subjects
        Subjects of the mails that were received from the queue.
    """

    emulator: Emulator
    readme: Installation
    modules: Installation
    services: Services
    instance: str
    queue: str
    webhook: str
    blocks: Documented
    members: list[MemberAccount]
    subjects: list[str] = field(default_factory=list)

    def report(self, installation: Installation, record: bytes) -> tuple[ReportStatus, dict[str, Any]]:
        """Send a record, and return its report when that is settled, as it was published."""
        reader = Reader(installation)
        before = {status.report_id for status in reader.statuses()}
        put(installation.client("kinesis"), installation.stream, [record])
        status: ReportStatus = wait(
            lambda: next((s for s in reader.statuses() if s.report_id not in before and s.settled), None)
        )
        published = reader.report(status.report_id)
        assert published is not None
        return status, published

    def mailed(self, title: str) -> int:
        """Count the mails with a subject that README's topic has sent so far."""
        sqs = self.emulator.client("sqs")
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            self.subjects += [json.loads(message["Body"])["Subject"] for message in messages]
            for message in messages:
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self.subjects.count(title)


def wait(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.3)
    raise AssertionError(f"Not within {WAIT_SECONDS} s.")


def finding(severity: float, instance: str) -> bytes:
    """Write a GuardDuty finding as EventBridge delivers it."""
    event = json.loads(FINDING)
    event["id"] = event["detail"]["id"] = f"finding-{severity}"
    event["detail"] |= {"severity": severity, "accountId": ACCOUNT_ID, "title": f"A finding of severity {severity:g}."}
    event["detail"]["resource"]["instanceDetails"]["instanceId"] = instance
    return json.dumps(event).encode()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    virustotal = VirusTotalImitation({VIRUSTOTAL_KEY: Key()})
    bad = {f"Engine {number}": ("malicious", "Bad") for number in range(9)}
    virustotal.know("ip_addresses", BAD_ADDRESS, analysed(1_769_900_000, bad))
    services = Services(virustotal=virustotal, virustotal_key=VIRUSTOTAL_KEY)
    with tempfile.TemporaryDirectory(prefix="alert-responder-test-") as folder, services, Emulator() as emulator:
        ec2 = emulator.client("ec2")
        started = ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Owner", "Value": "shop team"}]}],
        )
        emulator.client("events").create_event_bus(Name="security-findings")
        for group in ("cloudtrail", "/vpc/flow-logs"):
            emulator.client("logs").create_log_group(logGroupName=group)
        (readme_outputs, modules_outputs), blocks = applied(emulator, Path(folder), services)
        # As described in the README of modules/virustotal, its secret gets a value afterwards.
        emulator.client("secretsmanager").put_secret_value(SecretId="virustotal", SecretString=VIRUSTOTAL_KEY)
        allow_calls_about_queries(emulator)
        yield World(
            emulator,
            installed(emulator, readme_outputs),
            installed(emulator, modules_outputs),
            services,
            started["Instances"][0]["InstanceId"],
            subscribed(emulator),
            modules_outputs["webhook_url"],
            blocks,
            joined(emulator, modules_outputs),
        )


def applied(emulator: Emulator, folder: Path, services: Services) -> tuple[list[dict[str, str]], Documented]:
    """Apply README's blocks and the modules' blocks concurrently, since Terraform mostly waits."""
    first = Documented(emulator.account, folder / "readme", readme(), {})
    for path in (CODE, POLICY):
        shutil.copy(path, first.folder / path.name)
    second = Documented(emulator.account, folder / "modules", modules(), emulated(emulator, services))
    second.add_stand_ins()
    with ThreadPoolExecutor(2) as executor:
        return list(executor.map(Documented.apply, (first, second))), second


def emulated(emulator: Emulator, services: Services) -> Override:
    """Return the override for the modules' blocks: addresses of imitations, secrets, and an existing VPC."""
    secrets = emulator.client("secretsmanager")
    (vpc,) = emulator.client("ec2").describe_vpcs()["Vpcs"]

    def service(name: str, secret: str) -> dict[str, str]:
        return {"secret_arn": secrets.create_secret(Name=f"of-{name}", SecretString=secret)["ARN"]}

    url = {name: serving.url for name, serving in services.serving.items()}
    return {
        "module": {
            "alert_responder": {"verified_stream": True},
            "github": service("github", services.github.token) | {"base_url": url["github"]},
            "aws_context": {"member_role_name": "alert-responder-reader", "external_id": "secops"},
            # Their account is another one in the blocks.
            "forwarder": {"account_id": ACCOUNT_ID, "region": REGION},
            "member": {"account_id": ACCOUNT_ID},
            "pagerduty": service("pagerduty", services.pagerduty.routing_key) | {"api_url": url["pagerduty"]},
            "quarantine": {"isolation_security_group_ids": {vpc["VpcId"]: "${aws_security_group.isolation.id}"}},
            "topics": {"topic_arns": {"security": emulator.client("sns").create_topic(Name=TOPIC)["TopicArn"]}},
            "slack": service("slack", services.slack.token) | {"api_url": f"{url['slack']}/api"},
            "virustotal": {"api_url": url["virustotal"]},
            "webhook": {"secret_arn": secrets.create_secret(Name="of-webhook", SecretString=WEBHOOK_SECRET)["ARN"]},
        },
        "resource": {"aws_security_group": {"isolation": {"vpc_id": vpc["VpcId"]}}},
    }


def joined(emulator: Emulator, outputs: dict[str, str]) -> list[MemberAccount]:
    """Make the accounts that the block of `modules/organization` lists, which trust the installation's functions."""
    organization = emulator.client("organizations").describe_organization()["Organization"]["Id"]
    functions = ("inspector-aws-context", "emitter-members", "commands-members")
    roles = [f"arn:aws:iam::{ACCOUNT_ID}:role/{outputs['name']}-{function}-{REGION}" for function in functions]
    parameters = {
        "ExternalId": "secops",
        "LogGroupArns": "",
        "OrganizationId": organization,
        "ReaderPrincipalArns": ",".join(roles),
        "ResponderPrincipalArns": ",".join(roles[1:]),
    }
    members = [MemberAccount(emulator.account, account, "eu-west-1", parameters) for account in MEMBERS]
    # As its schedule does.
    emulator.client("lambda").invoke(FunctionName=f"{outputs['name']}-schedule-organization")
    return members


def installed(emulator: Emulator, outputs: dict[str, str]) -> Installation:
    return Installation(
        account=emulator.account,
        name=outputs["name"],
        stream=outputs["alert_stream_name"],
        table=outputs["report_table_name"],
        archive_bucket=outputs["archive_bucket_name"],
        emitter_bucket="",
        workflow_arn=outputs["workflow_arn"],
    )


def allow_calls_about_queries(emulator: Emulator) -> None:
    """Allow what the functions that ask logs may do in one workgroup or log group in all (`test_emulator_gaps.py`)."""
    iam = emulator.client("iam")
    actions = ["athena:BatchGetQueryExecution", "athena:GetQueryResults", "logs:StartQuery"]
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    for role in iam.list_roles()["Roles"]:
        if any(f"-inspector-{name}" in role["RoleName"] for name in ("athena", "logs-insights", "vpn-logs")):
            iam.put_role_policy(RoleName=role["RoleName"], PolicyName="emulator", PolicyDocument=policy)


def subscribed(emulator: Emulator) -> str:
    """Subscribe a queue to the topic of README's block, in addition to the mail address."""
    sns, sqs = emulator.client("sns"), emulator.client("sqs")
    (topic,) = [topic for topic in sns.list_topics()["Topics"] if not topic["TopicArn"].endswith(TOPIC)]
    (mail,) = sns.list_subscriptions_by_topic(TopicArn=topic["TopicArn"])["Subscriptions"]
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", "you@example.com")
    url: str = sqs.create_queue(QueueName="pages")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=queue)
    return url


def outcomes(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return the outcome of each lookup, by inspector and type of attribute."""
    return {(finding["inspector"], finding["attribute_type"]): finding["outcome"] for finding in report["findings"]}


def test_findings_are_inspected_and_reviewed_and_severe_ones_are_mailed(world: World) -> None:
    status, report = world.report(world.readme, finding(2, world.instance))

    assert outcomes(report)["aws-context", "instance"] == "ok"
    assert outcomes(report)["history", "instance"] == "empty"
    assert set(outcomes(report).values()) <= {"ok", "empty"}
    assert "shop team" in json.dumps(report["findings"])
    assert report["result"]["severity"] == "unclassified", report["result"]
    assert report["result"]["reviewer"].endswith(":function:secops-reviewer-policy")
    assert status.deliveries == ()
    assert world.mailed(report["title"]) == 0

    status, report = world.report(world.readme, finding(8, world.instance))

    assert outcomes(report)["history", "instance"] == "ok"
    assert (report["result"]["severity"], report["result"]["rule"]) == ("urgent", "detector-rates-high")
    assert [(delivery.emitter, delivery.outcome) for delivery in status.deliveries] == [("pager", "ok")]
    assert world.mailed(report["title"]) == 1


def test_the_documented_alert_becomes_a_report(world: World) -> None:
    command = ALERTS.split("    aws kinesis put-record ")[1]
    alert = command.split("--data '")[1].split("'")[0]

    _, report = world.report(world.readme, alert.encode())

    assert f"--stream-name {world.readme.stream} " in command
    assert outcomes(report) == {("aws-context", "ipaddr"): "empty", ("history", "ipaddr"): "empty"}
    assert report["result"]["severity"] == "unclassified"
    assert world.mailed(report["title"]) == 0


def test_the_eventbridge_rule_puts_guardduty_findings_on_the_stream(world: World) -> None:
    """The emulated EventBridge cannot deliver to streams, so this checks the rule."""
    events = world.emulator.client("events")
    (rule,) = [rule for rule in events.list_rules()["Rules"] if rule["Name"].startswith("secops-findings-")]
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]

    event = finding(8, world.instance).decode()
    assert events.test_event_pattern(EventPattern=rule["EventPattern"], Event=event)["Result"] is True
    assert target["Arn"].endswith(f":stream/{world.readme.stream}")


@pytest.mark.parametrize(
    "check", [["reviewer", "secops-reviewer-policy"], ["emitter", "secops-emitter-pager", "--yes"]]
)
def test_installed_functions_of_the_block_honour_their_contracts(world: World, check: list[str]) -> None:
    account = world.emulator.account
    aws = {"AWS_ENDPOINT_URL": account.endpoint, "AWS_CA_BUNDLE": account.authority, "AWS_DEFAULT_REGION": REGION}
    credentials = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    path = {"PYTHONPATH": f"{ROOT / 'lambda'}:{ROOT / 'cli'}", "HOME": str(world.emulator.folder)}

    run = subprocess.run(
        [sys.executable, "-m", "alert_responder_cli", "check", *check],
        capture_output=True,
        text=True,
        env={**aws, **credentials, **path},
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "honours its contract: 0 faults" in run.stdout


def of_logs(world: World) -> dict[str, list[str]]:
    """List what the module `logs` has in the account, by service, and the attachment."""
    client = world.emulator.client
    roles = [one["RoleName"] for one in client("iam").list_roles()["Roles"]]
    (runner,) = [role for role in roles if role.startswith(f"{world.modules.name}-runner")]
    named = {
        "athena": [one["Name"] for one in client("athena").list_work_groups()["WorkGroups"]],
        "events": [one["Name"] for one in client("events").list_rules()["Rules"]],
        "glue": [one["Name"].replace("_", "-") for one in client("glue").get_databases()["DatabaseList"]],
        "iam": roles,
        "lambda": [one["FunctionName"] for one in client("lambda").list_functions()["Functions"]],
        "logs": [one["logGroupName"] for one in client("logs").describe_log_groups()["logGroups"]],
        "s3": [one["Name"] for one in client("s3").list_buckets()["Buckets"]],
        "runner": client("iam").list_role_policies(RoleName=runner)["PolicyNames"],
        "registry": [one["sk"]["S"] for one in items(world, "plugin/inspector")],
    }
    return {service: [name for name in names if "athena" in name] for service, names in named.items()}


def items(world: World, *partitions: str) -> list[dict[str, Any]]:
    """Read the items of partitions of the installation's table, by the beginnings of their keys."""
    found = world.emulator.client("dynamodb").scan(TableName=world.modules.table)["Items"]
    return [item for item in found if item["pk"]["S"].startswith(partitions)]


def assert_logs_are_destroyed_without_a_trace(world: World) -> None:
    iam = world.emulator.client("iam")
    before = of_logs(world)
    for role in before["iam"]:
        iam.delete_role_policy(RoleName=role, PolicyName="emulator")

    world.blocks.destroy("logs")

    assert all(before.values()), before
    assert of_logs(world) == {service: [] for service in before}
    # Counters of bytes stay until they expire, as the README describes.
    counters = items(world, "budget/athena/")
    assert counters
    assert all(int(item["expires_at"]["N"]) <= time.time() + 7 * 86_400 for item in counters)


def test_every_module_works_as_its_readme_shows(world: World) -> None:
    alert = {
        "detector": "test",
        "rule_id": "rule",
        "alert_key": "blocks",
        "attributes": [
            {"type": "ipaddr", "value": BAD_ADDRESS, "context": ["remote"]},
            {"type": "username", "value": "alice"},
        ],
    }

    status, report = world.report(world.modules, json.dumps(alert).encode())

    assert outcomes(report) == {
        ("athena", "ipaddr"): "empty",
        ("athena", "username"): "empty",
        ("aws-context", "ipaddr"): "empty",
        ("aws-context", "username"): "empty",
        ("history", "ipaddr"): "empty",
        ("history", "username"): "empty",
        ("logs-insights", "ipaddr"): "empty",
        ("logs-insights", "username"): "empty",
        ("virustotal", "ipaddr"): "ok",
        ("vpn-logs", "username"): "empty",
        ("whois", "ipaddr"): "ok",
    }
    asked = ("athena", "logs-insights", "vpn-logs")
    for logs in [finding for finding in report["findings"] if finding["inspector"] in asked]:
        assert "This does not mean that nothing happened." in logs["reason"]
    assert report["result"]["severity"] == "urgent"
    assert {delivery.emitter: delivery.outcome for delivery in status.deliveries} == dict.fromkeys(
        ("github", "pager", "pagerduty", "quarantine", "slack"), "ok"
    )
    assert len(world.services.github.issues) == 1
    assert [incident.status for incident in world.services.pagerduty.incidents] == ["triggered"]
    assert len(world.services.slack.messages) == 1

    assert_logs_are_destroyed_without_a_trace(world)


def test_the_directory_has_the_listed_accounts(world: World) -> None:
    name = f"{world.modules.name}-schedule-organization"

    answer = world.modules.client("lambda").invoke(FunctionName=name)

    assert json.load(answer["Payload"]) == {"accounts": 2, "tags_kept": 0}
    directory = read_directory(DynamoDBTable(world.modules.client("dynamodb"), world.modules.table))
    assert directory is not None
    assert not directory.is_stale(time.time_ns() // 1_000_000)
    assert [(each.name, each.kind, each.unit, each.owner) for each in directory.accounts] == [
        ("Shop", "member", "Workloads/Prod", "team-shop"),
        ("Payer", "management", "", None),
    ]


def test_the_same_event_is_verified_only_on_the_verified_stream(world: World) -> None:
    """The emulated EventBridge cannot deliver to streams, so this puts the event there as the rules do."""
    kinesis, events = world.emulator.client("kinesis"), world.emulator.client("events")
    rules = [rule["Name"] for rule in events.list_rules()["Rules"] if rule["Name"].endswith("-findings-guardduty")]
    targets = [each["Arn"] for name in rules for each in events.list_targets_by_rule(Rule=name)["Targets"]]
    verified = f"{world.modules.name}.verified"
    assert [arn for arn in targets if arn.endswith(f":stream/{verified}")]
    event = finding(7.5, world.instance)
    reader = Reader(world.modules)
    before = {status.report_id for status in reader.statuses()}

    for stream in (world.modules.stream, verified):
        put(kinesis, stream, [event])

    def found() -> list[dict[str, Any]]:
        ids = [status.report_id for status in reader.statuses() if status.report_id not in before]
        alerts = [alert for each in ids if (report := reader.report(each)) for alert in report["alerts"]]
        return alerts if len(alerts) == 2 else []

    origins = sorted((alert["origin"] for alert in wait(found)), key=lambda origin: origin["verified"])
    assert [origin.pop("verified") for origin in origins] == [False, True]
    assert origins[0] == origins[1]
    sender, region = (json.loads(event)[name] for name in ("account", "region"))
    assert origins[0] == {"account": sender, "region": region, "sender": sender, "named": ACCOUNT_ID}


def commanded(world: World, **command: str) -> dict[str, Any]:
    """Send a command to the quarantine of member accounts."""
    function = f"{world.modules.name}-commands-members"
    answer = world.emulator.client("lambda").invoke(FunctionName=function, Payload=json.dumps(command))
    found: dict[str, Any] = json.load(answer["Payload"])
    return found


def test_a_finding_in_a_member_account_is_looked_up_contained_and_released_there(world: World) -> None:
    """The finding of the other account is forged: it arrives on the stream of all producers."""
    member, other = world.members
    kinesis, reader = world.emulator.client("kinesis"), Reader(world.modules)
    before = [each.described() for each in world.members]
    known = {status.report_id for status in reader.statuses()}

    put(kinesis, f"{world.modules.name}.verified", member.findings())
    put(kinesis, world.modules.stream, other.findings()[:1])
    settled: list[ReportStatus] = wait(
        lambda: len(found := [s for s in reader.statuses() if s.report_id not in known and s.settled]) == 3 and found
    )

    reports = [reader.report(status.report_id) or {} for status in settled]
    answers = [json.dumps(finding) for report in reports for finding in report["findings"]]
    assert any("shop team" in answer and member.id in answer for answer in answers), answers
    # The schedule checks the containments, and continues what a delivery had no time for.
    checked = commanded(world, action="release_due")
    assert (checked["undone"], checked["unseen"], checked["failed"]) == (0, 0, 0)
    entries = commanded(world, action="list")["entries"]
    states = {entry["id"]: (entry["state"], entry.get("refusal")) for entry in entries}
    claimed = "Its account is only claimed: no alert that names it came by the verified stream."
    assert {id_: states.pop(id_) for id_ in member.ids()} == dict.fromkeys(member.ids(), ("contained", None))
    assert list(states.values()) == [("refused", claimed)] * 2
    contained, untouched = (each.described() for each in world.members)
    assert contained != before[0]
    assert untouched == before[1]

    shown = commanded(world, action="list", account=member.id)["entries"]
    assert {entry["id"] for entry in shown} == member.ids()
    assert all(commanded(world, action="release", id=id_)["done"] for id_ in member.ids())
    assert [each.described() for each in world.members] == before


def post(world: World, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Post to the HTTP API, by a path that the emulator has for it."""
    api = urlsplit(world.webhook).netloc.partition(".")[0]
    account = world.emulator.account
    trust = ssl.create_default_context(cafile=account.authority)
    connection = HTTPSConnection(urlsplit(account.endpoint).netloc, timeout=WAIT_SECONDS, context=trust)
    try:
        connection.request("POST", f"/_aws/execute-api/{api}/$default/", body, headers)
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


def test_a_posted_alert_becomes_a_report(world: World) -> None:
    sample = ROOT / "tests" / "events" / "vendors" / "github_secret_scanning.json"
    body = sample.read_bytes()
    signature = hmac.digest(WEBHOOK_SECRET.encode(), body, "sha256").hex()
    signed = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
    reader = Reader(world.modules)
    before = {status.report_id for status in reader.statuses()}

    assert post(world, body, {"Content-Type": "application/json"})[0] == 401
    assert post(world, body + b" ", signed) == (401, {"error": verification.WRONG})
    form = {"Authorization": f"Bearer {WEBHOOK_SECRET}", "Content-Type": "application/x-www-form-urlencoded"}
    assert post(world, b"payload=%7B%7D", form)[0] == 415
    assert post(world, body, signed) == (200, {"status": "accepted"})

    status: ReportStatus = wait(lambda: next((s for s in reader.statuses() if s.report_id not in before), None))
    published = wait(lambda: reader.report(status.report_id))
    assert {alert["detector"] for alert in published["alerts"]} == {"github"}
    assert len({s.report_id for s in reader.statuses()} - before) == 1


def test_a_posted_alert_is_kept_while_the_stream_refuses_records(world: World) -> None:
    iam, sqs = world.emulator.client("iam"), world.emulator.client("sqs")
    (role,) = [role["RoleName"] for role in iam.list_roles()["Roles"] if "-source-webhook-" in role["RoleName"]]
    (queue,) = sqs.list_queues(QueueNamePrefix=f"{world.modules.name}-source-webhook")["QueueUrls"]
    deny = {"Effect": "Deny", "Action": "kinesis:PutRecord", "Resource": "*"}
    iam.put_role_policy(
        RoleName=role, PolicyName="deny", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    body = b'{"detector": "test", "rule_id": "rule", "alert_key": "kept"}'
    bearer = {"Authorization": f"Bearer {WEBHOOK_SECRET}"}

    try:
        status, answer = post(world, body, bearer)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="deny")

    assert (status, "it was kept" in answer["error"]) == (503, True)
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    assert message["Body"].encode() == body
    assert post(world, body, bearer)[0] == 200


def test_a_rotated_secret_of_the_webhook_is_accepted_with_the_previous_one(world: World) -> None:
    world.emulator.client("secretsmanager").put_secret_value(SecretId="of-webhook", SecretString="another secret of it")
    body = b'{"detector": "test", "rule_id": "rule", "alert_key": "rotated"}'

    answers = [post(world, body, {"Authorization": f"Bearer {WEBHOOK_SECRET}"})[0]]
    new = {"Authorization": "Bearer another secret of it"}
    answers.append(wait(lambda: (status := post(world, body, new)[0]) != 401 and status))
    answers.append(post(world, body, {"Authorization": f"Bearer {WEBHOOK_SECRET}"})[0])

    assert answers == [200, 200, 200]


def test_a_message_of_a_topic_becomes_a_report(world: World) -> None:
    """The emulated EventBridge runs no pipes from queues, so this puts the message on the stream as the pipe would."""
    sns, sqs, pipes = (world.emulator.client(service) for service in ("sns", "sqs", "pipes"))
    (topic,) = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if topic["TopicArn"].endswith(TOPIC)]
    (pipe,) = pipes.list_pipes()["Pipes"]
    queue = sqs.get_queue_url(QueueName=pipe["Source"].rpartition(":")[2])["QueueUrl"]

    message = sns.publish(TopicArn=topic, Message=finding(5, world.instance).decode())["MessageId"]
    (received,) = wait(lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5).get("Messages"))
    envelope = json.loads(received["Body"])
    _, report = world.report(world.modules, received["Body"].encode())

    assert pipe["Target"].endswith(f":stream/{world.modules.stream}")
    assert (envelope["Type"], envelope["MessageId"], envelope["TopicArn"]) == ("Notification", message, topic)
    assert [alert["detector"] for alert in report["alerts"]] == ["guardduty"]


def member_roles(iam: Any, name: str) -> dict[str, Any]:
    """Read the roles of `modules/member` with their policies; what is in them is named alike for each name.

    The emulated CloudFormation sets no boundaries, and adds tags of the stack.
    """
    found: dict[str, Any] = {f"{name}-{key}": None for key in ("boundary", "quarantined")}
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        if policy["PolicyName"] in found:
            version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])
            found[policy["PolicyName"]] = version["PolicyVersion"]["Document"]
    for role in (f"{name}-reader", f"{name}-responder"):
        tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=role)["Tags"]}
        found[role] = {
            "trust": iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"],
            "tags": {key: value for key, value in tags.items() if not key.startswith("aws:")},
            "policies": {
                policy: iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
                for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]
            },
        }
    own = re.compile(rf"\b{name}-(boundary|quarantined|reader|responder)\b")
    renamed: dict[str, Any] = json.loads(own.sub(r"NAME-\1", json.dumps(found)))
    return renamed


# The emulated CloudFormation takes each optional list for one that is not empty.
LISTS = {
    "LogGroupArns": "log_group_arns",
    "ReaderPrincipalArns": "reader_principal_arns",
    "ResponderPrincipalArns": "responder_principal_arns",
}


def test_a_stack_of_the_template_has_the_roles_of_the_block(world: World) -> None:
    cloudformation, iam = world.emulator.client("cloudformation"), world.emulator.client("iam")
    [named] = hcl2.loads(modules()["member-1.tf"])["module"]
    [block] = named.values()

    cloudformation.create_stack(
        StackName="member",
        TemplateBody=(ROOT / "modules" / "member" / "template.json").read_text(encoding="utf-8"),
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": "Name", "ParameterValue": "stack"},
            {"ParameterKey": "OrganizationId", "ParameterValue": json.loads(block["organization_id"])},
            {"ParameterKey": "ExternalId", "ParameterValue": json.loads(block["external_id"])},
            *(
                {"ParameterKey": name, "ParameterValue": ",".join(map(json.loads, block[key]))}
                for name, key in LISTS.items()
            ),
            {"ParameterKey": "AllowAccessKey", "ParameterValue": "true"},
            {"ParameterKey": "AllowPrincipal", "ParameterValue": "true"},
        ],
    )
    wait(lambda: cloudformation.describe_stacks(StackName="member")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")

    assert [json.loads(action) for action in block["actions"]] == ["access_key", "principal"]
    assert member_roles(iam, "stack") == member_roles(iam, "alert-responder")


def test_every_module_with_a_block_is_applied() -> None:
    folders = {path.parent.name for path in ROOT.glob("modules/*/README.md") if documents.blocks(path)}
    applied = {name.rpartition("-")[0] for name in modules()} - {""}

    # README's block applies two.
    assert applied == folders - {"plugin-function", "policy"}
    assert not {f"{module}-{number}.tf" for module, number in LEFT_OUT} & modules().keys()
