"""Requirements are pinned with hashes, and the versions of the Lambda layer are used in tests."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.unit.powertools_layers import powertools_layers
from tools.package import WITH_PACKAGES
from tools.paths import ROOT

FOLDER = ROOT / "requirements"
PINS = sorted(FOLDER.glob("*.txt"))
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[\w.+!]+)(?: ; (?P<marker>[^\\]+))?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(path: Path) -> list[list[str]]:
    """Return a file's requirements, each as a pin and its hashes."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    return [[part.strip() for part in entry.split("\\\n")] for entry in re.split(r"\n(?=\S)", "\n".join(lines).strip())]


def pinned(name: str) -> dict[str, str]:
    """Return the versions in a file by package; the last one for packages with markers."""
    matches = [PIN.fullmatch(entry[0]) for entry in entries(FOLDER / f"{name}.txt")]
    return {match["name"]: match["version"] for match in matches if match}


def wanted(path: Path) -> set[str]:
    """Return the names of packages in a file, without those of included files."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line and not line.startswith(("#", "-r")))
    return {re.sub(r"[._-]+", "-", name[0]).lower() for name in names if name}


def imported(path: Path) -> set[str]:
    """Return the packages that a module imports, and those that the modules of the command line it names import."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        for name in names:
            inner = ROOT / "cli" / f"{name.replace('.', '/')}.py"
            found |= imported(inner) if inner.is_file() else {name.partition(".")[0]}
    return found


def layer_versions() -> dict[str, int]:
    """Return the versions of the public layer that functions.tf pins, by region."""
    return {place: version for place, (_, version) in powertools_layers().items()}


def layer_packages() -> dict[int, dict[str, str]]:
    table = tomllib.loads((FOLDER / "layers.toml").read_text(encoding="utf-8"))
    return {int(version): packages for version, packages in table.items()}


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.stem)
def test_requirements_are_pinned_with_hashes_and_without_an_index(path: Path) -> None:
    for pin, *hashes in entries(path):
        assert PIN.fullmatch(pin), pin
        assert hashes, f"{pin} has no hash"
        assert all(HASH.fullmatch(each) for each in hashes), pin


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.in")), ids=lambda path: path.stem)
def test_pins_include_all_requirements(path: Path) -> None:
    assert wanted(path) <= pinned(path.stem).keys(), "run 'make pins'"


def test_the_packages_of_every_pinned_layer_are_listed() -> None:
    assert set(layer_versions().values()) == layer_packages().keys()


@pytest.mark.parametrize("name", ["dev", "emulator", "mutation"])
def test_tests_and_emulator_have_the_packages_of_the_layer(name: str) -> None:
    layer = layer_packages()[layer_versions()["us-east-1"]]
    everything = pinned("layer")

    assert {package: everything[package] for package in wanted(FOLDER / "layer.in")} == layer
    assert {package: pinned(name)[package] for package in everything} == everything


@pytest.mark.parametrize(
    ("name", "zipped"), [("dev", "page"), ("dev", "pagerduty"), ("dev", "slack"), ("oldest", "page")]
)
def test_tests_have_the_packages_of_the_zips(name: str, zipped: str) -> None:
    brought = pinned(zipped)

    assert {package: pinned(name)[package] for package in brought} == brought


def test_the_oldest_layer_is_tested_too() -> None:
    oldest = layer_packages()[min(layer_versions().values())]

    assert {package: pinned("oldest")[package] for package in oldest} == oldest


def test_tests_with_the_oldest_layer_import_only_its_packages() -> None:
    """`make oldest` is not part of `make test`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (folders,) = re.findall(r"venv-oldest.* -m pytest \$\(addprefix tests/unit/,(.+?)\)", makefile)
    paths = [path for folder in folders.split() for path in (ROOT / "tests" / "unit" / folder).rglob("*.py")]
    packages = packages_distributions()
    missing = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in paths
        for name in imported(path)
        for package in packages.get(name, ())
        if package.lower().replace("_", "-") not in pinned("oldest") and package != "alert-responder"
    }

    assert len(paths) > 50
    assert not missing


@pytest.mark.parametrize("plugin", WITH_PACKAGES)
def test_the_local_run_has_the_packages_of_each_plug_in(plugin: str) -> None:
    """It builds their zips from source, as `make package` does in the development environment."""
    assert pinned(plugin).items() <= pinned("local").items()
