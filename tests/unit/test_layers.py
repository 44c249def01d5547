"""Imports point inwards, and pure modules access nothing outside."""

import ast
import sys
from pathlib import Path

import pytest

from tools.package import brought_along

PACKAGE = Path(__file__).parents[2] / "lambda" / "alert_responder"

LAYERS = {
    "contracts": set(),
    "domain": {"contracts", "errors"},
    "formats": {"contracts", "domain", "errors"},
    "store": {"contracts", "domain", "errors"},
    "usecases": {"contracts", "domain", "formats", "store", "errors"},
    "adapters": {"contracts", "domain", "store", "usecases", "errors"},
}
"""The other parts of the package that each part may import."""

PURE = ("contracts", "domain", "formats")
IMPURE = {"os", "time", "random", "secrets", "socket", "subprocess", "threading", "urllib", "http", "tempfile"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic"}


def files(*layers: str) -> list[Path]:
    return [path for layer in layers for path in sorted((PACKAGE / layer).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """Return the dotted names of all imports in a file, without those of type stubs."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports must be absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if not name.startswith("types_boto3")}


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


@pytest.mark.parametrize("path", files(*LAYERS), ids=name)
def test_imports_point_inwards(path: Path) -> None:
    layer = path.relative_to(PACKAGE).parts[0]
    known = {found.split(".")[1] for found in imports(path) if found.startswith("alert_responder.")}
    assert known <= LAYERS[layer] | {layer}


@pytest.mark.parametrize("path", files(*PURE), ids=name)
def test_pure_modules_import_nothing_that_accesses_aws(path: Path) -> None:
    roots = {found.split(".")[0] for found in imports(path)}
    assert not roots & IMPURE
    assert not roots & {"boto3", "botocore", "aws_lambda_powertools"}


@pytest.mark.parametrize("path", files(*PURE), ids=name)
def test_pure_modules_use_no_clock_and_no_files(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in CLOCKS | {"open", "print", "input"}, f"line {node.lineno}: {called}"


@pytest.mark.parametrize("path", files("store", "usecases"), ids=name)
def test_use_cases_access_aws_only_through_ports(path: Path) -> None:
    roots = {found.split(".")[0] for found in imports(path)}
    assert not roots & {"boto3", "botocore", "aws_lambda_powertools", "os", "time", "random", "secrets"}


def test_the_package_imports_only_packages_of_a_function() -> None:
    """These are the packages of the runtime, of the layer, and of the function's zip."""
    given = {"boto3", "botocore", "jmespath", "pydantic", "pydantic_core", "aws_lambda_powertools"}
    roots = {found.split(".")[0] for path in sorted(PACKAGE.rglob("*.py")) for found in imports(path)}
    outside = roots - set(sys.stdlib_module_names) - {"alert_responder"}
    assert outside <= given | {Path(name).parts[0] for name, _ in brought_along()}
