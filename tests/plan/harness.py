"""Plans of copies of the Terraform code, without network and with false credentials."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tftest

from tools.terraform import binary

REGION = "eu-west-1"
ACCOUNT = "111122223333"

PROVIDER = """
variable "planned_region" {
  type    = string
  default = "eu-west-1"
}

provider "aws" {
  region     = var.planned_region
  access_key = "test"
  secret_key = "test"

  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
"""


class Configuration:
    """A folder with Terraform code that may be written to, ready to plan.

    Parameters
    ----------
    folder : Path
        The code. A provider that needs no network is added if there is none.
    environment : Mapping
        The whole environment for Terraform.
    base : Mapping
        Variables of every plan, by name.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], base: Mapping[str, Any] | None = None):
        if not any(re.search(r'^provider "aws"', path.read_text(), re.MULTILINE) for path in folder.glob("*.tf")):
            (folder / "planned_provider.tf").write_text(PROVIDER)
        self.folder = folder
        self._base = dict(base or {})
        self._terraform = tftest.TerraformTest(str(folder), binary=binary())
        self._terraform.env = dict(environment)
        self._terraform.execute_command("init", "-backend=false", "-no-color")

    def plan(
        self,
        variables: Mapping[str, Any] | None = None,
        *,
        state: Path | None = None,
        targets: Iterable[str] = (),
    ) -> tftest.TerraformPlanOutput:
        """Plan with these variables; with a state, without asking AWS how things are."""
        return self._terraform.plan(
            output=True,
            refresh=state is None,
            state=str(state) if state else None,
            targets=list(targets),
            tf_var_file=self._variable_file(variables),
        )

    def refusal(self, variables: Mapping[str, Any]) -> str:
        """Plan, expect a failure, and give all that Terraform says, with single spaces instead of line breaks."""
        try:
            self._terraform.plan(tf_var_file=self._variable_file(variables))
        except tftest.TerraformTestError as error:
            said = error.cmd_error if isinstance(error.cmd_error, str) else error.cmd_error.decode()
            return re.sub(r"[\s│]+", " ", said)
        raise AssertionError(f"Planned without complaint: {dict(variables)}")

    def _variable_file(self, variables: Mapping[str, Any] | None) -> str:
        (self.folder / "planned.tfvars.json").write_text(json.dumps(self._base | dict(variables or {})))
        return "planned.tfvars.json"


def changes(plan: tftest.TerraformPlanOutput, kind: str) -> dict[str, dict[str, Any]]:
    """Give what a plan will make of one type of resource: values by address."""
    return {
        address: change["change"]["after"]
        for address, change in plan.resource_changes.items()
        if change["type"] == kind and change["mode"] == "managed"
    }


def configured(plan: tftest.TerraformPlanOutput) -> dict[str, dict[str, Any]]:
    """Give the resources of the root module as they are written, by address."""
    return {resource["address"]: resource for resource in plan.configuration["root_module"]["resources"]}


def statements(policy: str) -> list[dict[str, Any]]:
    """Parse a policy; actions and resources become lists."""

    def as_list(value: Any) -> list[Any]:
        return value if isinstance(value, list) else [value]

    return [
        statement | {"Action": as_list(statement["Action"]), "Resource": as_list(statement.get("Resource", []))}
        for statement in json.loads(policy)["Statement"]
    ]


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    """Compose an ARN of the account the tests pretend to have."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"
