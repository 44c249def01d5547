"""Validation errors of the modules' inputs, found without a provider.

A validation depends on inputs only. Terraform therefore gets only the variables of a module and starts no
provider, which saves nearly all of a plan's time.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.plan.harness import REGION, Case, Configuration
from tools.paths import ROOT

VARIABLE = re.compile(r'^variable "(\w+)" \{\n.*?^\}\n', re.MULTILINE | re.DOTALL)
_AT_ONCE = 30
"""Modules in one configuration: Terraform's time grows with the square of their variables."""
_PROVIDED = {"data.aws_region.current.id": REGION, "data.aws_partition.current.partition": "aws"}
"""Values other than inputs that validations use."""


def refusals(folder: Path, cases: Mapping[str, Case], environment: Mapping[str, str]) -> dict[str, str]:
    """Return Terraform's messages by case, as `Configuration.refusals` does.

    Parameters
    ----------
    folder : Path
        Created here, for the variables of each module and the configuration that sets them.
    cases : Mapping
        The cases by name.
    environment : Mapping
        The whole environment for Terraform.
    """
    for source in sorted({case.source for case in cases.values()}):
        path = folder / "inputs" / source / "variables.tf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(variables(ROOT / source), encoding="utf-8")
    inputs = [(name, Case(f"inputs/{case.source}", case.variables, region=None)) for name, case in cases.items()]
    messages: dict[str, str] = {}
    for start in range(0, len(inputs), _AT_ONCE):
        some = dict(inputs[start : start + _AT_ONCE])
        messages |= Configuration(folder / f"cases-{start}", some, environment).refusals()
    return messages


def variables(module: Path) -> str:
    """Return the code of a module's variables."""
    found = [
        match[0]
        for path in sorted(module.glob("*.tf"))
        for match in VARIABLE.finditer(path.read_text(encoding="utf-8"))
    ]
    code = "\n".join(found)
    for expression, value in _PROVIDED.items():
        code = code.replace(expression, f'"{value}"')
    return code
