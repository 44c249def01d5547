"""Plans of copies of the Terraform code, without network and with fake credentials.

A plan takes seconds, mostly to start the provider. Cases are therefore modules of one configuration wherever possible:
one plan has the resources of all cases, or the errors of each.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tftest

from tools.terraform import binary

REGION = "eu-west-1"
ACCOUNT = "111122223333"

_OFFLINE = {
    "access_key": "test",
    "secret_key": "test",
    "skip_credentials_validation": True,
    "skip_metadata_api_check": True,
    "skip_requesting_account_id": True,
    # To plan a stream, the provider requests the account's limits, and continues without an answer: the port is closed.
    "endpoints": [{"kinesis": "http://127.0.0.1:9"}],
    "max_retries": 1,
}


@dataclass(frozen=True)
class Case:
    """A module to plan.

    Attributes
    ----------
    source : str
        Folder of the module in the copy of the code. "": the root module.
    variables : dict
        Inputs by name.
    region : str
        Region of the provider. None: the module has no provider.
    references : dict
        Inputs by name that are expressions, such as another case: ``module.other``.
    outputs : tuple
        Names of the module's outputs to include.
    state : tuple
        Existing resources, as in a state file; ``module`` names an inner module, or is "".
    targets : tuple
        Addresses within the module to plan. Empty: everything.
    """

    source: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = REGION
    references: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[str, ...] = ()
    state: tuple[Mapping[str, Any], ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """Planned resources and outputs of one case.

    Attributes
    ----------
    resources : dict
        The planned values of each resource, by its address in the module.
    written : dict
        Each resource as written in the code, with its references, by address.
    outputs : dict
        The outputs whose values are known, by name.
    written_outputs : dict
        The outputs as written in the code.
    """

    resources: dict[str, dict[str, Any]]
    written: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    written_outputs: dict[str, dict[str, Any]]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """List the values of all resources of one type."""
        return [values for address, values in self.resources.items() if address.startswith(f"{kind}.")]


class Configuration:
    """Cases as modules of one configuration, in a separate folder beside the code.

    Parameters
    ----------
    folder : Path
        The configuration's folder, created here, directly below the copy of the code.
    cases : Mapping
        The cases by name, which is also the name of the module.
    environment : Mapping
        The whole environment for Terraform.
    """

    def __init__(self, folder: Path, cases: Mapping[str, Case], environment: Mapping[str, str]):
        folder.mkdir()
        self._cases = cases
        self._state = folder / "cases.tfstate"
        (folder / "main.tf.json").write_text(json.dumps(_configuration(cases), indent=2))
        self._terraform = tftest.TerraformTest(str(folder), binary=binary())
        self._terraform.env = dict(environment)
        self._terraform.execute_command("init", "-backend=false", "-no-color")

    def plan(self) -> tftest.TerraformPlanOutput:
        """Plan all cases without refreshing existing resources, so that AWS is not called."""
        self._state.write_text(json.dumps(_state(self._cases)))
        return self._terraform.plan(output=True, refresh=False, state=str(self._state), targets=self._targets())

    def refusals(self) -> dict[str, str]:
        """Plan, expect errors, and return Terraform's messages by case; "" has those without a case."""
        try:
            self._terraform.plan(json_format=True, targets=self._targets())
        except tftest.TerraformTestError as error:
            return self._by_case(str(error.args[0]))
        raise AssertionError("All cases were planned without an error.")

    def _targets(self) -> list[str]:
        if not any(case.targets for case in self._cases.values()):
            return []
        return [
            f"module.{name}.{target}".rstrip(".")
            for name, case in self._cases.items()
            for target in case.targets or ("",)
        ]

    def _by_case(self, output: str) -> dict[str, str]:
        messages: dict[str, str] = {}
        for line in output.splitlines():
            if '"type":"diagnostic"' in line:
                diagnostic = json.loads(line[line.index("{") :])["diagnostic"]
                place = diagnostic.get("address") or diagnostic.get("snippet", {}).get("context") or ""
                name = place.removeprefix("module.").split(".")[0] if place.startswith("module.") else ""
                messages[name] = f"{messages.get(name, '')}\n{diagnostic['detail']}"
        return messages


def planned(plan: tftest.TerraformPlanOutput, name: str) -> Planned:
    """Return the resources and outputs of one case."""
    module = plan.modules[f"module.{name}"]
    code = plan.configuration["root_module"]["module_calls"][name]["module"]
    return Planned(
        resources={
            # A resource without known values has no entry.
            address: resource.get("values", {})
            for address, resource in module.resources.items()
            if resource["mode"] == "managed"
        },
        written={resource["address"]: resource for resource in code["resources"]},
        outputs=plan._raw.get("output_changes", {}).get(name, {}).get("after", {}),
        written_outputs=code.get("outputs", {}),
    )


def changes(plan: tftest.TerraformPlanOutput, name: str) -> dict[str, dict[str, Any]]:
    """Return the changes of one case's resources, also in inner modules, by address within the case."""
    prefix = f"module.{name}."
    return {
        address.removeprefix(prefix): change["change"]
        for address, change in plan.resource_changes.items()
        if address.startswith(prefix)
    }


def warnings(plan: tftest.TerraformPlanOutput, name: str, check: str) -> list[str]:
    """Return the messages of one case's check."""
    [found] = [
        instance
        for each in plan._raw["checks"]
        for instance in each.get("instances", ())
        if instance["address"]["to_display"] == f"module.{name}.check.{check}"
    ]
    return [problem["message"] for problem in found.get("problems", ())]


def output(plan: tftest.TerraformPlanOutput, name: str, output: str) -> Any:
    """Return one output of a case."""
    return plan._raw["output_changes"][name]["after"][output]


def statements(policy: str) -> list[dict[str, Any]]:
    """Parse a policy; actions and resources become lists."""

    def as_list(value: Any) -> list[Any]:
        return value if isinstance(value, list) else [value]

    return [
        statement | {"Action": as_list(statement["Action"]), "Resource": as_list(statement.get("Resource", []))}
        for statement in json.loads(policy)["Statement"]
    ]


def arn(service: str, resource: str, *, region: str = REGION, account: str = ACCOUNT) -> str:
    """Compose an ARN in the account of the tests."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def _configuration(cases: Mapping[str, Case]) -> dict[str, Any]:
    regions = sorted({case.region for case in cases.values() if case.region})
    modules = {
        name: {
            "source": f"../{case.source}",
            **({"providers": {"aws": f"aws.{case.region}"}} if case.region else {}),
            # Terraform must not interpret values as code.
            **{key: _escaped(value) for key, value in case.variables.items()},
            **{key: f"${{{expression}}}" for key, expression in case.references.items()},
        }
        for name, case in cases.items()
    }
    # One output for each case: with targets, one that depends on no resource would be left out.
    outputs = {
        name: {"value": {output: f"${{module.{name}.{output}}}" for output in case.outputs}}
        for name, case in cases.items()
        if case.outputs
    }
    providers = [{"alias": region, "region": region, **_OFFLINE} for region in regions]
    return (
        {"module": modules}
        | ({"provider": {"aws": providers}} if providers else {})
        | ({"output": outputs} if outputs else {})
    )


def _state(cases: Mapping[str, Case]) -> dict[str, Any]:
    resources = [
        {**resource, "module": f"module.{name}.{resource['module']}".rstrip(".")}
        for name, case in cases.items()
        for resource in case.state
    ]
    serial = {"serial": 1, "lineage": "plan-tests"}
    return {"version": 4, "terraform_version": "1.9.0", **serial, "outputs": {}, "resources": resources}


def _escaped(value: Any) -> Any:
    return json.loads(json.dumps(value).replace("${", "$${").replace("%{", "%%{"))
