"""Operations of integration tests on an applied installation: send, wait, attach plug-ins, read."""

import io
import json
import re
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from alert_responder.store import keys
from alert_responder_cli.records.put import put
from tools.installation import Installation, LocalExample
from tools.report_reader import Reader, ReportStatus

OURS = ("receptor", "coordinator", "runner")
WAIT_SECONDS = 300


def native_alert(key: str, *attributes: tuple[str, str], **fields: Any) -> bytes:
    """Write an alert in the native format."""
    document = {
        "detector": "test",
        "rule_id": "rule",
        "rule_name": "A rule of the tests",
        "alert_key": key,
        "attributes": [
            {"type": type_, "key": "value", "value": value, "context": ["remote"]} for type_, value in attributes
        ],
        **fields,
    }
    return json.dumps(document).encode()


class Pipeline:
    """An installation under test."""

    def __init__(self, installation: Installation, example: LocalExample) -> None:
        self.installation = installation
        self.example = example
        self.reader = Reader(installation)
        self._lambda = installation.client("lambda")
        self._dynamodb = installation.client("dynamodb")
        self._iam = installation.client("iam")
        self._logs = installation.client("logs")

    def send(self, records: Sequence[bytes], producers: int = 1) -> None:
        """Put records on the stream, from several producers at once."""
        with ThreadPoolExecutor(producers) as executor:
            parts = [records[start::producers] for start in range(producers)]
            stream = self.installation.stream
            list(executor.map(lambda part: put(self.installation.client("kinesis"), stream, part), parts))

    def settled(self, key: str, count: int = 1) -> list[ReportStatus]:
        """Wait until there are `count` reports of an alert key prefix, all settled; return them by id."""
        self.wait(
            lambda: len(found := self.reader.status_by_id(f"{key} ")) >= count and all(found.values()),
            f"{count} settled reports of {key}",
        )
        return self.of_key(key)

    def of_key(self, key: str) -> list[ReportStatus]:
        """Read the reports whose title begins with a key (see `alert`)."""
        return self.reader.statuses(f"{key} ")

    def alert(self, key: str, *attributes: tuple[str, str], suffix: str = "", **fields: Any) -> bytes:
        """Write an alert that `of_key` finds; alerts with the same key and suffix are one incident."""
        return native_alert(f"{key}{suffix}", *attributes, rule_name=f"{key} of the tests", **fields)

    def report(self, status: ReportStatus) -> dict[str, Any]:
        """Read the published report."""
        report = self.reader.report(status.report_id)
        assert report is not None, f"{status.report_id} is not in the archive"
        return report

    def wait(self, condition: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS) -> Any:
        """Wait until a condition is true and return its value."""
        until = time.monotonic() + seconds
        while (asked := time.monotonic()) < until:
            found = condition()
            if found:
                return found
            # Polling takes processor time from the emulator and so delays the result.
            time.sleep(max(0.3, 2 * (time.monotonic() - asked)))
        raise AssertionError(f"No {what} within {seconds:.0f} s.")

    def emissions(self, report_id: str, emitter_folder: str = "inbox") -> list[dict[str, Any]]:
        """Read the emissions of a report that the local example's inbox received, by round."""
        s3 = self.installation.client("s3")
        bucket = self.installation.emitter_bucket
        found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{emitter_folder}/{report_id}/").get("Contents", [])
        return [
            json.loads(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
            for entry in sorted(found, key=lambda entry: entry["Key"])
        ]

    @contextmanager
    def attached(
        self,
        kind: str,
        code: str,
        *,
        timeout: int = 10,
        allowed: bool = True,
        qualifier: str | None = None,
        **item: Any,
    ) -> Iterator[str]:
        """Attach a Python function as the submodules do: a registry item and a policy on the caller's role.

        Parameters
        ----------
        code
            The function's source; it defines `handler`.
        allowed
            Whether the caller may invoke it.
        qualifier
            `alias` or `version`: attach that instead of the function.
        item
            Further attributes of the registry item.

        Yields
        ------
        str
            The function's name, which is also the plug-in's.
        """
        with self.function(code, f"{self.installation.name}-plugin-reputation", timeout) as (name, function_arn):
            arn = self._qualified(name, function_arn, qualifier)
            caller = self.role("coordinator" if kind == "reviewer" else "runner")
            registered = {"pk": {"S": f"plugin/{kind}"}, "sk": {"S": "reviewer" if kind == "reviewer" else name}}
            document = {"version": {"N": "1"}, "enabled": {"BOOL": True}, "arn": {"S": arn}, **item}
            policy = {
                "Effect": "Allow",
                "Action": "lambda:InvokeFunction",
                "Resource": [arn] if qualifier else [arn, f"{arn}:*"],
            }
            before = self._dynamodb.get_item(TableName=self.installation.table, Key=registered).get("Item")
            if allowed:
                self._iam.put_role_policy(
                    RoleName=caller,
                    PolicyName=name,
                    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
                )
            self._dynamodb.put_item(TableName=self.installation.table, Item={**registered, **document})
            try:
                yield name
            finally:
                if before:
                    self._dynamodb.put_item(TableName=self.installation.table, Item=before)
                else:
                    self._dynamodb.delete_item(TableName=self.installation.table, Key=registered)
                if allowed:
                    self._iam.delete_role_policy(RoleName=caller, PolicyName=name)

    def forget_plug_ins(self) -> None:
        """Make the coordinator read the registry again, which it caches for 30 s."""
        self.renew("coordinator")

    def renew(self, function: str) -> None:
        """End the processes of a function, and with them everything that they cached."""
        name = f"{self.installation.name}-{function}"
        found = self._lambda.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        self._lambda.update_function_configuration(
            FunctionName=name, Environment={"Variables": {**found, "CHANGED": uuid.uuid4().hex}}
        )

    @contextmanager
    def without_reviewer(self) -> Iterator[None]:
        """Detach the reviewer within the context."""
        key = {"pk": {"S": keys.REVIEWERS}, "sk": {"S": "reviewer"}}
        item = self._dynamodb.get_item(TableName=self.installation.table, Key=key)["Item"]
        self._dynamodb.delete_item(TableName=self.installation.table, Key=key)
        try:
            yield
        finally:
            self._dynamodb.put_item(TableName=self.installation.table, Item=item)

    @contextmanager
    def function(self, code: str, role: str, timeout: int = 10) -> Iterator[tuple[str, str]]:
        """Create a Python function for a test with an existing role; yields its name and ARN."""
        name = f"t{uuid.uuid4().hex[:8]}"
        arn = self._lambda.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Handler="plugin.handler",
            Role=self._iam.get_role(RoleName=role)["Role"]["Arn"],
            Timeout=timeout,
            Code={"ZipFile": _zipped(code)},
        )["FunctionArn"]
        try:
            yield name, arn
        finally:
            with suppress(self._lambda.exceptions.ResourceNotFoundException):
                self._lambda.delete_function(FunctionName=name)
            with suppress(self._logs.exceptions.ResourceNotFoundException):
                self._logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")

    def invoke(self, name: str, event: object) -> Any:
        """Call a function and return its answer."""
        answer = self._lambda.invoke(FunctionName=name, Payload=json.dumps(event))
        body = answer["Payload"].read()
        assert "FunctionError" not in answer, body
        return json.loads(body)

    def replace_function(self, name: str, code: str) -> None:
        """Replace the code of an attached function."""
        self._lambda.update_function_code(FunctionName=name, ZipFile=_zipped(code))

    def delete_function(self, name: str) -> None:
        """Delete an attached function."""
        self._lambda.delete_function(FunctionName=name)

    def throttle(self, name: str) -> None:
        """Make Lambda throttle every call of a function."""
        self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    def sweep(self, **event: str) -> dict[str, int]:
        """Make the coordinator sweep, and return its answer."""
        found: dict[str, int] = self.invoke(f"{self.installation.name}-coordinator", {"step": "sweep", **event})
        return found

    def kill(self, report_id: str, round_: int) -> None:
        """Stop the execution of a round."""
        arn = self.installation.workflow_arn.replace(":stateMachine:", ":execution:")
        self.installation.client("stepfunctions").stop_execution(executionArn=f"{arn}:{report_id}-{round_}")

    def executions(self, report_id: str) -> list[str]:
        """List the names of a report's executions, newest first."""
        names = [execution["name"] for execution in self.all_executions()]
        return [name for name in names if name.startswith(f"{report_id}-")]

    def all_executions(self) -> list[dict[str, Any]]:
        """List all executions as Step Functions returns them, newest first."""
        pages = (
            self.installation.client("stepfunctions")
            .get_paginator("list_executions")
            .paginate(stateMachineArn=self.installation.workflow_arn)
        )
        return [execution for page in pages for execution in page["executions"]]

    def leftovers(self) -> list[str]:
        """List all remaining resources in the account, of the types that the module and the tests create."""
        listed = [
            ("lambda", "list_functions", "Functions", "FunctionName"),
            ("dynamodb", "list_tables", "TableNames", None),
            ("kinesis", "list_streams", "StreamNames", None),
            ("stepfunctions", "list_state_machines", "stateMachines", "name"),
            ("s3", "list_buckets", "Buckets", "Name"),
            ("iam", "list_roles", "Roles", "RoleName"),
            ("logs", "describe_log_groups", "logGroups", "logGroupName"),
            ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
            ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
            ("events", "list_rules", "Rules", "Name"),
            ("sqs", "list_queues", "QueueUrls", None),
        ]
        found = []
        for service, operation, field, name in listed:
            entries = getattr(self.installation.client(service), operation)().get(field, [])
            found += [f"{service}: {entry[name] if name else entry}" for entry in entries]
        # A test's function that was killed while it slept may log once more after its removal.
        return [what for what in found if not re.fullmatch(r"logs: /aws/lambda/t[0-9a-f]{8}", what)]

    @contextmanager
    def environment_of_ours(self, **variables: str) -> Iterator[None]:
        """Add variables to the environment of all our functions."""
        before = {
            name: self._lambda.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
            for name in (f"{self.installation.name}-{function}" for function in OURS)
        }
        for name, found in before.items():
            self._lambda.update_function_configuration(FunctionName=name, Environment={"Variables": found | variables})
        try:
            yield
        finally:
            for name, found in before.items():
                self._lambda.update_function_configuration(FunctionName=name, Environment={"Variables": found})

    @contextmanager
    def rounds_held_back(self) -> Iterator[None]:
        """Make Lambda throttle the coordinator within the context: rounds start, and wait."""
        name = f"{self.installation.name}-coordinator"
        before = self._lambda.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"]
        self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        try:
            yield
        finally:
            self._lambda.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=before)

    def _qualified(self, name: str, arn: str, qualifier: str | None) -> str:
        if qualifier is None:
            return arn
        version = self._lambda.publish_version(FunctionName=name)["Version"]
        self._lambda.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
        return f"{arn}:{'live' if qualifier == 'alias' else version}"

    def role(self, function: str) -> str:
        """Return the name of the role of one of our functions."""
        found = self._lambda.get_function_configuration(FunctionName=f"{self.installation.name}-{function}")
        return str(found["Role"]).rpartition("/")[2]


def _zipped(code: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("plugin.py", code)
    return archive.getvalue()


def only(types: Sequence[str]) -> dict[str, Any]:
    """Write an inspector's filter."""
    return {"attribute_types": {"L": [{"S": type_} for type_ in types]}}
