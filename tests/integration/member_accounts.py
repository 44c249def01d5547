"""Member accounts on the emulated AWS, which keeps accounts apart: their id as access key is their root user."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import boto3

from tools.account import Account
from tools.paths import ROOT

TEMPLATE = ROOT / "modules" / "member" / "template.json"
KINDS = ("AccessKey", "Bucket", "Function", "Principal")
"""Kinds of targets, as in the template's parameters. The emulator cannot isolate instances."""

ATTACHING = [f"iam:{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("Role", "User")]
SERVED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


class MemberAccount:
    """A member account with targets, and the roles of `modules/member` from its template.

    Parameters
    ----------
    region
        Region of its bucket and its function.
    parameters
        Of the template, without the kinds of targets that the account allows.
    """

    def __init__(self, emulated: Account, account_id: str, region: str, parameters: Mapping[str, str]) -> None:
        self.id = account_id
        self._emulated = emulated
        self._region = region
        self._make_roles({**parameters, **{f"Allow{kind}": "true" for kind in KINDS}})
        iam = self.client("iam")
        iam.create_user(UserName="mallory", Tags=[{"Key": "Owner", "Value": "shop team"}])
        self.key: str = iam.create_access_key(UserName="mallory")["AccessKey"]["AccessKeyId"]
        self.role: str = iam.create_role(RoleName="resize", AssumeRolePolicyDocument=json.dumps(SERVED))["Role"]["Arn"]
        self.bucket = f"data-{account_id}"
        s3 = self.client("s3")
        s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": self._region})
        s3.delete_public_access_block(Bucket=self.bucket)
        self.function = self._make_function()

    def client(self, service: str) -> Any:
        """Make a client of the account's root user."""
        client: Any = boto3.client
        return client(
            service,
            region_name=self._region,
            aws_access_key_id=self.id,
            aws_secret_access_key=self.id,
            endpoint_url=self._emulated.endpoint,
            verify=self._emulated.authority,
        )

    def ids(self) -> set[str]:
        """List the ids of the quarantine's entries for the targets."""
        return {
            f"{self.id}/global/access_key/{self.key}",
            f"{self.id}/global/bucket/{self.bucket}",
            f"{self.id}/global/principal/role/resize",
            f"{self.id}/global/principal/user/mallory",
            f"{self.id}/{self._region}/function/resize",
        }

    def findings(self) -> list[bytes]:
        """Write two GuardDuty findings as EventBridge delivers them, which name all targets."""
        workload = {
            "type": "CryptoCurrency:Lambda/BitcoinTool.B",
            "resource": {"lambdaDetails": {"functionArn": self.function, "role": self.role}},
            "service": {"resourceRole": "ACTOR", "action": {"actionType": "NETWORK_CONNECTION"}},
        }
        user = {"accessKeyId": self.key, "userName": "mallory", "userType": "IAMUser"}
        theft = {
            "type": "Exfiltration:S3/AnomalousBehavior",
            "resource": {"accessKeyDetails": user, "s3BucketDetails": [{"arn": f"arn:aws:s3:::{self.bucket}"}]},
            "service": {"resourceRole": "TARGET", "action": {"actionType": "AWS_API_CALL"}},
        }
        return [json.dumps(self._event(finding)).encode() for finding in (workload, theft)]

    def described(self) -> str:
        """Describe the targets."""
        iam, s3 = self.client("iam"), self.client("s3")
        try:
            block: Any = s3.get_public_access_block(Bucket=self.bucket)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError as error:
            block = error.response["Error"]["Code"]
        concurrency = self.client("lambda").get_function_concurrency(FunctionName=self.function)
        return json.dumps(
            [
                iam.list_access_keys(UserName="mallory")["AccessKeyMetadata"],
                iam.list_attached_user_policies(UserName="mallory")["AttachedPolicies"],
                iam.list_attached_role_policies(RoleName="resize")["AttachedPolicies"],
                block,
                concurrency.get("ReservedConcurrentExecutions"),
            ],
            default=str,
            sort_keys=True,
        )

    def _event(self, finding: dict[str, Any]) -> dict[str, Any]:
        detail = {
            "schemaVersion": "2.0",
            "accountId": self.id,
            "region": self._region,
            "partition": "aws",
            "id": f"{finding['type']} in {self.id}",
            "severity": 8,
            "title": f"A finding in account {self.id}.",
            **finding,
        }
        return {
            "version": "0",
            "id": f"event {detail['id']}",
            "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty",
            "account": self.id,
            "time": "2026-03-02T10:21:40Z",
            "region": self._region,
            "resources": [],
            "detail": detail,
        }

    def _make_roles(self, parameters: Mapping[str, str]) -> None:
        cloudformation, iam = self.client("cloudformation"), self.client("iam")
        cloudformation.create_stack(
            StackName="alert-responder-member",
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        )
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="alert-responder-member", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
        )
        # The emulator has no owner of a key and no attached policy in requests (`test_emulator_gaps.py`).
        allow = {"Effect": "Allow", "Resource": "*"}
        rights = {"reader": ["iam:GetAccessKeyLastUsed"], "responder": ["iam:GetAccessKeyLastUsed", *ATTACHING]}
        for role, actions in rights.items():
            iam.put_role_policy(
                RoleName=f"alert-responder-{role}",
                PolicyName="emulator",
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Action": actions}]}),
            )

    def _make_function(self) -> str:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as file:
            file.writestr("resize.py", "def handler(event, context):\n    return None\n")
        made = self.client("lambda").create_function(
            FunctionName="resize",
            Runtime="python3.12",
            Handler="resize.handler",
            Role=self.role,
            Code={"ZipFile": code.getvalue()},
        )
        return str(made["FunctionArn"])
