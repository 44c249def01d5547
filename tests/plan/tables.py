"""The tables of inputs and outputs in the documentation, generated from the Terraform code.

`python -m tests.plan.tables` writes them, and the module's address in documents and examples; test_documentation.py
compares them.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any

import hcl2

from tests import documents

ROOT = Path(__file__).resolve().parents[2]

# Each document with tables, and the folder of its module.
DOCUMENTS = {
    ROOT / "docs" / "terraform.md": ROOT,
    **{folder / "README.md": folder for folder in sorted((ROOT / "modules").iterdir()) if folder.is_dir()},
}

_HEREDOC = re.compile(r'"<<-EOT\n(.*)\n *EOT"', re.DOTALL)
# A marker may list the inputs of its table; the table of a marker without names has the others.
_TABLE = re.compile(r"(<!-- (inputs|outputs)((?: \w+)*) -->\n).*?(<!-- end -->)", re.DOTALL)


def blocks(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """Read all blocks of one kind, such as ``variable``, by name and in file order."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.tf")):
        for block in hcl2.loads(path.read_text(encoding="utf-8")).get(kind, []):
            found |= {_text(name): body for name, body in block.items()}
    return found


def text(value: Any) -> str:
    """Return a string of the code without its quotes."""
    return _text(value)


def written(value: Any) -> str:
    """Format a parsed value as one line of Terraform code."""
    match value:
        case None:
            return "null"
        case str():
            # The parser keeps the quotes of a string, and puts expressions in "${}".
            return value if value.startswith('"') else _type(value)
        case list():
            return f"[{', '.join(map(written, value))}]"
        case dict():
            fields = ", ".join(f"{key} = {written(field)}" for key, field in value.items())
            return f"{{ {fields} }}" if fields else "{}"
        case _:
            return json.dumps(value)


def render(document: Path) -> str:
    """Return a document with generated tables; a document without tables is returned unchanged."""
    written = document.read_text(encoding="utf-8")
    if document not in DOCUMENTS:
        return written
    folder = DOCUMENTS[document]
    variables = blocks(folder, "variable")
    first = [name for found in _TABLE.finditer(written) for name in found[3].split()]
    others = sorted(variables.keys() - first, key=lambda name: ("default" in variables[name], name))

    def table(found: re.Match[str]) -> str:
        rows = _outputs(folder) if found[2] == "outputs" else _inputs(variables, found[3].split() or others)
        return found[1] + rows + found[4]

    return _TABLE.sub(table, written)


def _inputs(variables: dict[str, dict[str, Any]], names: Iterable[str]) -> str:
    rows = ["| name | type | default | meaning |\n|---|---|---|---|\n"]
    for name in names:
        variable = variables[name]
        default = f"`{written(variable['default'])}`" if "default" in variable else "required"
        rows.append(_row(f"`{name}`", f"`{_type(variable['type'])}`", default, _text(variable["description"])))
    return "".join(rows)


def _outputs(folder: Path) -> str:
    rows = ["| name | meaning |\n|---|---|\n"]
    rows += [_row(f"`{name}`", _text(body["description"])) for name, body in blocks(folder, "output").items()]
    return "".join(rows)


def _text(value: Any) -> str:
    found = str(value)
    if not found.startswith('"'):
        return found
    if heredoc := _HEREDOC.fullmatch(found):
        return dedent(heredoc[1]).strip()
    return str(json.loads(found))


def _type(value: str) -> str:
    return " ".join(value.removeprefix("${").removesuffix("}").split())


def _row(*cells: str) -> str:
    # A cell ends at each "|", even within a code span, and at the end of the line.
    written = (cell.replace("|", "\\|").replace("\n- ", "<br>").replace("\n", "<br>") for cell in cells)
    return f"| {' | '.join(written)} |\n"


if __name__ == "__main__":
    for path in (*documents.DOCUMENTS, *documents.CONFIGURATIONS):
        path.write_text(documents.addressed(render(path)), encoding="utf-8")
