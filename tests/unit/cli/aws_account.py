"""An emulated account with installations, for tests of the command line."""

import io
import zipfile
from functools import cache
from typing import Any

import boto3

from alert_responder.store import keys

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/lambda"


@cache
def client(service: str) -> Any:
    """Give a client of an emulated service; it outlives the test, since what it remembers is the service's model."""
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


def make_function(name: str, handler: str = "index.handler", **settings: str) -> str:
    """Make a function; return its ARN."""
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): ...")
    if not any(role["RoleName"] == "lambda" for role in client("iam").list_roles()["Roles"]):
        client("iam").create_role(RoleName="lambda", AssumeRolePolicyDocument="{}")
    made = client("lambda").create_function(
        FunctionName=name,
        Role=ROLE,
        Runtime="python3.12",
        Handler=handler,
        Timeout=30,
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": settings},
    )
    return str(made["FunctionArn"])


def make_installation(name: str) -> None:
    """Make what the command line looks at of an installation."""
    make_function(
        f"{name}-coordinator",
        "alert_responder.handlers.coordinator.handler",
        INSTALLATION=name,
        TABLE_NAME=name,
        ARCHIVE_BUCKET=f"{name}-archive",
        WORKFLOW_ARN=f"arn:aws:states:{REGION}:123456789012:stateMachine:{name}",
        INSPECTION_TIMEOUT_SECONDS="60",
        REPORT_RETENTION_DAYS="90",
    )
    indexes = {"open_reports": ("open_shard", "pk"), "reports_by_day": ("day_shard", "report_id")}
    client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema("pk", "sk"),
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "open_shard", "day_shard", "report_id")
        ],
        GlobalSecondaryIndexes=[
            {"IndexName": index, "KeySchema": _schema(*keys), "Projection": {"ProjectionType": "ALL"}}
            for index, keys in indexes.items()
        ],
    )
    client("s3").create_bucket(Bucket=f"{name}-archive")
    client("s3").put_bucket_versioning(Bucket=f"{name}-archive", VersioningConfiguration={"Status": "Enabled"})
    client("stepfunctions").create_state_machine(
        name=name, definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', roleArn=ROLE
    )
    client("kinesis").create_stream(StreamName=name, ShardCount=1)


def _schema(partition: str, sort: str) -> Any:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


def attach(installation: str, kind: str, name: str, arn: str, **fields: Any) -> None:
    """Write an entry into the registry as Terraform does."""
    partitions = {
        "inspector": keys.INSPECTORS,
        "emitter": keys.EMITTERS,
        "reviewer": keys.REVIEWERS,
        "commands": keys.COMMANDS,
    }
    lists = {key: {"L": [{"S": item} for item in value]} for key, value in fields.items() if isinstance(value, list)}
    item: dict[str, Any] = {
        "pk": {"S": partitions[kind]},
        "sk": {"S": name},
        "arn": {"S": arn},
        "enabled": {"BOOL": fields.get("enabled", True)},
        "version": {"N": str(fields.get("version", 1))},
        **lists,
    }
    if kind == "inspector":
        item["cache_seconds"] = {"N": str(fields.get("cache_seconds", 0))}
        item |= {name: {"N": str(fields[name])} for name in ("batch_size",) if name in fields}
    client("dynamodb").put_item(TableName=installation, Item=item)
