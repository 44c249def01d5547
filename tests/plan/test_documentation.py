"""The documentation's tables, and every block of Terraform that users can copy."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import hcl2
import pytest
import tftest

from alert_responder_cli.plugins.zip_package import zip_folder
from tests import documents
from tests.plan import tables
from tests.plan.harness import Case, changes
from tools.paths import ROOT

EXAMPLE = ROOT / "examples" / "complete"
ORGANISATION = ROOT / "examples" / "organisation"
PRODUCTION = ROOT / "examples" / "production"
POLICY = ROOT / "examples" / "policy" / "policy.yaml"
LANGUAGES = {path.parent.name: path.parent for path in sorted(ROOT.glob("examples/plugins/*/main.tf"))}
"""The examples of plug-ins by language; each is a separate configuration."""

# Replaces a function that a block only refers to.
_FUNCTION = """
resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  role          = "arn:aws:iam::111122223333:role/plug-in"
  runtime       = "python3.12"
  handler       = "index.handler"
  filename      = "${{path.module}}/plug_in.zip"
}}
"""


def _identifier(path: Path, number: int) -> str:
    return re.sub(r"\W+", "_", f"{path.relative_to(ROOT).with_suffix('')}_{number}")


BLOCKS = {
    _identifier(path, number): block
    for path in documents.DOCUMENTS
    for number, block in enumerate(documents.blocks(path), start=1)
}


# Most blocks repeat it unchanged: they share one installation, since each takes a second of processor time.
_INSTALLATION = f'module "alert_responder" {{\n  source = "{documents.public_source("")}"\n}}\n'
SHARING = {name for name, block in BLOCKS.items() if _INSTALLATION in block}


def _without_installation(block: str) -> str:
    shared = block.replace(_INSTALLATION, 'variable "installation" {}\n')
    return shared.replace("module.alert_responder.", "var.installation.") if shared != block else block


def _without_provider(code: str) -> str:
    """Remove the provider block; the tests' offline provider replaces it."""
    return re.sub(r'^provider "aws" \{(\}|.*?^\})\n', "", code, flags=re.DOTALL | re.MULTILINE)


def _use_local_modules(main: Path, root: str) -> None:
    main.write_text(_without_provider(documents.with_local_sources(main.read_text(encoding="utf-8"), root)))


def _mentioned_functions(block: str) -> str:
    """Write the functions that a block only refers to."""
    made = set(re.findall(r'^resource "aws_lambda_function" "(\w+)"', block, re.MULTILINE))
    mentioned = set(re.findall(r"\baws_lambda_function\.(\w+)", block))
    return "".join(_FUNCTION.format(name=name) for name in sorted(mentioned - made))


def _resources(block: str, kind: str) -> dict[str, dict[str, Any]]:
    """Read the resources of one type in a block, by name."""
    found: dict[str, dict[str, Any]] = {}
    for resource in hcl2.loads(block).get("resource", []):
        for type_, named in resource.items():
            if tables.text(type_) == kind:
                found |= {tables.text(name): body for name, body in named.items()}
    return found


@pytest.mark.parametrize(
    "path", [*documents.DOCUMENTS, *documents.CONFIGURATIONS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_tables_and_addresses_are_those_of_the_code(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == documents.addressed(tables.render(path)), (
        "The document is out of date: run `python -m tests.plan.tables` in the development environment."
    )


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_can_be_copied_into_another_repository(name: str) -> None:
    modules = [documents.module_of(source) for source in documents.sources(BLOCKS[name])]

    assert "" in modules
    assert all((ROOT / module).is_dir() for module in modules)


@pytest.mark.parametrize("name", BLOCKS)
def test_functions_in_blocks_have_a_time_limit_and_the_right_to_log(name: str) -> None:
    logging = "\n".join(str(body["policy"]) for body in _resources(BLOCKS[name], "aws_iam_role_policy").values())
    for function, body in _resources(BLOCKS[name], "aws_lambda_function").items():
        assert int(body.get("timeout", 3)) >= 30, f"{function}: Lambda's default of 3 s is too short."
        role = re.search(r"aws_iam_role\.\w+", str(body["role"]))
        assert role is None or "logs:PutLogEvents" in logging, f"{function}: its role may not write its log."


@pytest.mark.parametrize("folder", [ROOT, *sorted(ROOT.glob("modules/*"))], ids=lambda folder: folder.name)
def test_inputs_and_outputs_are_described_and_sorted(folder: Path) -> None:
    for kind in ("variable", "output"):
        found = tables.blocks(folder, kind)
        assert list(found) == sorted(found), f"{kind}s of {folder.name}"
        for name, body in found.items():
            assert tables.text(body["description"]).endswith("."), f"{kind} {name} of {folder.name}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("modules/*/README.md")), ids=lambda path: path.parent.name)
def test_first_line_of_a_modules_readme_states_its_audience(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(("Public: ", "Internal: "))


CASES = {
    "installation": Case(),
    **{name: Case(f"pasted/{name}", references={"installation": "module.installation"}) for name in SHARING},
    **{
        name: Case(f"pasted/{name}")
        for name in (*BLOCKS, "complete", "organisation", "production")
        if name not in SHARING
    },
    **{name: Case(f"examples/plugins/{name}") for name in LANGUAGES},
}


def prepare(code: Path) -> None:
    """Write a module for each block and each example that users copy."""
    for name, block in BLOCKS.items():
        folder = code / "pasted" / name
        folder.mkdir(parents=True)
        (folder / "main.tf").write_text(
            _without_provider(documents.with_local_sources(_without_installation(block), "../.."))
        )
        (folder / "functions.tf").write_text(_mentioned_functions(block))
        for package in ("plug_in.zip", *re.findall(r'"\$\{path\.module\}/([\w-]+\.zip)"', block)):
            (folder / package).write_bytes(b"")
        shutil.copytree(ROOT / "examples" / "formats", folder / "formats")
        shutil.copy(POLICY, folder / "policy.yaml")
    for example in (EXAMPLE, ORGANISATION, PRODUCTION):
        shutil.copytree(example, code / "pasted" / example.name)
        _use_local_modules(code / "pasted" / example.name / "main.tf", "../..")
    for example in (ORGANISATION, PRODUCTION):
        shutil.copy(POLICY, code / "pasted" / example.name / "policy.yaml")
    for name in LANGUAGES:
        folder = code / "examples" / "plugins" / name
        zip_folder(folder / "function", folder / "plug_in.zip")
        _use_local_modules(folder / "main.tf", "../../..")


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_can_be_planned(plan: tftest.TerraformPlanOutput, name: str) -> None:
    assert changes(plan, name)


def test_complete_example_can_be_planned(plan: tftest.TerraformPlanOutput) -> None:
    modules = {change.get("module_address") for change in plan.resource_changes.values()}

    assert {f"module.complete.module.{name}" for name in ("alert_responder", "pager", "policy", "whois")} <= modules


def _modules_with(plan: tftest.TerraformPlanOutput, name: str, resource: str) -> set[str]:
    """List the modules of an example that have a resource themselves or in an inner module."""
    return {address.split(".")[1] for address in changes(plan, name) if f".{resource}" in address}


def test_production_example_attaches_everything_in_sixty_lines(plan: tftest.TerraformPlanOutput) -> None:
    attached = _modules_with(plan, "production", "aws_dynamodb_table_item.this")

    assert attached == {"aws_context", "history", "pagerduty", "policy", "slack", "virustotal"}
    assert "module.findings.aws_cloudwatch_event_rule.findings" in "\n".join(changes(plan, "production"))
    assert len((PRODUCTION / "main.tf").read_text(encoding="utf-8").splitlines()) <= 60


def test_every_alarm_of_the_production_example_notifies_people(plan: tftest.TerraformPlanOutput) -> None:
    with_alarms = _modules_with(plan, "production", "aws_cloudwatch_metric_alarm.")
    blocks = re.findall(
        r'^module "(\w+)" \{\n(.*?)^\}', (PRODUCTION / "main.tf").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )

    assert with_alarms == {"alert_responder", "findings", "policy"}
    assert {name for name, body in blocks if "[aws_sns_topic.alarms.arn]" in body} == with_alarms


def test_production_example_follows_doctor_before_and_after_the_apply() -> None:
    text = (PRODUCTION / "README.md").read_text(encoding="utf-8")

    assert re.findall(r"^ +((?:alert-responder|terraform) .+)$", text, re.MULTILINE) == [
        "alert-responder policy test policy.yaml",
        "alert-responder doctor --before",
        "terraform init",
        "terraform apply",
        "alert-responder doctor",
        "alert-responder doctor --end-to-end",
    ]


def test_example_of_an_organisation_attaches_everything_that_works_in_member_accounts(
    plan: tftest.TerraformPlanOutput,
) -> None:
    made = _modules_with(plan, "organisation", "aws_dynamodb_table_item.this")

    assert made == {"aws_context", "logs_insights", "policy", "quarantine"}
    assert _modules_with(plan, "organisation", "aws_cloudwatch_event_bus.central") == {"findings"}
    assert "organization" in _modules_with(plan, "organisation", "aws_lambda_function.this")


@pytest.mark.parametrize("module", ["member", "forwarder"])
def test_example_of_an_organisation_has_all_parameters_of_the_stack_sets(module: str) -> None:
    code = (ORGANISATION / "main.tf").read_text(encoding="utf-8")
    (output,) = re.findall(rf'^output "{module}_parameters" \{{\n(.*?)^\}}', code, re.DOTALL | re.MULTILINE)
    given = set(re.findall(r"^    ([A-Z]\w+) *=", output, re.MULTILINE))
    parameters = json.loads((ROOT / "modules" / module / "template.json").read_text(encoding="utf-8"))["Parameters"]

    assert {name for name, body in parameters.items() if "Default" not in body} <= given <= parameters.keys()


def test_example_of_an_organisation_forwards_findings_from_the_delegated_administrator_only() -> None:
    """Its bus has the findings of all accounts: a forwarder in another account would send them a second time."""
    code = (ORGANISATION / "main.tf").read_text(encoding="utf-8")
    commands = (ORGANISATION / "README.md").read_text(encoding="utf-8").replace("\\\n", "")
    (administrators,) = re.findall(r"delegated_administrators = \[(.*)\]", code)
    (command,) = re.findall(r"create-stack-instances --stack-set-name alert-responder-forwarder (.*)", commands)

    (account,) = re.findall(r"Accounts=([0-9,]+),AccountFilterType=INTERSECTION$", command)
    assert administrators == f'"{account}"'


@pytest.mark.parametrize("name", LANGUAGES)
def test_examples_of_plug_ins_can_be_planned_and_may_only_write_their_logs(
    plan: tftest.TerraformPlanOutput, name: str
) -> None:
    made = set(changes(plan, name))

    assert "module.alert_responder.aws_dynamodb_table.reports" in made
    own = {address for address in made if not address.startswith("module.alert_responder.")}
    assert {address.rsplit(".", 2)[-2] for address in own} - {"aws_dynamodb_table_item"} == {
        "aws_cloudwatch_log_group",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_lambda_function",
    }
    assert sum(address.endswith(".aws_dynamodb_table_item.this") for address in made) == 1


def test_zip_of_the_complete_example_is_up_to_date(tmp_path: Path) -> None:
    zip_folder(EXAMPLE / "plugins", tmp_path / "plugins.zip")

    assert (EXAMPLE / "plugins.zip").read_bytes() == (tmp_path / "plugins.zip").read_bytes(), "Run `make package`."
