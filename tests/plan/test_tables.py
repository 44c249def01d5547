"""Values in the documentation's tables are written as in Terraform code."""

import subprocess
from pathlib import Path

import hcl2
import pytest

from tests.plan import tables
from tools.terraform import binary


@pytest.mark.parametrize(
    "code",
    [
        "null",
        "true",
        "false",
        "-1",
        "1.5",
        "1e3",
        '""',
        '"critical"',
        '"null"',
        r'"a \"quoted\" word, a tab \t and a \\"',
        '"one ${each.key} and $${none}"',
        "[]",
        '["urgent"]',
        '["a", "b", ["c"], null, 2, true]',
        "{}",
        '{ safe = "info" }',
        '{ "alert-responder:protected" = "*", count = 2, none = null }',
        '{ outer = { inner = ["x", { deep = false }] } }',
        "{ list = [], map = {} }",
    ],
)
def test_values_are_written_as_in_the_code(code: str) -> None:
    parsed = hcl2.loads(f"value = {code}\n")["value"]

    assert tables.written(parsed) == code


def test_defaults_in_the_tables_are_terraform_code_in_its_own_style(terraform_environment: dict[str, str]) -> None:
    defaults = [
        tables.written(variable["default"])
        for folder in tables.DOCUMENTS.values()
        for variable in tables.blocks(folder, "variable").values()
        if "default" in variable
    ]
    code = "\n".join(f"value_{number} = {default}\n" for number, default in enumerate(defaults))

    formatted = subprocess.run(
        [binary(), "fmt", "-"], input=code, capture_output=True, text=True, env=terraform_environment, check=True
    ).stdout

    assert len(defaults) > 100
    assert formatted == code


def test_a_cell_is_not_ended_by_what_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "variables.tf").write_text(
        'variable "pattern" {\n  description = "One of a|b."\n  type = string\n  default = "a|b"\n}\n'
    )
    document = tmp_path / "README.md"
    document.write_text("<!-- inputs -->\n<!-- end -->\n")
    monkeypatch.setitem(tables.DOCUMENTS, document, tmp_path)

    assert tables.render(document).splitlines()[3] == r'| `pattern` | `string` | `"a\|b"` | One of a\|b. |'


def test_attributes_in_a_heredoc_are_lines_of_one_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    description = '<<-EOT\n    A size.\n    - `x`: The "width".\n    - `y`: The height.\n  EOT'
    (tmp_path / "variables.tf").write_text(
        f'variable "size" {{\n  description = {description}\n  type = string\n  default = null\n}}\n'
    )
    document = tmp_path / "README.md"
    document.write_text("<!-- inputs -->\n<!-- end -->\n")
    monkeypatch.setitem(tables.DOCUMENTS, document, tmp_path)

    cell = 'A size.<br>`x`: The "width".<br>`y`: The height.'
    assert tables.render(document).splitlines()[3] == f"| `size` | `string` | `null` | {cell} |"


def test_inputs_that_a_document_names_stand_first_and_the_others_in_a_second_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = "".join(
        f'variable "{name}" {{\n  description = "It."\n  type = string\n  default = ""\n}}\n' for name in "abc"
    )
    (tmp_path / "variables.tf").write_text(variables)
    document = tmp_path / "README.md"
    document.write_text("<!-- inputs c a -->\n<!-- end -->\n\n<!-- inputs -->\n<!-- end -->\n")
    monkeypatch.setitem(tables.DOCUMENTS, document, tmp_path)

    rendered = tables.render(document)

    assert [line[3] for line in rendered.splitlines() if line.startswith("| `")] == ["c", "a", "b"]
    document.write_text(rendered)
    assert tables.render(document) == rendered
