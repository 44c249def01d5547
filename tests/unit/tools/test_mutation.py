"""The mutation score is counted from runs that say something, and from nothing else."""

import re
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
    ("results", "words"),
    [
        ("", "the control fails"),
        (CONTROL.replace("survived", "killed"), "the control fails"),
        (CONTROL.replace("killed", "survived"), "the control fails"),
        (CONTROL, "not all mutants were tried"),
        (CONTROL + "    alert_responder.formats.x_read__mutmut_1: not checked", "not all mutants were tried"),
    ],
)
def test_a_run_that_says_nothing_is_no_score(results: str, words: str) -> None:
    with pytest.raises(mutation.MutationError, match=words):
        mutation.counted(results)


def test_what_was_not_noticed_lowers_the_score() -> None:
    assert mutation.score(Counter({"killed": 5, "timeout": 1, "survived": 1, "suspicious": 1, "no tests": 2})) == 60


def test_scores_of_groups_that_were_not_run_stay() -> None:
    def row(group: str, score: float) -> mutation.Row:
        return {"group": group, "mutants": 10, "killed": 9, "score": score}

    found = mutation.combined([row("planning", 90.0), row("formats", 80.0)], [row("formats", 96.0)])

    assert found == [row("formats", 96.0), row("planning", 90.0)]


def test_groups_name_modules_and_tests_that_exist() -> None:
    for group in mutation.GROUPS:
        for pattern in group.modules:
            assert list((ROOT / "lambda" / "alert_responder").glob(pattern)), pattern
        for tests in group.tests:
            assert (ROOT / tests).exists(), tests
    for option in mutation.LEFT_OUT:
        file, _, name = re.sub("^--[a-z]+=", "", option).partition("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert not name or re.search(rf"^(class|def) {name}\b", text, re.MULTILINE)


def test_the_tree_holds_package_tests_and_control(tmp_path: Path) -> None:
    mutation.prepare(mutation.GROUPS[0], tmp_path / "tree")
    made = {path.relative_to(tmp_path / "tree").as_posix() for path in (tmp_path / "tree").rglob("*")}
    assert {
        "src/alert_responder/formats/ocsf.py",
        "src/alert_responder/control.py",
        "tests/conftest.py",
        "tests/unit/test_control.py",
        "tests/unit/formats/test_edges.py",
        "tests/unit/domain/builders.py",
        "tests/events/native_alert.json",
    } <= made
