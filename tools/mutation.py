"""Measure the mutation score with mutmut: the share of small changes in the code that make a test fail.

`make mutation` runs this in the environment of requirements/mutation.txt. Arguments select groups.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / "build" / "mutation"
TARGET = ROOT / "build" / "mutation.json"

LEAST_SCORE = 85.0
"""Smallest share of mutants that the tests must kill, in each group [%]."""

NOTICED = ("killed", "timeout")
"""Outcomes that count as killed; a timeout is a mutant that never ends."""

# Tests that take long and rarely kill a mutant, or do not work under mutmut.
LEFT_OUT = (
    # Too slow for Hypothesis under mutmut's tracing of the first run.
    "--deselect=tests/unit/formats/test_parse_record.py::TestHostile",
    # Read the documentation and the examples, which are not in the scratch tree.
    "--ignore=tests/unit/formats/test_example_formats.py",
    "--deselect=tests/unit/formats/test_vendors.py::test_detectors_match_the_documentation",
    # Slow: tries invalid values in each field of each sample.
    "--deselect=tests/unit/formats/test_vendors.py::test_any_invalid_field_has_a_result",
    # Count calls, including mutmut's.
    "--ignore=tests/unit/formats/test_bounds.py",
    "--deselect=tests/unit/formats/test_evaluation.py::test_work_is_linear_in_the_bytes_for_every_vendor",
    # Calls a source module, which is not in the scratch tree.
    "--ignore=tests/unit/formats/samples/test_webhooks.py",
)

CONTROL = "def halved(value: int) -> int:\n    return value // 2 + 0\n"
CONTROL_TEST = "from alert_responder.control import halved\n\n\ndef test_halved() -> None:\n    assert halved(8) == 4\n"
"""A module that is part of each run. Its mutant `value // 2 - 0` must survive: if all its mutants are killed, the tests
fail for another reason, such as a file that is missing in the scratch tree."""

# Functions of vendors' mappings run during the import, before mutmut selects a mutant.
SETTINGS = """[mutmut]
source_paths=src
use_git_change_detection=false
track_dependencies=false
timeout_multiplier=3
timeout_constant=5
only_mutate=
    {modules}
do_not_mutate=
    src/alert_responder/formats/vendors/*
also_copy=
    pytest.ini
pytest_add_cli_args=
    {options}
pytest_add_cli_args_test_selection=
    {tests}
"""

PYTEST = """[pytest]
pythonpath = src .
addopts = --import-mode=importlib -p no:cacheprovider
markers =
    unit: in memory only
"""


@dataclass(frozen=True)
class Group:
    """Modules, as patterns below the package, and the tests that must kill their mutants."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


GROUPS = (
    Group("formats", ("formats/*.py",), ("tests/unit/formats",)),
    Group("canonical values", ("domain/attributes.py",), ("tests/unit/domain/test_attributes.py",)),
    Group("grouping", ("domain/aggregation.py",), ("tests/unit/domain/test_aggregation.py",)),
    Group("planning", ("domain/lookup_plan.py",), ("tests/unit/domain/test_lookup_plan.py",)),
    Group("compiling", ("domain/compilation.py",), ("tests/unit/domain/test_compilation.py",)),
)


Row = dict[str, str | int | float]


class MutationError(Exception):
    """The run failed, so that its score is meaningless."""


def prepare(group: Group, folder: Path) -> None:
    """Make mutmut's scratch tree: the package below ``src``, which its names require, and the unit tests."""
    shutil.rmtree(folder, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__")
    package, tests = folder / "src" / "alert_responder", folder / "tests"
    shutil.copytree(ROOT / "lambda" / "alert_responder", package, ignore=leave)
    shutil.copytree(ROOT / "tests" / "events", tests / "events")
    for name in ("formats", "domain"):
        shutil.copytree(ROOT / "tests" / "unit" / name, tests / "unit" / name, ignore=leave)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (package / "control.py").write_text(CONTROL, encoding="utf-8")
    (tests / "unit" / "test_control.py").write_text(CONTROL_TEST, encoding="utf-8")
    modules = [f"src/alert_responder/{pattern}" for pattern in (*group.modules, "control.py")]
    settings = SETTINGS.format(
        modules="\n    ".join(modules),
        options="\n    ".join(LEFT_OUT),
        tests="\n    ".join((*group.tests, "tests/unit/test_control.py")),
    )
    (folder / "setup.cfg").write_text(settings, encoding="utf-8")
    (folder / "pytest.ini").write_text(PYTEST, encoding="utf-8")


def run(folder: Path) -> str:
    """Run mutmut and return its list of results; its other output goes to a file.

    Raises
    ------
    MutationError
        If mutmut fails, for example because tests fail without any mutation.
    """
    log = folder / "mutmut.log"
    mutmut = [sys.executable, "-m", "mutmut"]
    with log.open("wb") as file:
        done = subprocess.run([*mutmut, "run", "--max-children=1"], cwd=folder, stdout=file, stderr=file, check=False)
    if done.returncode:
        raise MutationError(f"mutmut failed; see {log}")
    listed = subprocess.run(
        [*mutmut, "results", "--all", "true"], cwd=folder, capture_output=True, text=True, check=True
    )
    (folder / "results.txt").write_text(listed.stdout, encoding="utf-8")
    return listed.stdout


def counted(results: str) -> dict[str, Counter[str]]:
    """Count the outcomes of mutants by module, without the control module.

    Raises
    ------
    MutationError
        If the control module does not have both killed and surviving mutants, or some mutants were not tried.
    """
    modules: dict[str, Counter[str]] = {}
    for line in results.splitlines():
        mutant, colon, outcome = line.strip().partition(": ")
        if colon:
            modules.setdefault(mutant.rpartition(".")[0].removeprefix("alert_responder."), Counter())[outcome] += 1
    control = modules.pop("control", Counter())
    if not (control["killed"] and control["survived"]):
        raise MutationError(f"the control module must have killed and surviving mutants, got {dict(control)}")
    if not modules or any(outcomes["not checked"] for outcomes in modules.values()):
        raise MutationError("not all mutants were tried")
    return modules


def score(outcomes: Counter[str]) -> float:
    """Return the share of killed mutants [%]."""
    return 100 * sum(outcomes[name] for name in NOTICED) / outcomes.total()


def row(name: str, outcomes: Counter[str]) -> str:
    """Return a line of the table."""
    others = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()) if name != "killed")
    return f"{name:28}{outcomes.total():8}{score(outcomes):8.1f} %  {others}"


def combined(earlier: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """Replace earlier scores with those of this run, in the order of the groups."""
    found = {each["group"]: each for each in (*earlier, *rows)}
    return [found[group.name] for group in GROUPS if group.name in found]


def main(names: list[str]) -> int:
    """Run all groups, or those given by name, and write their scores; scores of other groups stay."""
    unknown = set(names) - {group.name for group in GROUPS}
    if unknown:
        allowed = ", ".join(group.name for group in GROUPS)
        print(f"Groups must be among {allowed}; got {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for group in GROUPS:
        if names and group.name not in names:
            continue
        folder = SCRATCH / group.name.replace(" ", "-")
        prepare(group, folder)
        try:
            modules = counted(run(folder))
        except MutationError as error:
            print(f"{group.name}: {error}", file=sys.stderr)
            return 1
        total = sum(modules.values(), Counter[str]())
        print(row(group.name, total), *(row(f"  {name}", modules[name]) for name in sorted(modules)), sep="\n")
        killed = sum(total[name] for name in NOTICED)
        rows.append({"group": group.name, "mutants": total.total(), "killed": killed, "score": round(score(total), 1)})
    earlier = json.loads(TARGET.read_text("utf-8")) if names and TARGET.is_file() else []
    TARGET.write_text(json.dumps(combined(earlier, rows), indent=2) + "\n", encoding="utf-8")
    low = [f"{each['group']}" for each in rows if float(each["score"]) < LEAST_SCORE]
    if low:
        print(f"Below {LEAST_SCORE:g} %: {', '.join(low)}", file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
