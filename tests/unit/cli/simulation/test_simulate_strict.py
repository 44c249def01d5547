"""Simulations as a gate: failures of plug-ins are listed, and exit with 1 if --strict is given."""

import re
from pathlib import Path

import pytest

from alert_responder_cli.checking import process_target
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.simulation_files import ADDRESS, DOMAIN, alert, prepare, record, recorded, simulated, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


FAILING = """
import time

def handler(event, context):
    return {"content": []} if "attribute" in event else {"severity": "bad", "reason": "r"}

def fail(event, context):
    raise ValueError("no \\x1b[31m")

def exit(event, context):
    raise SystemExit(1)

def nothing(event, context):
    return None

def number(event, context):
    return 7
"""
WHY = "The function failed: ValueError: no \\x1b[31m"
STRICT: dict[str, tuple[list[str], tuple[str, str, str, int], str]] = {
    "a reviewer that raises": (
        ["--reviewer", "failing.py:fail"],
        ("reviewer", "failing.py:fail", "error", 2),
        f"The reviewer failing.py:fail failed in 2 calls: {WHY}",
    ),
    "a reviewer that dies": (
        ["--reviewer", "failing.py:exit"],
        ("reviewer", "failing.py:exit", "error", 2),
        "The reviewer failing.py:exit failed in 2 calls: The function failed: Runtime.ExitError",
    ),
    "a reviewer that says nothing": (
        ["--reviewer", "failing.py:nothing"],
        ("reviewer", "failing.py:nothing", "invalid", 2),
        "The reviewer failing.py:nothing returned an invalid answer in 2 calls: The answer is empty",
    ),
    "a reviewer with a wrong word": (
        ["--reviewer", "failing.py:handler"],
        ("reviewer", "failing.py:handler", "invalid", 2),
        "The reviewer failing.py:handler returned an invalid answer in 2 calls: The answer is invalid: severity",
    ),
    "an inspector that raises": (
        ["--inspector", "whois=failing.py:fail"],
        ("inspector", "whois", "error", 2),
        f"The inspector whois failed in 2 calls: {WHY}",
    ),
    "an inspector that answers something else": (
        ["--inspector", "whois=failing.py:number"],
        ("inspector", "whois", "invalid", 2),
        "The inspector whois returned an invalid answer in 2 calls: The answer must be an object or null, got a number",
    ),
    "an inspector of which nothing is read": (
        ["--inspector", "whois=failing.py:handler"],
        ("inspector", "whois", "ignored", 2),
        "The inspector whois returned an answer without known fields in 2 calls: No field is known (content)",
    ),
    "an emitter that raises": (
        ["--emitter", "pager=failing.py:fail"],
        ("emitter", "pager", "error", 6),
        f"The emitter pager failed in 6 calls: {WHY}",
    ),
    "an emitter that answers something else": (
        ["--emitter", "pager=failing.py:number"],
        ("emitter", "pager", "invalid", 2),
        "The emitter pager returned an invalid answer in 2 calls: The answer must be an object or null, got a number",
    ),
}


@pytest.mark.parametrize("name", STRICT)
def test_failures_of_plug_ins_are_listed_and_exit_with_1_if_strict(name: str, folder: Path) -> None:
    (folder / "failing.py").write_text(FAILING)
    write("alerts.jsonl", alert(DOMAIN), alert(ADDRESS, alert_key="bob"))
    options, failure, sentence = STRICT[name]

    listed = answer("simulate", "alerts.jsonl", *options)["failures"]
    strict = run("simulate", "alerts.jsonl", *options, "--strict")
    lenient = run("simulate", "alerts.jsonl", *options)

    assert [(each["kind"], each["plugin"], each["outcome"], each["calls"]) for each in listed] == [failure]
    assert strict.exit_code == 1
    assert strict.stderr.startswith(sentence)
    assert "failed plug-in" in strict.stdout
    assert (lenient.exit_code, lenient.stderr) == (0, "")
    assert "\x1b" not in strict.stdout + strict.stderr


def test_a_slow_reviewer_exits_with_1_if_strict(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "slow.py").write_text("import time\n\ndef handler(event, context):\n    time.sleep(60)\n")
    write("alerts.jsonl", alert(DOMAIN))
    call = process_target.ProcessTarget.call
    monkeypatch.setattr(process_target.ProcessTarget, "call", lambda target, event, _: call(target, event, 0.5))

    result = run("simulate", "alerts.jsonl", "--reviewer", "slow.py:handler", "--strict")

    assert result.exit_code == 1
    assert result.stderr == "The reviewer slow.py:handler did not answer in time in 1 call: No answer within 0 s.\n"


def test_an_invalid_recording_exits_with_1_if_strict_and_a_recorded_failure_does_not() -> None:
    write("alerts.jsonl", alert(ADDRESS, DOMAIN))
    record("list", recorded(ADDRESS, outcome="timeout"), recorded(DOMAIN, answer=None))
    assert simulated("--strict")["failures"] == []

    record("list", recorded(ADDRESS, outcome="timeout"), recorded(DOMAIN, answer={"contents": 1}))
    assert [each["plugin"] for each in simulated("--strict", code=1)["failures"]] == ["list"]


def test_unknown_types_are_reported() -> None:
    unknown = (("ip", "198.51.100.7"), ("ip", "198.51.100.8"))
    write("alerts.jsonl", alert(*unknown, ("x-badge", "7"), ("door", "3"), DOMAIN))
    more = {"new_attributes": [{"type": "hash", "value": "abc"}, {"type": "ipaddr", "value": "192.0.2.1"}]}
    attach = {"attach": {"attribute_types": ["domain", "door"]}}
    record("list", attach, recorded(("door", "3"), answer=None), recorded(DOMAIN, answer=more))

    found = simulated()
    shown = run("simulate", "alerts.jsonl", "--inspector-answers", "answers", "--strict")

    assert [(each["type"], each["inspector"], each["value"], each["values"]) for each in found["unknown_types"]] == [
        ("ip", None, "198.51.100.7", 2),
        ("hash", "list", "abc", 1),
    ]
    assert shown.exit_code == 1
    assert shown.stderr.splitlines() == [
        "An alert has an attribute ip 198.51.100.7. The attribute type ip is unknown. Did you mean ipaddr?",
        "Inspector list returned an attribute hash abc. "
        "The attribute type hash is unknown. Did you mean filehashvalue?",
    ]
    assert "unknown type" in shown.stdout


def test_strict_names_lookups_without_a_recording() -> None:
    write("alerts.jsonl", alert(*(("domain", f"{number}.example.net") for number in range(5))))
    record("list")

    result = run("simulate", "alerts.jsonl", "--inspector-answers", "answers", "--strict")

    assert result.exit_code == 1
    one = r"list on domain \d\.example\.net"
    assert re.fullmatch(rf"No answer is recorded for {one}, {one}, {one} and 2 more\.\n", result.stderr)


def test_an_answer_that_is_not_json_is_a_failure_and_not_recorded(folder: Path) -> None:
    (folder / "bootstrap").write_text(
        "#!/usr/bin/env python3\n"
        "import os, urllib.request\n"
        "api = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'\n"
        "while True:\n"
        "    with urllib.request.urlopen(api + 'next') as given:\n"
        "        request = given.headers['Lambda-Runtime-Aws-Request-Id']\n"
        "    urllib.request.urlopen(api + request + '/response', b'not JSON')\n"
    )
    (folder / "bootstrap").chmod(0o755)
    write("alerts.jsonl", alert(DOMAIN))

    found = simulated("--inspector", "shell=./bootstrap", "--record", "--strict", code=1)

    assert [(each["plugin"], each["outcome"], each["reason"][:22]) for each in found["failures"]] == [
        ("shell", "invalid", "The answer is not JSON")
    ]
    assert not (folder / "answers" / "shell.jsonl").exists()
