"""`pip install .` installs the command line with its packages and dependencies."""

import ast
import re
import sys
import tomllib
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

from tools.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CLI = ROOT / "cli" / "alert_responder_cli"


class _AtRuntime(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def imported(folder: Path) -> set[str]:
    """Return the packages that the modules of a folder import at runtime."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(_AtRuntime().visit(ast.parse(path.read_text(encoding="utf-8")))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: imports are absolute"
                found.add(str(node.module).split(".")[0])
    return found


PACKAGES = [ROOT / package for package in PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]


def test_the_packages_are_those_of_the_command_line_and_the_core() -> None:
    names = {str(package.relative_to(ROOT)) for package in PACKAGES}

    # The quarantine's commands are signed by the command line.
    assert names == {"cli/alert_responder_cli", "lambda/alert_responder", "lambda/alert_responder_plugins"}
    assert [package.name for package in PACKAGES if not (package / "__init__.py").is_file()] == []


def test_a_build_writes_nothing_into_the_folder() -> None:
    # setuptools leaves build/ and *.egg-info there.
    assert PROJECT["build-system"]["build-backend"] == "hatchling.build"
    assert "setuptools" not in PROJECT["tool"]


def test_no_file_of_the_packages_is_ignored_by_git() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.rstrip("/") for line in lines if line and not line.startswith("#")]
    files = {path for package in PACKAGES for path in package.rglob("*") if "__pycache__" not in path.parts}

    assert len(files) > 200
    assert {path.suffix for path in files} >= {".py", ".html", ".css", ".jinja", ".typed"}
    assert {path for path in files for pattern in patterns if _ignored(path, pattern)} == set()
    assert _ignored(ROOT / "cli" / "x.pyc", "*.py[cod]")
    assert _ignored(ROOT / "build", "/build")


def _ignored(path: Path, pattern: str) -> bool:
    inside = str(path.relative_to(ROOT))
    return fnmatch(inside, pattern.removeprefix("/")) if "/" in pattern else fnmatch(path.name, pattern)


OURS = {"alert_responder", "alert_responder_cli", "alert_responder_plugins"}


def test_its_imports_are_its_dependencies() -> None:
    named = {re.split(r"[\[<>=]", entry)[0] for entry in PROJECT["project"]["dependencies"]}
    brought = {"botocore", "pydantic_core"}  # by boto3 and by pydantic

    outside = imported(CLI) - set(sys.stdlib_module_names) - OURS
    outside = {"pyyaml" if name == "yaml" else name for name in outside}
    assert outside <= named | brought
    # The core's pages need Jinja2, which the functions bring along.
    assert named <= outside | {"pydantic", "jinja2"}


def test_the_core_does_not_import_the_command_line() -> None:
    assert not imported(ROOT / "lambda") & {"alert_responder_cli", "typer", "rich", "jsonschema"}


def test_script_and_module_start_the_same_function() -> None:
    assert PROJECT["project"]["scripts"] == {"alert-responder": "alert_responder_cli.__main__:run"}
    assert callable(import_module("alert_responder_cli.__main__").run)


def test_pinned_versions_satisfy_the_dependencies() -> None:
    pinned = dict(
        re.findall(r"^([a-z0-9-]+)==([\d.]+)", (ROOT / "requirements" / "dev.txt").read_text("utf-8"), re.MULTILINE)
    )
    for entry in PROJECT["project"]["dependencies"]:
        name, _, least = entry.partition(">=")
        assert [int(part) for part in pinned[name].split(".")[:2]] >= [int(part) for part in least.split(".")], name
