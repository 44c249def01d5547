"""`make up` and `make down` warn about lost reports, and record the run for the command line."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alert_responder_cli.aws import local_runs
from tools import local
from tools.account import Account
from tools.errors import ToolError
from tools.installation import Installation
from tools.paths import ROOT

ENDPOINT = "https://127.0.0.1:4001"


class Machine:
    """Stands in for the emulator's process and Terraform."""

    def __init__(self) -> None:
        self.pid = 0
        self.answers = True
        self.applied: list[dict[str, Any]] = []
        self.zips: set[str] = set()
        self.fails = False
        self.waited = 0.0
        self.wait_scale = 1.0

    def wait(self, seconds: float) -> None:
        self.waited += seconds

    def end(self, pid: int) -> bool:
        ended, self.pid = self.pid == pid != 0, 0
        return ended


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine on which nothing runs yet."""
    machine, folder = Machine(), tmp_path / "local"

    class Emulator:
        def __init__(self, *, wait_scale: float, **_: Any) -> None:
            self.account, self.pid = Account(ENDPOINT, str(tmp_path / "authority.pem")), 0
            machine.wait_scale = wait_scale

        def start(self) -> None:
            machine.pid = self.pid = machine.pid + 41

    class Example:
        def __init__(self, account: Account, folder: Path, variables: Mapping[str, Any]) -> None:
            self._account, self._variables = account, dict(variables)

        def apply(self) -> Installation:
            if machine.fails:
                raise ToolError("'terraform apply' failed")
            machine.applied.append(self._variables)
            machine.zips = {path.name for path in folder.glob("plugins/*.zip")}
            return Installation(self._account, "local", "local", "table", "archive", "emitters", "workflow")

    for name, value in {
        "FOLDER": folder,
        "_INSTALLATION": folder / "installation.json",
        "_PID": folder / "pid",
        "_CUSTOM": folder / "custom.json",
        "Emulator": Emulator,
        "LocalExample": Example,
        "end_emulator": machine.end,
        "runs": lambda pid, _: pid == machine.pid != 0,
        "require_loadable": lambda *_: None,
    }.items():
        monkeypatch.setattr(local, name, value)
    clock = SimpleNamespace(
        sleep=machine.wait, monotonic=lambda: machine.waited, time=lambda: 1_800_000_000 + machine.waited
    )
    monkeypatch.setattr(local, "time", clock)
    monkeypatch.setattr(Account, "is_healthy", lambda _: machine.answers)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return machine


def make(*arguments: str) -> int:
    return local.main(list(arguments))


def plugin(folder: Path, name: str = "whois.py") -> str:
    (folder / name).write_text("def handler(task, context): ...", encoding="utf-8")
    return str(folder / name)


def test_a_run_is_recorded_for_the_command_line_until_it_is_stopped(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("up") == 0
    assert [(run.folder, run.endpoint) for run in local_runs.recorded()] == [(str(ROOT), ENDPOINT)]
    assert f"AlertResponder 'local' runs at {ENDPOINT}." in capsys.readouterr().out

    assert make("down") == 0
    assert local_runs.recorded() == []
    assert machine.pid == 0
    assert capsys.readouterr().out == "Stopped the local run and removed it with its reports.\n"

    assert make("down") == 0
    assert capsys.readouterr().out == "No local run found.\n"


def test_a_second_up_updates_the_running_installation(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert make("up") == make("up") == 0

    assert machine.pid == 41
    assert len(machine.applied) == 2
    assert "are lost" not in capsys.readouterr().out


def test_up_and_down_warn_about_the_lost_reports_of_a_dead_run(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    make("up")
    machine.pid = 0
    capsys.readouterr()

    assert make("up") == 0
    assert "The earlier local run has stopped, and its reports are lost." in capsys.readouterr().out

    machine.pid = 0
    assert make("down") == 0
    assert "The local run had already stopped, and its reports are lost." in capsys.readouterr().out
    assert local_runs.recorded() == []


def test_a_busy_run_is_not_restarted(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    make("up")
    machine.answers = False

    assert make("up") == 1

    assert "does not answer, but its process is alive" in capsys.readouterr().out
    assert machine.pid == 41
    assert local_runs.recorded()


def test_a_failed_first_apply_removes_the_run_and_a_later_one_keeps_it(machine: Machine) -> None:
    machine.fails = True
    assert make("up") == 1
    assert (machine.pid, local.FOLDER.exists(), local_runs.recorded()) == (0, False, [])

    machine.fails = False
    assert make("up") == 0
    machine.fails = True
    assert make("up") == 1
    assert machine.pid == 41
    assert local_runs.recorded()


def test_the_emulator_of_a_killed_make_up_is_stopped(machine: Machine) -> None:
    make("up")
    (local.FOLDER / "installation.json").unlink()

    assert make("up") == 0
    # The first emulator was stopped: otherwise the second one's number would be higher.
    assert machine.pid == 41


def test_the_run_starts_even_if_it_cannot_be_recorded(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    assert make("up") == 0
    assert "The local run could not be recorded, so --local will not find it" in capsys.readouterr().out


def test_custom_plug_ins_are_attached_and_stay_attached(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whois, chat = plugin(tmp_path), plugin(tmp_path, "chat.js")
    assert make("up", "--inspector", whois, "--types", "ipaddr domain", "--batch-size", "50") == 0
    assert make("up", "--emitter", chat) == 0
    assert make("up") == 0
    assert make("up", "--detach", "whois") == 0

    names = [sorted(variables["custom_plugins"]) for variables in machine.applied]
    assert names == [["whois"], ["chat", "whois"], ["chat", "whois"], ["chat"]]
    assert machine.applied[2]["custom_plugins"]["whois"]["attribute_types"] == ["domain", "ipaddr"]
    assert machine.applied[2]["custom_plugins"]["whois"]["batch_size"] == 50
    assert {"whois.zip", "chat.zip"} <= machine.zips
    assert f"Custom inspector whois, from {whois}." in capsys.readouterr().out


def test_up_waits_until_functions_have_reloaded_changed_plug_ins(machine: Machine, tmp_path: Path) -> None:
    make("up", "--inspector", plugin(tmp_path))
    assert machine.waited == 0, "functions that have not run yet have cached nothing"

    make("up")
    assert machine.waited == 0, "only the code has changed"

    make("up", "--emitter", plugin(tmp_path, "chat.js"))
    assert machine.waited == local.REGISTRY_SECONDS


def test_a_new_run_starts_without_the_plug_ins_of_a_stopped_one(machine: Machine, tmp_path: Path) -> None:
    make("up", "--inspector", plugin(tmp_path))
    make("down")
    make("up")

    assert machine.applied[-1]["custom_plugins"] == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--inspector", "nowhere.py"], "nowhere.py not found"),
        (["--types", "ipaddr"], "TYPES requires INSPECTOR"),
        (["--batch-size", "50"], "BATCH_SIZE requires INSPECTOR"),
        (["--detach", "whois"], "DETACH=whois: no such custom plug-in"),
    ],
)
def test_an_invalid_argument_is_an_error_before_anything_is_started(
    arguments: list[str], message: str, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("up", *arguments) == 1

    assert message in capsys.readouterr().out
    assert machine.pid == 0
    assert not local.FOLDER.exists()


def test_empty_variables_attach_nothing(machine: Machine) -> None:
    # As the Makefile writes them.
    assert make("up", "--inspector", "", "--types", "", "--reviewer", "", "--emitter", "", "--detach", "") == 0

    assert machine.applied[0]["custom_plugins"] == {}


def test_delays_are_corrected_for_the_emulator_s_wait_scale(machine: Machine) -> None:
    make("up")

    delays = [machine.applied[0][name] for name in ("inspection_delay_seconds", "update_interval_seconds")]
    assert [seconds * machine.wait_scale for seconds in delays] == [2, 5]
    # The window depends on arrival times, which the emulator does not scale.
    assert machine.applied[0]["aggregation_window_seconds"] == 60


def test_only_the_owner_can_read_the_files_of_a_run(machine: Machine) -> None:
    make("up")

    assert local.FOLDER.stat().st_mode & 0o077 == 0
    assert json.loads((local.FOLDER / "installation.json").read_text())["account"]["endpoint"] == ENDPOINT
