"""The modules of ready-made plug-ins: their resources, their rights, and their validations."""

import json
import re
from pathlib import Path

import pytest
import tftest

from alert_responder_plugins.policy.handler import METRIC
from alert_responder_plugins.policy.table import policy_key
from tests.plan import tables
from tests.plan.conftest import INTERFACE
from tests.plan.harness import Case, changes
from tests.plan.inputs import refusals
from tests.plan.ready_made import all_modules
from tests.plan.ready_made.policy import RULES, TOPIC
from tools.package import PLUGINS_ZIP, WITH_PACKAGES
from tools.paths import ROOT

MODULES = all_modules()
OTHERS = {
    "emitter",
    "eventbridge-source",
    "finding-events",
    "forwarder",
    "inspector",
    "member",
    "organization",
    "permissions",
    "plugin-function",
    "reviewer",
    "sns-source",
    "webhook-source",
}
"""Other modules."""


def key_of(module: str) -> str:
    return module.replace("-", "_")


CASES = {
    f"{key_of(name)}_{variant}".rstrip("_"): Case(
        f"modules/{name}", {"alert_responder": INTERFACE, **made.required, **variables}
    )
    for name, made in MODULES.items()
    for variant, variables in {"": {}, **made.variants}.items()
}


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    """Terraform's messages by case, with errors of variables first."""
    found: dict[str, str] = {}
    for while_planning in (False, True):
        refused = {
            f"{key_of(name)}_{number}": Case(
                f"modules/{name}", {"alert_responder": INTERFACE, **made.required, **case.variables}
            )
            for name, made in MODULES.items()
            for number, case in enumerate(made.refused)
            if case.while_planning == while_planning
        }
        if refused:
            folder = code / f"ready-made-refused{'-while-planning' if while_planning else ''}"
            found |= refusals(folder, refused, terraform_environment)
    return found


def test_every_module_has_a_file_here() -> None:
    folders = {path.name for path in (ROOT / "modules").iterdir() if path.is_dir()}
    assert folders - OTHERS == MODULES.keys()


def test_the_readme_lists_them_by_kind() -> None:
    kinds = ("inspector", "reviewer", "emitter")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, *sections = re.split(r"^\| (?:inspector|reviewer|emitter) \|", text, flags=re.MULTILINE)
    for kind, section in zip(kinds, sections, strict=True):
        listed = re.findall(r"^\| \[modules/([a-z-]+)\]", section, re.MULTILINE)
        assert listed == sorted(name for name, made in MODULES.items() if made.kind == kind)


@pytest.mark.parametrize("key", CASES)
def test_module_creates_a_function_and_attaches_it(plan: tftest.TerraformPlanOutput, key: str) -> None:
    made = changes(plan, key)
    types = [re.sub(r"^(module\.[^.]+\.)*", "", address).split(".")[0] for address in made]
    assert types.count("aws_lambda_function") >= 1
    assert types.count("aws_dynamodb_table_item") >= 1
    assert types.count("aws_cloudwatch_log_group") == types.count("aws_lambda_function")


@pytest.mark.parametrize("key", CASES)
def test_functions_need_only_tracked_zips_and_the_layers_of_the_installation(
    plan: tftest.TerraformPlanOutput, key: str
) -> None:
    functions = [made["after"] for address, made in changes(plan, key).items() if ".aws_lambda_function." in address]
    for function in functions:
        plugin = function["handler"].split(".")[1]
        package = f"{plugin}.zip" if plugin in WITH_PACKAGES else PLUGINS_ZIP
        assert function["filename"].endswith(f"/dist/{package}")
        assert function["layers"] == INTERFACE["layer_arns"]


def test_aws_context_has_a_quota_by_default(plan: tftest.TerraformPlanOutput) -> None:
    """CloudTrail allows two calls of LookupEvents a second in the whole account."""
    default = tables.blocks(ROOT / "modules" / "aws-context", "variable")["max_per_minute"]["default"]
    inspector = plan.configuration["root_module"]["module_calls"]["aws_context"]["module"]["module_calls"]["inspector"]
    assert default == 20
    assert inspector["expressions"]["max_per_minute"]["references"] == ["var.max_per_minute"]


def test_the_policy_is_stored_without_its_tests(plan: tftest.TerraformPlanOutput) -> None:
    item = json.loads(changes(plan, "policy")["aws_dynamodb_table_item.policy"]["after"]["item"])

    assert (item["pk"]["S"], item["sk"]["S"]) == policy_key("policy")
    assert json.loads(item["policy"]["S"]) == {"rules": RULES}


def test_faults_of_the_policy_notify_people(plan: tftest.TerraformPlanOutput) -> None:
    alarm = changes(plan, "policy_options")["aws_cloudwatch_metric_alarm.faults"]["after"]

    assert (alarm["metric_name"], alarm["alarm_actions"]) == (METRIC, [TOPIC])
    assert alarm["dimensions"] == {"installation": INTERFACE["name"], "plugin": "soc"}


@pytest.mark.parametrize("module", MODULES)
def test_readme_has_a_block_and_the_required_sections(module: str) -> None:
    text = (ROOT / "modules" / module / "README.md").read_text(encoding="utf-8")
    for wanted in ("```hcl", "## What leaves the account", "## Permissions"):
        assert wanted in text, f"{module} lacks {wanted}"


@pytest.mark.parametrize(
    ("module", "number"), [(name, number) for name, made in MODULES.items() for number in range(len(made.refused))]
)
def test_invalid_value_is_rejected_with_the_allowed_values(messages: dict[str, str], module: str, number: int) -> None:
    answer = messages.get(f"{key_of(module)}_{number}") or messages.get("", "")
    assert MODULES[module].refused[number].message in answer


@pytest.mark.parametrize("module", MODULES)
def test_every_validation_has_a_case(module: str) -> None:
    expected = [case.message for case in MODULES[module].refused]
    for name, variable in tables.blocks(ROOT / "modules" / module, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for message in expected), f"no case of {name} has the message: {text}"
