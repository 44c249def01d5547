"""Checks of table, archive, workflow and directory."""

from collections.abc import Iterator

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.errors import InvalidItemError
from alert_responder.store.directory import read_directory
from alert_responder_cli.aws.access import explain_aws_errors
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.doctor.examination import Check, Verdict, ok
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.counts import count
from alert_responder_cli.times import now

_APPLY = "Apply the module again."


def _table(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("dynamodb")
    table = client.describe_table(TableName=installation.table)["Table"]
    indexes = {index["IndexName"]: index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", ())}
    states = {installation.table: table["TableStatus"], **indexes}
    missing = {"open_reports", "reports_by_day"} - indexes.keys()
    expiry = client.describe_time_to_live(TableName=installation.table)["TimeToLiveDescription"]["TimeToLiveStatus"]
    if missing:
        yield Verdict("problem", f"The table lacks the indexes {', '.join(sorted(missing))}.", _APPLY)
    elif any(state not in ("ACTIVE", "UPDATING") for state in states.values()):
        found = ", ".join(f"{name} is {state}" for name, state in states.items())
        yield Verdict("problem", f"The table cannot be used yet: {found}.", "Wait, and run doctor again.")
    elif expiry not in ("ENABLED", "ENABLING"):
        yield Verdict("warning", "The table does not delete expired reports (time to live is off).", _APPLY)
    else:
        yield ok(f"The table {installation.table} and its indexes are active, and expired reports are deleted.")


def _archive(installation: Installation) -> Iterator[Verdict]:
    client, bucket = installation.client("s3"), installation.archive_bucket
    block = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    if not all(block.values()):
        yield Verdict("problem", f"The archive bucket {bucket} does not block all public access.", _APPLY)
    else:
        yield ok(f"The archive bucket {bucket} exists and blocks public access.")


def _workflow(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("stepfunctions")
    machine = client.describe_state_machine(stateMachineArn=installation.workflow_arn)
    if machine["status"] != "ACTIVE":
        yield Verdict("problem", f"The state machine is {machine['status']}.", _APPLY)
        return
    checked = client.validate_state_machine_definition(definition=machine["definition"], type=machine["type"])
    if checked["result"] != "OK":
        codes = ", ".join(sorted({each["code"] for each in checked.get("diagnostics", ())}))
        yield Verdict(
            "problem", f"Step Functions finds the workflow's definition invalid ({codes}).", "Report this as a bug."
        )
    else:
        yield ok("The state machine is active, and its definition is valid.")


def _directory(installation: Installation) -> Iterator[Verdict]:
    refresh = f"Look at the log of the function {installation.function('schedule-organization')}, and call it."
    unused = "Nothing is contained in other accounts: the directory of accounts is"
    try:
        with explain_aws_errors():
            directory = read_directory(DynamoDBTable(installation.client("dynamodb"), installation.table))
    except CommandError as error:
        if not isinstance(error.__cause__, InvalidItemError):
            raise
        yield Verdict("warning", f"{unused} invalid.", refresh)
        return
    if directory is None:
        yield ok("There is no directory of accounts: modules/organization is not attached, or has not run yet.")
    elif directory.is_stale(now()):
        yield Verdict("warning", f"{unused} stale.", refresh)
    else:
        yield ok(f"The directory has {count(len(directory.accounts), 'account')}, and is not stale.")


CHECKS = (
    Check("table", ("dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"), _table),
    Check("archive", ("s3:GetBucketPublicAccessBlock",), _archive),
    Check("directory", ("dynamodb:GetItem",), _directory),
    Check("workflow", ("states:DescribeStateMachine", "states:ValidateStateMachineDefinition"), _workflow),
)
