"""Plans of copies of the Terraform code, without network and with false credentials.

A plan takes seconds, most of them to start the provider. So cases are modules of one configuration wherever they do
not have to be apart: one plan shows what all of them make, or what Terraform says to each.
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
    # To plan a stream the provider asks for the account's limits, and goes on without an answer. Nobody listens here.
    "endpoints": [{"kinesis": "http://127.0.0.1:9"}],
    "max_retries": 1,
}


@dataclass(frozen=True)
class Case:
    """A module to plan.

    Attributes
    ----------
    source : str
        Folder of the module below the copy of the code; "": the root module.
    variables : dict
        What is set, by name.
    region : str
        Where; None: the module has no provider.
    outputs : tuple
        Names of the module's outputs to look at.
    state : tuple
        Resources that are there already, as in a state file; ``module`` names an inner module, or is "".
    targets : tuple
        Addresses within the module; nothing else is planned. None: everything is.
    """

    source: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = REGION
    outputs: tuple[str, ...] = ()
    state: tuple[Mapping[str, Any], ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Planned:
    """What one case makes.

    Attributes
    ----------
    resources : dict
        The planned values of each resource, by its address in the module.
    written : dict
        Each resource as the code has it, with its references, by address.
    outputs : dict
        The outputs whose values are known, by name.
    written_outputs : dict
        The outputs as the code has them.
    """

    resources: dict[str, dict[str, Any]]
    written: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    written_outputs: dict[str, dict[str, Any]]

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """Give the values of all resources of one type."""
        return [values for address, values in self.resources.items() if address.startswith(f"{kind}.")]


class Configuration:
    """Cases as modules of one configuration, in a folder of its own beside the code they are of.

    Parameters
    ----------
    folder : Path
        The configuration, made here, directly below the copy of the code.
    cases : Mapping
        The cases by name; a name becomes the module's.
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
        """Plan all cases; what is there already is taken as it is, AWS is not asked."""
        self._state.write_text(json.dumps(_state(self._cases)))
        return self._terraform.plan(output=True, refresh=False, state=str(self._state), targets=self._targets())

    def refusals(self) -> dict[str, str]:
        """Plan, expect refusals, and give all that Terraform says to each case; under "" to no case it names."""
        try:
            self._terraform.plan(json_format=True, targets=self._targets())
        except tftest.TerraformTestError as error:
            return self._by_case(str(error.args[0]))
        raise AssertionError("All cases were planned without complaint.")

    def _targets(self) -> list[str]:
        if not any(case.targets for case in self._cases.values()):
            return []
        return [
            f"module.{name}.{target}".rstrip(".")
            for name, case in self._cases.items()
            for target in case.targets or ("",)
        ]

    def _by_case(self, output: str) -> dict[str, str]:
        said: dict[str, str] = {}
        for line in output.splitlines():
            if '"type":"diagnostic"' in line:
                diagnostic = json.loads(line[line.index("{") :])["diagnostic"]
                place = diagnostic.get("address") or diagnostic.get("snippet", {}).get("context") or ""
                name = place.removeprefix("module.").split(".")[0] if place.startswith("module.") else ""
                said[name] = f"{said.get(name, '')}\n{diagnostic['detail']}"
        return said


def planned(plan: tftest.TerraformPlanOutput, name: str) -> Planned:
    """Give what one case of a plan makes."""
    module = plan.modules[f"module.{name}"]
    code = plan.configuration["root_module"]["module_calls"][name]["module"]
    return Planned(
        resources={
            # Nothing is said of a resource of which nothing is known.
            address: resource.get("values", {})
            for address, resource in module.resources.items()
            if resource["mode"] == "managed"
        },
        written={resource["address"]: resource for resource in code["resources"]},
        outputs=plan._raw.get("output_changes", {}).get(name, {}).get("after", {}),
        written_outputs=code.get("outputs", {}),
    )


def changes(plan: tftest.TerraformPlanOutput, name: str) -> dict[str, dict[str, Any]]:
    """Give what happens to the resources of one case, in inner modules too, by address within the case."""
    prefix = f"module.{name}."
    return {
        address.removeprefix(prefix): change["change"]
        for address, change in plan.resource_changes.items()
        if address.startswith(prefix)
    }


def output(plan: tftest.TerraformPlanOutput, name: str, output: str) -> Any:
    """Give one output of a case."""
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
    """Compose an ARN of the account the tests pretend to have."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def _configuration(cases: Mapping[str, Case]) -> dict[str, Any]:
    regions = sorted({case.region for case in cases.values() if case.region})
    modules = {
        name: {
            "source": f"../{case.source}",
            **({"providers": {"aws": f"aws.{case.region}"}} if case.region else {}),
            # Terraform must not take anything in a value for code.
            **{key: _escaped(value) for key, value in case.variables.items()},
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
