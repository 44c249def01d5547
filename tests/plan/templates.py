"""The CloudFormation templates of modules, rendered from plans: `make templates` writes them.

test_templates.py compares them with the modules.
"""

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import tftest

from tests.plan import tables
from tests.plan.harness import REGION, Case, Configuration, planned
from tools import stack_templates
from tools.paths import ROOT
from tools.stack_resources import Plan
from tools.stack_templates import Flag, Input, Options, Several, Template, Text
from tools.terraform import copy_module, environment

MARKED_ACCOUNT = "999999999990"
# Of another account, as the module requires.
_MARKED_ROLE = "arn:aws:iam::999999999991:role/marked"

_LITERAL = re.compile(r'regex\(("(?:[^"\\]|\\.)*")')
_MEANING = re.compile(r"^- `([\w-]+)`: (.+)$", re.MULTILINE)


def _meanings(module: str, variable: str) -> dict[str, str]:
    """Read the words of a set and their meanings from its description."""
    return dict(_MEANING.findall(tables.text(tables.blocks(ROOT / module, "variable")[variable]["description"])))


@cache
def member() -> Template:
    """Describe the template of the roles in a member account."""
    actions = _meanings("modules/member", "actions")
    return Template(
        module="modules/member",
        description="Roles with which AlertResponder looks into this account and contains targets in it.",
        parameters=(
            Text("name", "marked-name"),
            Text("organization_id", "o-marked00000"),
            Text("external_id", "marked-external-id"),
            Several("reader_principal_arns", (f"{_MARKED_ROLE}-reader",)),
            Several("responder_principal_arns", (f"{_MARKED_ROLE}-responder",), without={"actions": []}),
            Options(
                "actions",
                "Allow",
                {kind: f"Whether AlertResponder may contain {kind}. {meaning}" for kind, meaning in actions.items()},
            ),
            Several("log_group_arns", ("arn:aws:logs:*:*:log-group:marked:*",), without={"log_group_arns": []}),
        ),
        pseudo={"AWS::AccountId": MARKED_ACCOUNT, "AWS::Region": REGION},
        fixed={"account_id": MARKED_ACCOUNT},
    )


def forwarder() -> Template:
    """Describe the template of what forwards the findings of a region."""
    sources = _meanings("modules/forwarder", "sources")
    return Template(
        module="modules/forwarder",
        description="Forwards the findings of this account and region to AlertResponder.",
        parameters=(
            Text("name", "marked-name"),
            Text("central_bus_arn", f"arn:aws:events:us-east-1:{MARKED_ACCOUNT}:event-bus/marked"),
            Options("sources", "Forward", {name: f"Whether to forward: {text}" for name, text in sources.items()}),
            Flag("all_updates"),
            Several(
                "alarm_actions", (f"arn:aws:sns:us-east-1:{MARKED_ACCOUNT}:marked",), without={"alarm_actions": []}
            ),
        ),
        pseudo={"AWS::AccountId": MARKED_ACCOUNT, "AWS::Region": REGION},
        fixed={"account_id": MARKED_ACCOUNT, "region": REGION},
    )


def templates() -> tuple[Template, ...]:
    """List all templates."""
    return (member(), forwarder())


def path(template: Template) -> Path:
    """Return the path of a rendered template."""
    return ROOT / template.module / "template.json"


def cases(template: Template) -> dict[str, Case]:
    """List what must be planned to render a template, by the name of the case."""
    prefix = f"template_{template.module.rpartition('/')[2].replace('-', '_')}"
    return {
        f"{prefix}_{name}": Case(template.module, variables)
        for name, variables in stack_templates.variants(template).items()
    }


def plan_of(plan: tftest.TerraformPlanOutput, case: str) -> Plan:
    """Return the planned resources of a case."""
    made = planned(plan, case)
    return Plan(made.resources, made.written)


def inputs(module: str) -> dict[str, Input]:
    """Read what a module's code says of its inputs; the pattern is the first one in a validation."""
    return {name: _input(variable) for name, variable in tables.blocks(ROOT / module, "variable").items()}


def _input(variable: Mapping[str, Any]) -> Input:
    default = variable.get("default")
    pattern, message = None, None
    for validation in variable.get("validation", []):
        if found := _LITERAL.search(str(validation["condition"])):
            pattern, message = json.loads(found[1]), tables.text(validation["error_message"])
            break
    return Input(
        tables.text(variable["description"]),
        _unquoted(default),
        pattern,
        message,
    )


def _unquoted(default: Any) -> Any:
    match default:
        case str():
            return tables.text(default)
        case list():
            return [tables.text(each) for each in default]
        case _:
            return default


def rendered(plan: tftest.TerraformPlanOutput, template: Template) -> str:
    """Render a template from a plan that has its cases."""
    names = zip(stack_templates.variants(template), cases(template), strict=True)
    plans = {variant: plan_of(plan, case) for variant, case in names}
    return stack_templates.render(template, inputs(template.module), plans)


def main() -> int:
    """Write all templates."""
    wanted = {name: case for template in templates() for name, case in cases(template).items()}
    with tempfile.TemporaryDirectory(prefix="alert-responder-templates-") as folder:
        code = copy_module(Path(folder) / "code")
        plan = Configuration(code / "cases", wanted, environment(Path(folder) / "terraform")).plan()
        for template in templates():
            path(template).write_text(rendered(plan, template), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
