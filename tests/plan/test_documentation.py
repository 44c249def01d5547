"""What the documentation says of the code: its tables, and every block of Terraform that can be pasted."""

import re
import shutil
from pathlib import Path

import pytest

from tests.plan import tables
from tests.plan.harness import Configuration
from tools.package import zip_folder
from tools.paths import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("modules/*/README.md"))]
EXAMPLE = ROOT / "examples" / "complete"

_BLOCK = re.compile(r"^```hcl\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SOURCE = re.compile(r'^(\s*source\s*=\s*)"(?!hashicorp/)([^"]*)"', re.MULTILINE)
_USED_FUNCTION = re.compile(r"\baws_lambda_function\.(\w+)")

# What stands in for a function that a block only mentions.
_FUNCTION = """
resource "aws_lambda_function" "{name}" {{
  function_name = "{name}"
  role          = "arn:aws:iam::111122223333:role/plug-in"
  runtime       = "python3.12"
  handler       = "index.handler"
  filename      = "plug_in.zip"
}}
"""


def _blocks() -> list[tuple[str, str]]:
    return [
        (f"{path.relative_to(ROOT)}-{number}", block)
        for path in DOCUMENTS
        if path.is_file()
        for number, block in enumerate(_BLOCK.findall(path.read_text(encoding="utf-8")), start=1)
    ]


def local_source(source: str) -> str:
    """Give the path, from two folders below the root, of the module that an address means."""
    module = re.search(r"modules/[a-z0-9_-]+", source)
    return f"../../{module[0]}" if module else "../.."


@pytest.mark.parametrize("path", tables.DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tables_are_those_of_the_code(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == tables.render(path), (
        "The tables are out of date: run `python -m tests.plan.tables` in the development environment."
    )


@pytest.mark.parametrize("folder", [ROOT, *sorted(ROOT.glob("modules/*"))], ids=lambda folder: folder.name)
def test_inputs_and_outputs_are_described_and_sorted(folder: Path) -> None:
    for kind in ("variable", "output"):
        found = tables.blocks(folder, kind)
        assert list(found) == sorted(found), f"{kind}s of {folder.name}"
        for name, body in found.items():
            assert tables.text(body["description"]).endswith("."), f"{kind} {name} of {folder.name}"


@pytest.mark.parametrize("path", sorted(ROOT.glob("modules/*/README.md")), ids=lambda path: path.parent.name)
def test_first_line_of_a_module_says_for_whom_it_is(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(("Public: ", "Internal: "))


@pytest.mark.parametrize(("name", "block"), _blocks(), ids=[name for name, _ in _blocks()])
def test_blocks_can_be_planned(name: str, block: str, code: Path, terraform_environment: dict[str, str]) -> None:
    folder = code / "blocks" / re.sub(r"\W", "-", name)
    folder.mkdir(parents=True)
    pasted = _SOURCE.sub(lambda found: f'{found[1]}"{local_source(found[2])}"', block)
    made = set(re.findall(r'^resource "aws_lambda_function" "(\w+)"', block, re.MULTILINE))
    mentioned = set(_USED_FUNCTION.findall(block)) - made
    (folder / "main.tf").write_text(pasted)
    (folder / "functions.tf").write_text("".join(_FUNCTION.format(name=name) for name in sorted(mentioned)))
    (folder / "plug_in.zip").write_bytes(b"")

    plan = Configuration(folder, terraform_environment).plan()

    assert plan.resource_changes


def test_complete_example_can_be_planned(code: Path, terraform_environment: dict[str, str]) -> None:
    # The provider that asks nobody takes the place of the example's own.
    folder = code / "examples" / "planned"
    shutil.copytree(EXAMPLE, folder)
    main = folder / "main.tf"
    main.write_text(re.sub(r'^provider "aws" \{.*?^\}\n', "", main.read_text(), flags=re.DOTALL | re.MULTILINE))

    plan = Configuration(folder, terraform_environment).plan()

    assert {change["module_address"] for change in plan.resource_changes.values() if "module_address" in change} == {
        "module.alert_responder",
        "module.pager",
        "module.policy",
        "module.whois",
    }


def test_zip_of_the_complete_example_is_up_to_date(tmp_path: Path) -> None:
    zip_folder(EXAMPLE / "plugins", tmp_path / "plugins.zip")

    assert (EXAMPLE / "plugins.zip").read_bytes() == (tmp_path / "plugins.zip").read_bytes(), "Run `make package`."
