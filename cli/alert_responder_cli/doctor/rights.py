"""Checks of permissions: those of the functions' roles, and those of AWS services on the KMS key."""

import json
from collections.abc import Iterator

from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.doctor.examination import Check, Verdict, ok
from alert_responder_cli.plugins.registry import registered

_KEY_USERS = ("logs.", "delivery.logs.amazonaws.com", "events.amazonaws.com")


def _roles(installation: Installation) -> Iterator[Verdict]:
    iam, functions = installation.client("iam"), installation.client("lambda")
    for key, wanted in _wanted(installation).items():
        configuration = functions.get_function_configuration(FunctionName=installation.function(key))
        refused = [
            result["EvalActionName"]
            for action, resource in wanted
            for result in iam.simulate_principal_policy(
                PolicySourceArn=configuration["Role"], ActionNames=[action], ResourceArns=[resource]
            )["EvaluationResults"]
            if result["EvalDecision"] != "allowed"
        ]
        role = configuration["Role"].rpartition("/")[2]
        if refused:
            yield Verdict(
                "problem",
                f"The role {role} may not do what the {key} needs: {', '.join(sorted(set(refused)))}.",
                "Apply the module again; look for a permissions boundary or a service control policy that denies it.",
            )
        else:
            yield ok(f"The role {role} may do what the {key} needs.")


def _wanted(installation: Installation) -> dict[str, list[tuple[str, str]]]:
    """List one call of each kind that a function makes; calls of plug-ins have their ARNs."""
    _, partition, _, region, account, *_ = installation.workflow_arn.split(":")
    table = f"arn:{partition}:dynamodb:{region}:{account}:table/{installation.table}"
    archive = f"arn:{partition}:s3:::{installation.archive_bucket}"
    stream = f"arn:{partition}:kinesis:{region}:{account}:stream/{installation.stream}"
    plugins = registered(installation)
    reviewers = [plugin.arn for kind, plugin in plugins if kind == "reviewer"]
    others = [plugin.arn for kind, plugin in plugins if kind != "reviewer"]
    return {
        "receptor": [
            ("kinesis:GetRecords", stream),
            ("dynamodb:GetItem", table),
            ("dynamodb:PutItem", table),
            ("s3:PutObject", f"{archive}/rejected/doctor"),
            ("states:StartExecution", installation.workflow_arn),
        ],
        "coordinator": [
            ("dynamodb:Query", table),
            ("dynamodb:UpdateItem", table),
            ("s3:PutObject", f"{archive}/reports/doctor"),
            *(("lambda:InvokeFunction", arn) for arn in reviewers),
        ],
        "runner": [
            ("dynamodb:GetItem", table),
            ("dynamodb:UpdateItem", table),
            *(("lambda:InvokeFunction", arn) for arn in others),
        ],
    }


def _key(installation: Installation) -> Iterator[Verdict]:
    table = installation.client("dynamodb").describe_table(TableName=installation.table)["Table"]
    arn = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
    coordinator = installation.client("lambda").get_function_configuration(
        FunctionName=installation.function("coordinator")
    )
    if not coordinator.get("KMSKeyArn") or arn is None:
        yield ok("The installation uses the keys that AWS manages.")
        return
    kms = installation.client("kms")
    state = kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
    if state != "Enabled":
        yield Verdict(
            "problem",
            f"The KMS key {arn} is {state}: nothing can be read or written.",
            "Enable the key, or cancel its deletion.",
        )
        return
    policy = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    allowed = json.dumps([each for each in policy["Statement"] if each["Effect"] == "Allow"])
    missing = [user for user in _KEY_USERS if user not in allowed]
    if missing:
        yield Verdict(
            "problem",
            f"The policy of the KMS key {arn} does not let {', '.join(user.rstrip('.') for user in missing)} use it.",
            "Set the key's policy to the output kms_key_policy_json, or merge that into it.",
        )
    else:
        yield ok(f"The KMS key {arn} is enabled, and its policy lets AWS services use it.")


CHECKS = (
    Check("roles", ("iam:SimulatePrincipalPolicy", "lambda:GetFunctionConfiguration", "dynamodb:Query"), _roles),
    Check("kms-key", ("kms:DescribeKey", "kms:GetKeyPolicy", "dynamodb:DescribeTable"), _key),
)
