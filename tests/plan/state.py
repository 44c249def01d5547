"""A state file of an existing installation, so that its ARNs and all policies are known in a plan."""

from collections.abc import Mapping
from typing import Any

from tests.plan.harness import ACCOUNT, REGION, arn

NAME = "alert-responder"
BUCKET = f"{NAME}-20260101000000000000000001"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
FUNCTIONS = ("coordinator", "receptor", "runner")
MACHINE_LOGS = f"/aws/vendedlogs/states/{NAME}"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{NAME}-dead-letters"

# Resources with policies. The state machine is not a target: its definition would be known, and the provider would
# have AWS validate it.
TARGETS = (
    "aws_cloudwatch_dashboard.overview",
    "aws_cloudwatch_metric_alarm.alarms",
    "aws_iam_role_policy.functions",
    "aws_iam_role_policy.workflow",
    "aws_iam_role_policy.workflow_logs_and_key",
    "aws_lambda_event_source_mapping.receptor",
    "aws_lambda_permission.sweeps",
    "aws_s3_bucket_policy.archive",
    "aws_sqs_queue_policy.dead_letters",
)

# Only these differ from 0.
_SCHEMA_VERSIONS = {"aws_cloudwatch_event_rule": 1, "aws_dynamodb_table": 1, "aws_kinesis_stream": 1}


def installation() -> tuple[dict[str, Any], ...]:
    """List the resources of an existing installation.

    They have only their ARNs and the attributes that prevent a replacement.
    """
    return tuple(_resource("", kind, name, instances) for (kind, name), instances in _resources().items())


def encrypted(key: str | None) -> tuple[dict[str, Any], ...]:
    """List the table and the state machine of an installation with a key, or without.

    The state machine's functions do not exist, so that its definition is unknown and AWS is not asked to validate it.
    """
    resources = _resources()
    tables = resources["aws_dynamodb_table", "reports"]
    owned: dict[str, Any] = {"type": "AWS_OWNED_KEY", "kms_key_id": "", "kms_data_key_reuse_period_seconds": 0}
    customers = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kms_key_id": key, "kms_data_key_reuse_period_seconds": 300}
    machine = arn("states", f"stateMachine:{NAME}")
    tables[None]["server_side_encryption"] = [{"enabled": True, "kms_key_arn": key}] if key else []
    machines: dict[str | None, dict[str, Any]] = {
        None: {"id": machine, "arn": machine, "name": NAME, "encryption_configuration": [customers if key else owned]}
    }
    return (
        _resource("", "aws_dynamodb_table", "reports", tables),
        _resource("", "aws_sfn_state_machine", "rounds", machines),
    )


def single_stream() -> tuple[dict[str, Any], ...]:
    """List the stream of an installation of a version that had no verified stream."""
    stream = _resources()["aws_kinesis_stream", "streams"]["alerts"]
    return (_resource("", "aws_kinesis_stream", "alerts", {None: stream}),)


def function_logs(function: str, module: str = "function") -> tuple[dict[str, Any], ...]:
    """Return the log group of a function of `modules/plugin-function`, which is called `module` there."""
    group = _log_group(f"/aws/lambda/{function}")
    return (_resource(f"module.{module}", "aws_cloudwatch_log_group", "this", {None: group}),)


def queue(name: str, address: str) -> dict[str, Any]:
    """Return a queue of an installed module by its name and the resource's name."""
    url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    attributes = {"id": url, "url": url, "name": name, "fifo_queue": False, "arn": arn("sqs", name)}
    return _resource("", "aws_sqs_queue", address, {None: attributes})


def _resources() -> dict[tuple[str, str], dict[str | None, dict[str, Any]]]:
    return {
        ("aws_cloudwatch_event_rule", "sweeps"): {
            key: {"id": f"{NAME}-{key}", "name": f"{NAME}-{key}", "arn": arn("events", f"rule/{NAME}-{key}")}
            | {"event_bus_name": "default"}
            for key in ("sweep", "dead-round")
        },
        ("aws_cloudwatch_log_group", "functions"): {key: _log_group(f"/aws/lambda/{NAME}-{key}") for key in FUNCTIONS},
        ("aws_cloudwatch_log_group", "workflow"): {None: _log_group(MACHINE_LOGS)},
        ("aws_dynamodb_table", "reports"): {
            None: {"id": NAME, "name": NAME, "arn": arn("dynamodb", f"table/{NAME}"), "hash_key": "pk"}
            | {"range_key": "sk"}
        },
        ("aws_iam_role", "functions"): {key: _role(key) for key in FUNCTIONS},
        ("aws_iam_role", "workflow"): {None: _role("workflow")},
        ("aws_kinesis_stream", "streams"): {
            "alerts": {"id": arn("kinesis", f"stream/{NAME}"), "name": NAME, "arn": arn("kinesis", f"stream/{NAME}")}
        },
        ("aws_lambda_function", "functions"): {
            key: {"id": f"{NAME}-{key}", "function_name": f"{NAME}-{key}", "package_type": "Zip"}
            | {"arn": arn("lambda", f"function:{NAME}-{key}"), "source_code_hash": "of an older zip"}
            for key in FUNCTIONS
        },
        ("aws_s3_bucket", "archive"): {
            None: {"id": BUCKET, "bucket": BUCKET, "bucket_prefix": f"{NAME}-", "arn": BUCKET_ARN}
        },
        ("aws_sqs_queue", "dead_letters"): {
            None: {"id": QUEUE_URL, "url": QUEUE_URL, "name": f"{NAME}-dead-letters", "fifo_queue": False}
            | {"arn": arn("sqs", f"{NAME}-dead-letters")}
        },
    }


def _role(key: str) -> dict[str, Any]:
    name = f"{NAME}-{key}-{REGION}"
    return {"id": name, "name": name, "path": "/", "arn": arn("iam", f"role/{name}", region="")}


def _log_group(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "arn": arn("logs", f"log-group:{name}")}


def _resource(module: str, kind: str, name: str, instances: Mapping[str | None, dict[str, Any]]) -> dict[str, Any]:
    return {
        "module": module,
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [_instance(kind, key, attributes) for key, attributes in instances.items()],
    }


def _instance(kind: str, key: str | None, attributes: dict[str, Any]) -> dict[str, Any]:
    index = {} if key is None else {"index_key": key}
    return {**index, "schema_version": _SCHEMA_VERSIONS.get(kind, 0), "attributes": attributes}
