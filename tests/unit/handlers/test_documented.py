"""docs/operations.md explains every message that the functions log, and no other."""

import ast
import re
from collections.abc import Iterator

from tools.paths import ROOT

LEVELS = {"debug", "info", "warning", "error"}
SECTION = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Logs\n")[1].split("\n## ")[0]


def messages() -> Iterator[str]:
    """Return the messages that handlers log: the first arguments of the logger's methods and of `say`."""
    for path in (ROOT / "lambda" / "alert_responder" / "handlers").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _logs(node.func):
                for part in ast.walk(node.args[0]):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def _logs(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "say"
    return isinstance(function, ast.Attribute) and function.attr in LEVELS


def test_log_messages_are_documented() -> None:
    cells = re.findall(r"^\| (`.+?`) \| ", SECTION, re.MULTILINE)
    documented = {text for cell in cells for text in re.findall(r"`([^`]+)`", cell)} - {"message"}

    assert len(cells) > 10
    assert documented == set(messages())
