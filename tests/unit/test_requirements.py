"""What is installed is pinned with hashes, and what stands in for the Lambda layer is what the layer brings."""

import re
import tomllib
from pathlib import Path

import hcl2
import pytest

from tools.paths import ROOT

FOLDER = ROOT / "requirements"
PINS = sorted(FOLDER.glob("*.txt"))
PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[\w.+!]+)(?: ; (?P<marker>[^\\]+))?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def entries(path: Path) -> list[list[str]]:
    """Give a file's requirements, each as the pin and its hashes."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    return [[part.strip() for part in entry.split("\\\n")] for entry in re.split(r"\n(?=\S)", "\n".join(lines).strip())]


def pinned(name: str) -> dict[str, str]:
    """Give the versions of a file by package; of packages with a marker the last."""
    matches = [PIN.fullmatch(entry[0]) for entry in entries(FOLDER / f"{name}.txt")]
    return {match["name"]: match["version"] for match in matches if match}


def wanted(path: Path) -> set[str]:
    """Give the names of packages that a file asks for, what it includes left out."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines if line and not line.startswith(("#", "-r")))
    return {re.sub(r"[._-]+", "-", name[0]).lower() for name in names if name}


def layer_versions() -> dict[str, int]:
    """Give the versions of the public layer that functions.tf pins, by partition or region."""
    blocks = hcl2.loads((ROOT / "functions.tf").read_text(encoding="utf-8"))["locals"]
    (layers,) = [block["powertools_layers"] for block in blocks if "powertools_layers" in block]
    return {place: int(layer["version"]) for place, layer in layers.items()}


def layer_packages() -> dict[int, dict[str, str]]:
    table = tomllib.loads((FOLDER / "layers.toml").read_text(encoding="utf-8"))
    return {int(version): packages for version, packages in table.items()}


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.stem)
def test_everything_is_pinned_with_hashes_and_comes_from_nowhere_in_particular(path: Path) -> None:
    for pin, *hashes in entries(path):
        assert PIN.fullmatch(pin), pin
        assert hashes, f"{pin} has no hash"
        assert all(HASH.fullmatch(each) for each in hashes), pin


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.in")), ids=lambda path: path.stem)
def test_pins_have_what_was_asked_for(path: Path) -> None:
    assert wanted(path) <= pinned(path.stem).keys(), "run 'make pins'"


def test_every_layer_that_may_be_used_is_known() -> None:
    assert set(layer_versions().values()) == layer_packages().keys()


@pytest.mark.parametrize("name", ["dev", "emulator", "mutation"])
def test_tests_and_emulator_have_the_packages_of_the_layer(name: str) -> None:
    layer = layer_packages()[layer_versions()["aws"]]
    everything = pinned("layer")

    assert {package: everything[package] for package in wanted(FOLDER / "layer.in")} == layer
    assert {package: pinned(name)[package] for package in everything} == everything


@pytest.mark.parametrize("name", ["dev", "oldest"])
def test_tests_have_what_the_package_brings_along(name: str) -> None:
    brought = pinned("page")

    assert {package: pinned(name)[package] for package in brought} == brought


def test_the_oldest_layer_is_tried_as_well() -> None:
    oldest = layer_packages()[min(layer_versions().values())]

    assert {package: pinned("oldest")[package] for package in oldest} == oldest
