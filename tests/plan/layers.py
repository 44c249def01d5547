"""The functions' layer in each region, evaluated without providers, which take seconds to start."""

from collections.abc import Mapping
from pathlib import Path

from tests.plan.harness import Case, Configuration
from tests.plan.inputs import variables
from tools.paths import ROOT

_PLACE = """
variable "region" {}
variable "partition" {}
locals {
  region    = var.region
  partition = var.partition
}
output "layers" {
  value = local.layer_arns
}
"""


def layers(folder: Path, partitions: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, list[str]]:
    """Evaluate the layers in each region, with the defaults of all inputs.

    Parameters
    ----------
    folder : Path
        Created here.
    partitions : Mapping
        The partition of each region.
    environment : Mapping
        The whole environment for Terraform.
    """
    # The file begins with its locals.
    code = (ROOT / "functions.tf").read_text(encoding="utf-8").partition("\nresource ")[0]
    (folder / "module").mkdir(parents=True)
    (folder / "module" / "main.tf").write_text(variables(ROOT) + code + _PLACE, encoding="utf-8")
    cases = {
        region: Case("module", {"region": region, "partition": partition}, region=None, outputs=("layers",))
        for region, partition in partitions.items()
    }
    plan = Configuration(folder / "cases", cases, environment).plan()
    return {region: plan.outputs[region]["layers"] for region in cases}
