"""What the inputs of modules refuse, found without a provider.

A validation looks at inputs alone. So Terraform is shown the variables of a module and nothing else: it starts no
provider, which saves nearly all of the time a plan takes.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from tests.plan.harness import REGION, Case, Configuration
from tools.paths import ROOT

VARIABLE = re.compile(r'^variable "(\w+)" \{\n.*?^\}\n', re.MULTILINE | re.DOTALL)
_AT_ONCE = 30
"""Modules of one configuration: the time that Terraform takes grows with the square of their variables."""
_REGION = "data.aws_region.current.id"


def refusals(folder: Path, cases: Mapping[str, Case], environment: Mapping[str, str]) -> dict[str, str]:
    """Give all that Terraform says to each case, as `Configuration.refusals` does.

    Parameters
    ----------
    folder : Path
        Made here; takes the variables of each module, and the configuration that sets them.
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
    said: dict[str, str] = {}
    for start in range(0, len(inputs), _AT_ONCE):
        some = dict(inputs[start : start + _AT_ONCE])
        said |= Configuration(folder / f"cases-{start}", some, environment).refusals()
    return said


def variables(module: Path) -> str:
    """Give the variables of a module as it has them."""
    found = [
        match[0]
        for path in sorted(module.glob("*.tf"))
        for match in VARIABLE.finditer(path.read_text(encoding="utf-8"))
    ]
    # The one thing beside inputs that a validation asks for.
    return "\n".join(found).replace(_REGION, f'"{REGION}"')
