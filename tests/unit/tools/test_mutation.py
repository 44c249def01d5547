"""The mutation score is computed from valid runs only."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from tools import mutation
from tools.paths import ROOT

CONTROL = """
    alert_responder.control.x_halved__mutmut_1: survived
    alert_responder.control.x_halved__mutmut_2: killed
"""


def test_mutants_are_counted_by_module_without_the_control() -> None:
    results = f"""
    alert_responder.formats.ocsf.x__time__mutmut_1: killed
    alert_responder.formats.ocsf.x__time__mutmut_2: no tests
    alert_responder.formats.extraction.xǁCollectorǁadd__mutmut_1: timeout
    {CONTROL}"""
    assert mutation.counted(results) == {
        "formats.ocsf": Counter({"killed": 1, "no tests": 1}),
        "formats.extraction": Counter({"timeout": 1}),
    }


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ("", "the control module must have"),
        (CONTROL.replace("survived", "killed"), "the control module must have"),
        (CONTROL.replace("killed", "survived"), "the control module must have"),
        (CONTROL, "not all mutants were tried"),
        (CONTROL + "    alert_responder.formats.x_read__mutmut_1: not checked", "not all mutants were tried"),
    ],
)
def test_an_invalid_run_has_no_score(results: str, message: str) -> None:
    with pytest.raises(mutation.MutationError, match=message):
        mutation.counted(results)


def test_surviving_mutants_lower_the_score() -> None:
    assert mutation.score(Counter({"killed": 5, "timeout": 1, "survived": 1, "suspicious": 1, "no tests": 2})) == 60


def test_scores_of_groups_that_were_not_run_stay() -> None:
    def row(group: str, score: float) -> mutation.Row:
        return {"group": group, "mutants": 10, "killed": 9, "score": score}

    found = mutation.combined([row("planning", 90.0), row("formats", 80.0)], [row("formats", 96.0)])

    assert found == [row("formats", 96.0), row("planning", 90.0)]


def test_the_modules_and_tests_of_groups_exist() -> None:
    for group in mutation.GROUPS:
        for pattern in group.modules:
            assert list((ROOT / "lambda" / "alert_responder").glob(pattern)), pattern
        for tests in group.tests:
            assert (ROOT / tests).exists(), tests
    for option in mutation.LEFT_OUT:
        file, _, name = re.sub("^--[a-z]+=", "", option).partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or re.search(rf"^(class|def) {name}\b", text, re.MULTILINE)


def test_the_scratch_tree_has_the_package_the_tests_and_the_control_module(tmp_path: Path) -> None:
    mutation.prepare(mutation.GROUPS[0], tmp_path / "tree")
    files = {path.relative_to(tmp_path / "tree").as_posix() for path in (tmp_path / "tree").rglob("*")}
    assert {
        "src/alert_responder/formats/ocsf.py",
        "src/alert_responder/control.py",
        "tests/conftest.py",
        "tests/unit/test_control.py",
        "tests/unit/formats/test_edges.py",
        "tests/unit/domain/builders.py",
        "tests/events/native_alert.json",
    } <= files


def test_tests_import_only_what_the_scratch_tree_and_its_environment_have(tmp_path: Path) -> None:
    mutation.prepare(mutation.GROUPS[0], tmp_path)
    pins = (ROOT / "requirements" / "mutation.txt").read_text(encoding="utf-8")
    packages = {each.replace("-", "_") for each in re.findall(r"^[a-z0-9-]+(?===)", pins, re.MULTILINE)}
    paths = ["tests/conftest.py", *(path for group in mutation.GROUPS for path in group.tests)]
    files = {file for path in paths for file in [*(tmp_path / path).rglob("*.py"), tmp_path / path] if file.is_file()}
    for file in sorted(files - {tmp_path / each.removeprefix("--ignore=") for each in mutation.LEFT_OUT}):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            for name in [node.module or ""] if isinstance(node, ast.ImportFrom) else names:
                places = (root / name.replace(".", "/") for root in (tmp_path, tmp_path / "src"))
                known = name.partition(".")[0] in packages | sys.stdlib_module_names
                assert known or any(place.is_dir() or place.with_suffix(".py").is_file() for place in places), (
                    file.relative_to(tmp_path),
                    name,
                )
