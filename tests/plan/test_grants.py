"""A function has exactly the rights for the calls that its code can make."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tftest

from tests.plan import calls
from tests.plan.conftest import INTERFACE, REQUIRED
from tests.plan.harness import Planned, planned, statements
from tools.paths import ROOT

FUNCTIONS = ("coordinator", "receptor", "runner")

# Operations whose actions have other names.
TRANSACTION = "dynamodb:TransactWriteItems"
BY_TABLE_ACTION = {
    # The kinds of writes that the store creates, for a transaction or a single write.
    "Check": "dynamodb:ConditionCheckItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
OTHER_NAMES = {
    # Reads one object and writes another.
    "s3:CopyObject": {"s3:GetObject", "s3:PutObject"},
    "lambda:Invoke": {"lambda:InvokeFunction"},
}
INVOKE = "lambda:InvokeFunction"

# Rights that a role needs in addition to the calls of its function.
BY_LAMBDA = {
    "logs:CreateLogStream": "Lambda writes the function's log",
    "logs:PutLogEvents": "Lambda writes the function's log",
}
BY_MAPPING = {
    "kinesis:DescribeStream": "the mapping reads the stream",
    "kinesis:DescribeStreamSummary": "the mapping reads the stream",
    "kinesis:GetRecords": "the mapping reads the stream",
    "kinesis:GetShardIterator": "the mapping reads the stream",
    "kinesis:ListShards": "the mapping reads the stream",
    "s3:ListBucket": "the mapping checks its destination",
    "s3:PutObject": "the mapping writes batches that it gives up on",
}


def needed(key: str) -> set[str]:
    """List the actions that a function's code needs."""
    reached = calls.reached(f"alert_responder.handlers.{key}.handler")
    made = {
        action for name, action in BY_TABLE_ACTION.items() if f"alert_responder.store.table.{name}" in reached.called
    }
    writes = set(BY_TABLE_ACTION.values()) | {TRANSACTION}
    actions = {action for operation in reached.operations for action in OTHER_NAMES.get(operation, {operation})}
    return (actions - writes) | (made if actions & writes else set())


def granted(made: Planned, key: str) -> set[str]:
    policies = {policy["name"]: policy["policy"] for policy in made.of_type("aws_iam_role_policy")}
    allowed = (statement for statement in statements(policies[key]) if statement["Effect"] == "Allow")
    return {action for statement in allowed for action in statement["Action"]}


@pytest.mark.parametrize("key", FUNCTIONS)
def test_grants_are_the_calls_in_the_code(known: Planned, key: str) -> None:
    others = BY_LAMBDA | (BY_MAPPING if key == "receptor" else {})

    assert granted(known, key) == (needed(key) - {INVOKE}) | others.keys()


def test_the_roles_that_plug_ins_are_attached_to_call_them(plan: tftest.TerraformPlanOutput) -> None:
    roles = {planned(plan, kind).resources["aws_iam_role_policy.this"]["role"] for kind in REQUIRED}

    assert roles == {INTERFACE[f"{key}_role_name"] for key in FUNCTIONS if INVOKE in needed(key)}


def test_every_call_in_the_adapters_is_reached_by_a_function() -> None:
    reached = [calls.reached(f"alert_responder.handlers.{key}.handler").operations for key in FUNCTIONS]

    assert frozenset().union(*reached) == calls.written()


def test_only_adapters_and_bootstrap_use_boto3() -> None:
    package = ROOT / "lambda" / calls.PACKAGE
    imports = re.compile(r"^\s*(from|import) boto(3|core)\b", re.MULTILINE)
    users = {
        path.relative_to(package) for path in package.rglob("*.py") if imports.search(path.read_text(encoding="utf-8"))
    }

    assert {path.parts[0] for path in users} == {"adapters", "bootstrap"}


def test_another_tool_finds_no_further_calls(tmp_path: Path) -> None:
    program = shutil.which("iam-policy-autopilot", path=str(Path(sys.executable).parent))
    assert program
    # It sends telemetry unless this variable is exactly "true"; its home is temporary.
    environment = {"HOME": str(tmp_path), "PATH": os.defpath, "DISABLE_IAM_POLICY_AUTOPILOT_TELEMETRY": "true"}
    status = subprocess.run(
        [program, "telemetry", "--status"], env=environment, capture_output=True, text=True, check=True
    )
    assert "Effective state:  Disabled" in status.stdout + status.stderr

    sources = sorted(str(path) for path in (ROOT / "lambda" / "alert_responder" / "adapters").glob("*.py"))
    command = [program, "extract-sdk-calls", "--service-hints", *calls.SERVICES, "--", *sources]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found = {calls.operation(call["Name"]) for call in json.loads(run.stdout)}

    assert "lambda:Invoke" in found
    assert found <= calls.written()
