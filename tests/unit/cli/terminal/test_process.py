"""A command exits silently when its reader is gone, and within two seconds of Ctrl-C, whatever it waits for."""

import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from alert_responder_cli.terminal.process import GRACE_SECONDS, INTERRUPTED
from tests.unit.cli import child_processes
from tests.unit.cli.all_commands import KEY, REPORT
from tests.unit.cli.child_processes import REPORTED, start_command, start_here
from tests.unit.cli.test_documented import COMMANDS

PAGER = "arn:aws:lambda:us-east-1:123456789012:function:pager"
ALERT = json.dumps({"detector": "vpn", "rule_id": "r", "attributes": [{"type": "ipaddr", "value": "198.51.100.7"}]})
HANGS = """
import os, pathlib, time

def handler(event, context):
    folder = pathlib.Path(__file__).parent
    (folder / f"pid-{os.getpid()}").touch()
    while True:
        try:
            time.sleep(3600)
        except BaseException:
            pass
"""
ANSWERS = "def handler(event, context):\n    return None\n"
RATES = "def handler(event, context):\n    return {'severity': 'safe', 'reason': 'r'}\n"

WATCHING = "Watching all reports opened less than 24 hours ago (--hours).\n"

SLOW_MACHINE_SECONDS = 3
"""What is allowed beyond the two seconds where several tests share a processor."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "alert.json").write_text(ALERT)
    for name, code in (("hangs", HANGS), ("answers", ANSWERS), ("rates", RATES)):
        (tmp_path / f"{name}.py").write_text(code)
    (tmp_path / "policy.yaml").write_text("default: {severity: urgent}\n")
    return tmp_path


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "after a minute it does not hold"
        time.sleep(0.02)


def began(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == f"{REPORTED}\n", process.communicate()


def interrupted(process: "subprocess.Popen[str]", times: int = 1) -> tuple[int, str, float]:
    """Interrupt a process; return its exit code, what it wrote, and how long it took to end."""
    start = time.monotonic()
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    try:
        output, errors = process.communicate(timeout=2 + SLOW_MACHINE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, (output or "") + (errors or ""), time.monotonic() - start


def runs(pid: int) -> bool:
    try:
        return b"python_worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def plug_ins(folder: Path) -> list[int]:
    return [int(path.name.removeprefix("pid-")) for path in folder.glob("pid-*")]


def test_the_cleanup_time_is_below_two_seconds() -> None:
    assert GRACE_SECONDS <= 1


@pytest.mark.parametrize(
    "waiting",
    [
        child_processes.waiting_in_c,
        child_processes.waiting_in_threads,
        child_processes.leaving_a_thread,
        child_processes.swallowing,
    ],
)
def test_an_interruption_ends_a_command_whatever_it_waits_for(waiting: Callable[[], None]) -> None:
    process = start_here(waiting)
    began(process)

    code, said, _ = interrupted(process)

    assert (code, said) == (INTERRUPTED, "")


def test_a_second_interruption_ends_it_at_once() -> None:
    process = start_here(child_processes.waiting_in_threads)
    began(process)

    code, said, seconds = interrupted(process, times=2)

    assert (code, said) == (INTERRUPTED, "")
    assert seconds < GRACE_SECONDS


def test_commands_are_interrupted_even_if_the_tests_run_in_the_background() -> None:
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = start_here(child_processes.waiting_in_threads)
    finally:
        signal.signal(signal.SIGINT, usual)
    began(child)

    assert interrupted(child)[0] == INTERRUPTED


def test_an_ignored_interruption_stays_ignored() -> None:
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN);"
        "from tests.unit.cli.child_processes import process;"
        "process.run(lambda: print(sys.stdin.readline(), end=''))"
    )
    child = child_processes.start(code, stdin=subprocess.PIPE)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)

    output, errors = child.communicate("all is done\n", timeout=60)

    assert (child.returncode, output, errors) == (0, "all is done\n", "")


@pytest.mark.parametrize(
    "command",
    [
        ["check", "inspector", "{folder}/hangs.py:handler"],
        ["simulate", "{folder}/alert.json", "--inspector", "slow={folder}/hangs.py:handler"],
        ["simulate", "{folder}/alert.json", "--reviewer", "{folder}/hangs.py:handler", "--json"],
    ],
)
def test_a_hanging_plug_in_ends_with_the_command(command: list[str], folder: Path) -> None:
    process = start_command(*(word.format(folder=folder) for word in command))
    until(lambda: bool(plug_ins(folder)))

    code, said, _ = interrupted(process)

    assert (code, said) == (INTERRUPTED, "")
    until(lambda: not any(map(runs, plug_ins(folder))))


def test_rating_processes_and_their_plug_ins_end_with_the_command(folder: Path) -> None:
    process = start_here(child_processes.rating_in_processes, f"{folder / 'hangs.py'}:handler")
    until(lambda: len(plug_ins(folder)) >= 2)

    code, said, _ = interrupted(process)

    assert (code, said) == (INTERRUPTED, "")
    until(lambda: not any(map(runs, plug_ins(folder))))


def test_rating_processes_end_when_the_command_is_killed(folder: Path) -> None:
    process = start_here(child_processes.rating_in_processes, f"{folder / 'hangs.py'}:handler")
    until(lambda: len(plug_ins(folder)) >= 2)

    process.kill()
    process.communicate()

    until(lambda: not any(map(runs, plug_ins(folder))))


def test_an_interruption_ends_a_question() -> None:
    terminal, other_end = pty.openpty()
    process = start_command(
        "check", "emitter", PAGER, "--region", "us-east-1", stdin=other_end, stdout=subprocess.PIPE, stderr=other_end
    )
    os.close(other_end)
    asked = b""
    while b"Continue?" not in asked:
        asked += os.read(terminal, 1_000)

    code, _, _ = interrupted(process)

    os.close(terminal)
    assert code == INTERRUPTED


def unread(*arguments: str | Path, both: bool = False) -> tuple[int, str]:
    """Run a command whose standard output, or that and standard error, is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    process = start_command(*arguments, stdout=writing, stderr=writing if both else subprocess.PIPE)
    os.close(writing)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors or ""


def test_a_closed_pipe_ends_a_command_silently(folder: Path) -> None:
    assert unread("--help") == (0, "")
    assert unread("--version") == (0, "")
    assert unread("send", folder / "alert.json", "--dry-run", "--json") == (0, "")


def test_an_error_to_a_closed_pipe_is_silent(folder: Path) -> None:
    assert unread("send", folder / "no-such-file", "--dry-run", both=True)[0] == 0
    assert unread("send", "--no-such-option", both=True)[0] == 0


def test_an_error_is_reported_even_if_standard_output_is_closed(folder: Path) -> None:
    code, errors = unread("send", folder / "no-such-file", "--dry-run")

    assert code == 2
    assert "cannot be read" in errors


def test_every_command_ends_silently_when_its_reader_is_gone(folder: Path) -> None:
    rates, answers = f"{folder / 'rates.py'}:handler", f"{folder / 'answers.py'}:handler"
    alert, policy = str(folder / "alert.json"), str(folder / "policy.yaml")
    commands = [
        ["send", alert],
        ["reports"],
        ["report", REPORT],
        ["open", REPORT, "--no-browser", "--output", str(folder / "page.html")],
        ["watch", "--every", "0.5"],
        ["rejected", "list"],
        ["rejected", "show", KEY],
        ["rejected", "replay", KEY],
        ["failures", "list"],
        ["failures", "redrive", REPORT],
        ["quarantine", "list"],
        ["quarantine", "approve", "access_key/AKIAIOSFODNN7EXAMPLE"],
        ["quarantine", "release", "access_key/AKIAIOSFODNN7EXAMPLE"],
        ["quarantine", "stop"],
        ["quarantine", "start"],
        ["accounts", "--member-name", "alert-responder", "--external-id", "secops"],
        ["check", "inspector", answers, "--type", "ipaddr"],
        ["check", "reviewer", rates],
        ["check", "emitter", answers],
        ["backtest", "--reviewer", rates],
        ["simulate", alert],
        ["policy", "check", policy],
        ["policy", "test", policy],
        ["policy", "explain", REPORT, "--policy", policy],
        ["policy", "suppressions", policy, "--installation", "secops"],
        ["plugins"],
        ["formats"],
        ["doctor", "--permissions"],
        ["package", str(folder), "--output", str(folder.parent / "plug-in.zip")],
    ]
    # A second call would find the folder of the first.
    once = [["new", kind, kind, "--in", str(folder)] for kind in ("inspector", "reviewer", "emitter")]
    assert {
        name
        for name in COMMANDS
        if not any(command[: len(name.split())] == name.split() for command in commands + once)
    } == set()
    wanted = [[*command, *options] for command in commands for options in ([], ["--json"])] + once

    child = child_processes.start(
        "import runpy; runpy.run_module('tests.unit.cli.all_commands', run_name='__main__')", folder, json.dumps(wanted)
    )
    output, errors = child.communicate(timeout=300)

    ended = dict(zip((" ".join(command) for command in wanted), json.loads(output), strict=True))
    quiet = {command: [code, said.replace(WATCHING, "")] for command, (code, said) in ended.items()}
    assert {command: said for command, said in quiet.items() if said != [0, ""]} == {}
    assert errors == ""


def test_watching_can_be_interrupted_while_it_waits(folder: Path) -> None:
    child = child_processes.start("from tests.unit.cli import all_commands; all_commands.watching()")
    assert child.stdout is not None
    assert "settled, urgent" in child.stdout.readline()

    code, said, _ = interrupted(child)

    assert (code, said) == (INTERRUPTED, WATCHING)
