"""`new` writes a plug-in that honours its contract, and `package` zips its function."""

import json
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from alert_responder.errors import PluginFailedError
from alert_responder_cli.checking.cases import inspections
from alert_responder_cli.checking.target import Target
from alert_responder_cli.checking.target_factory import local_target
from alert_responder_cli.checking.targets import NodeFunction, PythonFunction
from tests.documents import ADDRESS
from tests.fakes.node import have_node
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.function_target import REPORT_IDS

KINDS = ("inspector", "reviewer", "emitter")


def commands(folder: Path) -> list[list[str]]:
    """Read the commands that the README of a new plug-in recommends."""
    lines = (folder / "README.md").read_text(encoding="utf-8").splitlines()
    return [shlex.split(line) for line in lines if line.startswith("    ")]


@pytest.mark.parametrize("language", ["python", "nodejs"])
@pytest.mark.parametrize("kind", [*KINDS, "inspector --batch-size 20"])
def test_a_new_plug_in_passes_every_command_of_its_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, language: str
) -> None:
    written = answer("new", *kind.split(), "who-owns-it", "--language", language, "--in", tmp_path)
    folder = tmp_path / "who-owns-it"
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == written["files"]
    monkeypatch.chdir(folder)
    recorded, *others = commands(folder)
    if recorded[0] == "python3":
        subprocess.run([sys.executable, *recorded[1:]], check=True, capture_output=True)
    else:
        have_node(monkeypatch)
        subprocess.run(recorded, check=True, capture_output=True)
    assert [command[:2] for command in others] == [
        ["alert-responder", "check"],
        ["alert-responder", "simulate"],
        ["alert-responder", "package"],
    ]
    for command in others:
        result = run(*command[1:])
        assert result.exit_code == 0, result.output
    assert (folder / "function.zip").exists()


def test_an_inspector_that_takes_batches_is_attached_with_their_size(tmp_path: Path) -> None:
    answer("new", "inspector", "whois", "--batch-size", "20", "--in", tmp_path)
    folder = tmp_path / "whois"
    assert 'attachment = { attribute_types = ["ipaddr"], batch_size = 20 }' in (folder / "main.tf").read_text()
    assert '"batch_size": 20' in (folder / "answers" / "whois.jsonl").read_text()
    case = json.loads((folder / "case.json").read_text())
    assert len(case["event"]["tasks"]) > len(case["answer"]["answers"]) > 0


ADDRESSES = {"2001:db8:7::12": "lab", "2001:db8:8::1": None, "10[.]1.200.3": "office", "192.0.2.77": None}
NOT_ADDRESSES = ("gateway.example.net", "10.1.2", "2001:db8:7::12::", "")


def looked_up(target: Target, value: str, batch_size: int) -> Any:
    """Return the answer of an inspector to one address; in a batch, two other tasks are beside it."""
    (task, *others) = [case.event for case in inspections(REPORT_IDS[0], ("ipaddr",))][:3]
    task["attribute"]["value"] = value
    given = json.loads(target.call({"tasks": [task, *others]} if batch_size > 1 else task, 10))
    return given["answers"].get(task["task_id"]) if batch_size > 1 else given


@pytest.mark.parametrize("language", ["python", "nodejs"])
@pytest.mark.parametrize("batch_size", [1, 20])
def test_a_new_inspector_knows_both_kinds_of_addresses_and_hides_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, batch_size: int
) -> None:
    if language == "nodejs":
        have_node(monkeypatch)
    answer("new", "inspector", "whois", "--batch-size", str(batch_size), "--language", language, "--in", tmp_path)
    (file,) = (tmp_path / "whois" / "function").iterdir()
    kind = PythonFunction if language == "python" else NodeFunction
    with local_target(kind(str(file), "handler")) as target:
        for value, owner in ADDRESSES.items():
            found = looked_up(target, value, batch_size)
            assert (found and found["contents"][0]["owner"]) == (owner and [owner]), value
        for value in NOT_ADDRESSES:
            if batch_size > 1:
                assert looked_up(target, value, batch_size) == {"failed": "The value is not an address."}, value
            else:
                with pytest.raises(PluginFailedError):
                    looked_up(target, value, batch_size)


def test_a_recorded_case_that_the_function_does_not_answer_so_fails(tmp_path: Path) -> None:
    answer("new", "reviewer", "policy", "--in", tmp_path)
    case = tmp_path / "policy" / "case.json"
    document = json.loads(case.read_text())
    case.write_text(json.dumps({**document, "answer": {**document["answer"], "severity": "safe"}}))
    run_ = subprocess.run([sys.executable, "-m", "unittest", "test_policy.py"], cwd=case.parent, capture_output=True)
    assert run_.returncode == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_terraform_block_names_this_repository(tmp_path: Path, kind: str) -> None:
    answer("new", kind, "whois", "--in", tmp_path)
    block = (tmp_path / "whois" / "main.tf").read_text(encoding="utf-8")
    assert f'source          = "{ADDRESS}//modules/plugin-function"' in block


@pytest.mark.parametrize("name", ["", "Upper", "-x", "x-", "a--b", "a_b", "1st", "a/b", "..", "x" * 41, 'x"; rm', "ü"])
def test_a_name_that_terraform_or_python_would_refuse_writes_nothing(tmp_path: Path, name: str) -> None:
    result = run("new", "inspector", "--in", tmp_path, "--", name)
    assert result.exit_code == 2
    assert "1 to 40 lower-case letters" in result.output
    assert not list(tmp_path.iterdir())


def test_what_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "whois").mkdir()
    result = run("new", "emitter", "whois", "--in", tmp_path)
    assert result.exit_code == 2
    assert "already exists" in result.output
    assert not list((tmp_path / "whois").iterdir())


def test_another_language_is_refused_with_those_that_are_supported(tmp_path: Path) -> None:
    result = run("new", "emitter", "whois", "--language", "go", "--in", tmp_path)
    assert result.exit_code == 2
    assert "python, nodejs" in result.output


def test_equal_folders_make_equal_zips_whenever_and_wherever(tmp_path: Path) -> None:
    hashes = set()
    for number, names in enumerate((("b.py", "a/c.py"), ("a/c.py", "b.py"))):
        folder = tmp_path / f"machine {number}" / "function"
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
            path.chmod((0o600, 0o644)[number])
        (folder / ".git").mkdir()
        (folder / ".git" / f"config{number}").touch()
        (folder / "__pycache__").mkdir()
        (folder / "__pycache__" / "b.cpython-311.pyc").write_bytes(bytes([number]))
        found = answer("package", folder)
        assert (found["files"], found["path"]) == (2, str(folder.with_suffix(".zip")))
        hashes.add(found["sha256"])
    assert len(hashes) == 1


def test_a_bootstrap_stays_executable(tmp_path: Path) -> None:
    program = tmp_path / "function" / "bootstrap"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    found = answer("package", program.parent)
    with zipfile.ZipFile(found["path"]) as archive:
        assert archive.getinfo("bootstrap").external_attr >> 16 & 0o777 == 0o755


@pytest.mark.parametrize(("target", "why"), [("function/x.zip", "is in the folder"), ("x.zip", "contains no files")])
def test_what_cannot_be_packaged_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("function").mkdir()
    if "function" in target:
        Path("function", "a.py").touch()
    result = run("package", "function", "--output", target)
    assert result.exit_code == 2
    assert why in result.output
    assert not list(tmp_path.rglob("*.zip"))
