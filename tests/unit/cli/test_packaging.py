"""What `pip install .` brings, and the words of the command line."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from setuptools import find_packages

from tools.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CLI = ROOT / "cli" / "alert_responder_cli"


def imported(folder: Path) -> set[str]:
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: imports are absolute"
                found.add(str(node.module).split(".")[0])
    return found


def test_the_packages_are_those_of_the_command_line_and_the_core() -> None:
    settings = PROJECT["tool"]["setuptools"]["packages"]["find"]
    packages = {name for where in settings["where"] for name in find_packages(ROOT / where)}

    assert {"alert_responder", "alert_responder.contracts", "alert_responder_cli.checking"} <= packages
    folders = {path.parent for path in CLI.rglob("*.py")}
    assert {str(folder.relative_to(CLI.parent)).replace("/", ".") for folder in folders} <= packages
    assert "alert_responder_plugins.quarantine" in packages, "its commands are signed here"
    assert not any(name.startswith(("tools", "tests")) for name in packages)


def test_what_is_no_python_is_named_so_that_it_is_brought_along() -> None:
    data = PROJECT["tool"]["setuptools"]["package-data"]
    named = {path for package, names in data.items() for name in names for path in _in(package, name)}
    files = {path for path in CLI.rglob("*") if path.is_file() and "__pycache__" not in path.parts}

    assert {path for path in files if path.suffix != ".py"} <= named


def _in(package: str, name: str) -> set[Path]:
    return set(CLI.rglob(name)) if package == "*" else {CLI.parent / package.replace(".", "/") / name}


OURS = {"alert_responder", "alert_responder_cli", "alert_responder_plugins"}


def test_what_it_imports_is_what_it_asks_for() -> None:
    named = {re.split(r"[\[<>=]", entry)[0] for entry in PROJECT["project"]["dependencies"]}
    brought = {"botocore", "pydantic_core"}  # by boto3 and by pydantic

    outside = imported(CLI) - set(sys.stdlib_module_names) - OURS
    assert outside <= named | brought
    # The core's pages need Jinja2, which the functions bring along.
    assert named <= outside | {"pydantic", "jinja2"}


def test_the_core_does_not_know_the_command_line() -> None:
    assert not imported(ROOT / "lambda") & {"alert_responder_cli", "typer", "rich", "jsonschema"}


def test_the_script_starts_what_the_module_starts() -> None:
    assert PROJECT["project"]["scripts"] == {"alert-responder": "alert_responder_cli.main:run"}
    assert "alert_responder_cli.main import run" in (CLI / "__main__.py").read_text(encoding="utf-8")


def test_what_is_pinned_for_development_is_what_the_command_line_takes() -> None:
    pinned = dict(
        re.findall(r"^([a-z0-9-]+)==([\d.]+)", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE)
    )
    for entry in PROJECT["project"]["dependencies"]:
        name, _, least = entry.partition(">=")
        assert [int(part) for part in pinned[name].split(".")[:2]] >= [int(part) for part in least.split(".")], name
