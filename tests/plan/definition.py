"""The state machine's definition as rendered by the module, with known ARNs of the functions.

A plan does not show it: it is unknown while the functions' ARNs are, and the provider would have AWS validate a known
one.
"""

import json
import re
from pathlib import Path
from typing import Any

import tftest

from tests.plan.harness import arn
from tests.plan.inputs import VARIABLE
from tests.plan.state import NAME
from tools.paths import ROOT
from tools.terraform import binary

_LOCALS = re.compile(r"^locals \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)
_TEMPLATE = re.compile(r"^  definition = (templatefile\(.*?^  \}\))", re.MULTILINE | re.DOTALL)
_FUNCTION = re.compile(r'aws_lambda_function\.functions\["(\w+)"\]\.arn')


def rendered(code: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Render the definition with the defaults of all inputs.

    Parameters
    ----------
    code : Path
        A copy of the Terraform code; a folder is created in it.
    environment : dict
        The whole environment for Terraform.
    """
    written = (ROOT / "workflow.tf").read_text(encoding="utf-8")
    template = _TEMPLATE.search(written)
    assert template, "workflow.tf renders no template"
    expression = _FUNCTION.sub(lambda match: json.dumps(arn("lambda", f"function:{NAME}-{match[1]}")), template[1])
    expression = expression.replace("local.partition", '"aws"').replace("${path.module}", "${path.module}/..")
    used = set(re.findall(r"var\.(\w+)", expression))
    variables = [
        match[0] for match in VARIABLE.finditer((ROOT / "variables.tf").read_text(encoding="utf-8")) if match[1] in used
    ]
    folder = code / "definition"
    folder.mkdir()
    blocks = [*variables, *_LOCALS.findall(written), f'output "definition" {{\n  value = {expression}\n}}\n']
    (folder / "main.tf").write_text("\n".join(blocks), encoding="utf-8")
    terraform = tftest.TerraformTest(str(folder), binary=binary())
    terraform.env = dict(environment)
    terraform.execute_command("init", "-backend=false", "-no-color")
    definition: dict[str, Any] = json.loads(terraform.plan(output=True).outputs["definition"])
    return definition
