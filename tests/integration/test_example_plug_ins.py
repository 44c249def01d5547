"""The example plug-ins in Python, Node.js and shell run unchanged and honour their contracts.

Nothing here needs the emulated AWS: `alert-responder check` runs them on this machine in the same way.
"""

import json
import re
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from alert_responder_cli.checking.batch_target import BatchTarget
from alert_responder_cli.checking.cases import batches, inspections, reviews
from alert_responder_cli.checking.check_run import check
from alert_responder_cli.checking.node_target import NodeTarget
from alert_responder_cli.checking.python_target import PythonTarget
from alert_responder_cli.checking.results import Result
from alert_responder_cli.checking.runtime_target import RuntimeTarget
from alert_responder_cli.checking.target import Target
from tests.fakes.node import have_node
from tests.unit.cli.function_target import REPORT_IDS
from tests.unit.test_schemas import CONTRACTS, example
from tools.paths import EXAMPLE, ROOT

PLUGINS = ROOT / "examples" / "plugins"


@pytest.fixture(autouse=True)
def node_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    have_node(monkeypatch)


def shell() -> RuntimeTarget:
    return RuntimeTarget(str(PLUGINS / "shell" / "function" / "bootstrap"), "function.handler")


def python(file: Path, **environment: str) -> PythonTarget:
    return PythonTarget(str(file), "handler", environment)


@contextmanager
def opened(name: str) -> Iterator[tuple[Target, list[str]]]:
    """Return an inspector and its attribute types."""
    functions = PLUGINS / "python" / "function", PLUGINS / "nodejs" / "function"
    match name:
        case "python":
            with python(functions[0] / "networks.py", NETWORKS='{"198.51.100.0/24": "office"}') as target:
                yield target, ["ipaddr"]
        case "nodejs":
            with NodeTarget(str(functions[1] / "index.mjs"), "handler", {"DOMAINS": "example.com"}) as runtime:
                yield runtime, []
        case "shell":
            with shell() as runtime:
                yield runtime, []
        case "asset":
            with NodeTarget(str(EXAMPLE / "functions" / "asset" / "index.js"), "handler") as runtime:
                yield runtime, []
        case _:
            with python(EXAMPLE / "functions" / name / f"{name}.py") as target:
                yield target, []


def checked(name: str) -> Result:
    with opened(name) as (target, types):
        return check("inspector", target, inspections(REPORT_IDS[0], types), 20, iter(range(10**6)).__next__)


def ask(target: Target, kind: str, value: str) -> Any:
    task = example("inspection_task")
    task["attribute"].update(type=kind, value=value)
    return json.loads(target.call(task, 20))


@pytest.mark.parametrize("name", ["python", "nodejs", "shell", "reputation", "asset"])
def test_an_example_honours_its_contract(name: str) -> None:
    result = checked(name)

    assert [problem for problem in result.problems if problem.check != "time"] == []
    assert result.cases >= 40


def test_stopping_an_idle_runtime_loses_no_event() -> None:
    with shell() as target:
        for _ in range(3):
            assert ask(target, "ipaddr", "198.51.100.7") is not None
            time.sleep(0.3)  # Now it waits for the next event.
            target.restart()


def test_the_python_example_finds_the_network_of_an_address() -> None:
    with opened("python") as (target, _):
        assert ask(target, "ipaddr", "198.51.100[.]7")["contents"][0]["owner"] == ["office"]
        assert ask(target, "ipaddr", "192.0.2.1") is None


@pytest.mark.parametrize(
    ("kind", "value", "like"),
    [
        ("domain", "examp1e.com", True),
        ("email", "ceo@exampel.com", True),
        ("url", "https://exarnple.com/login", True),
        ("domain", "www.example.com", False),
        ("domain", "unrelated.example", False),
        ("username", "examp1e.com", False),
    ],
)
def test_the_node_example_finds_lookalike_domains(kind: str, value: str, like: bool) -> None:
    with opened("nodejs") as (target, _):
        assert (ask(target, kind, value) is not None) == like


def test_the_shell_script_searches_its_list() -> None:
    with shell() as target:
        assert ask(target, "ipaddr", "198.51.100.7")["contents"][0]["verdict"] == "malicious"
        assert ask(target, "ipaddr", "198.51.100.70") is None
        assert ask(target, "ipaddr", "198.51.100..") is None
        assert target.refused == []


@pytest.mark.parametrize(
    "value",
    [
        '","value": "198.51.100.7',
        '"value":"198.51.100.7"',
        'x"}, "attribute": {"value": "198.51.100.7"',
        "198.51.100.7\\",
    ],
)
def test_the_shell_script_reads_the_right_value_from_hostile_json(value: str) -> None:
    task = example("inspection_task")
    task["attribute"].update(key=value, value=value, context=["value"])
    task["alert"].update(detector="attribute", description='"attribute": {"value": "198.51.100.7"}')

    with shell() as target:
        assert json.loads(target.call(task, 20)) is None


def test_the_shell_script_does_not_execute_values(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    with shell() as target:
        for value in (
            f"$(touch {trace})",
            f"`touch {trace}`",
            f"x; touch {trace}",
            f"a[$(touch {trace})]",
            "-f/dev/zero",
        ):
            assert ask(target, "x-own", value) is None

    assert not trace.exists()


def test_the_shell_script_is_fast_with_the_longest_task() -> None:
    task = example("inspection_task")
    task["attribute"].update(key="k" * 2_000, value="v" * 2_000)
    task["alert"].update(description="d" * 500_000, attributes=[task["attribute"]] * 20)

    with shell() as target:
        assert json.loads(target.call(task, 5)) is None


def test_the_bootstrap_is_executable_and_needs_only_programs_of_the_runtime() -> None:
    bootstrap = PLUGINS / "shell" / "function" / "bootstrap"
    assert bootstrap.stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", str(bootstrap)], check=True)
    called = set(re.findall(r"\b(jq|python3?|node|perl|awk|sed|eval)\b", bootstrap.read_text(encoding="utf-8")))
    assert called == set()


NODE_EXAMPLES = re.findall(r"^```javascript\n(.*?)^```", CONTRACTS, re.DOTALL | re.MULTILINE)


def test_the_documented_inspector_and_reviewer_in_node_honour_their_contracts(tmp_path: Path) -> None:
    single = inspections(REPORT_IDS[0])
    several = [*single, *batches(single, 50)]
    for number, cases in enumerate((single, several, reviews(REPORT_IDS[0]))):
        file = tmp_path / f"{number}.mjs"
        file.write_text(NODE_EXAMPLES[number], encoding="utf-8")
        with NodeTarget(str(file), "handler") as node:
            kind: Any = ("inspector", "inspector", "reviewer")[number]
            target = BatchTarget(node, 50) if cases is several else node
            result = check(kind, target, cases, 20, iter(range(10**6)).__next__)
        assert result.passed(strict=True), result.problems
