"""The whole pipeline on one machine: recorded answers in, reports and deliveries out, always the same."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alert_responder.contracts.report import EmissionAnswer, EmissionRequest, Report
from tests.fakes.node import have_node
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.simulation_files import (
    ADDRESS,
    DOMAIN,
    MALICIOUS,
    alert,
    findings,
    prepare,
    record,
    recorded,
    simulated,
    write,
)
from tools.paths import ROOT


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepare(tmp_path, monkeypatch)


def test_an_alert_passes_the_whole_pipeline() -> None:
    write("alerts.jsonl", alert(ADDRESS, DOMAIN, rule_name="A login"))
    record("list", recorded(ADDRESS, answer=MALICIOUS), recorded(DOMAIN, answer=None))
    record("slow", recorded(ADDRESS, outcome="timeout", reason="It slept."), recorded(DOMAIN, answer={"contents": 1}))

    found = simulated()

    (report,) = found["reports"]
    assert (report["title"], report["severity"], report["reason"]) == ("A login", "urgent", "1 said, 1 silent")
    assert findings(found) == {
        ("list", "198.51.100.7"): "ok",
        ("list", "evil.example.net"): "empty",
        ("slow", "198.51.100.7"): "timeout",
        ("slow", "evil.example.net"): "invalid",
    }
    (emission,) = found["emissions"]
    assert (emission["emitter"], emission["severity"], emission["at"]) == (
        "emitter",
        "urgent",
        "2026-01-01T00:00:10.000Z",
    )
    assert found["unanswered"] == []
    assert Report.model_validate(report["report"]).result.reviewer == "policy.py:handler"
    assert EmissionRequest.model_validate(emission["request"]).report.id == report["report_id"]


def test_the_text_output_contains_the_same() -> None:
    write("alerts.jsonl", alert(ADDRESS, DOMAIN, rule_name="A login"))
    record("list", recorded(ADDRESS, answer=MALICIOUS))

    result = run("simulate", "alerts.jsonl", "--inspector-answers", "answers", "--reviewer", "policy.py:handler")

    assert result.exit_code == 0, result.output
    for said in (
        "A login",
        "urgent: 1 said, 1 silent",
        "list on ipaddr 198.51.100.7: ok",
        "would notify",
        "2026-01-01",
    ):
        assert said in result.stdout, said
    assert "no answer recorded" in result.stdout
    assert "1 record, 1 report, 1 delivery until 2026-01-01 00:00:10." in result.stdout


def test_the_same_files_give_the_same_output() -> None:
    write("alerts.jsonl", *(alert(ADDRESS, ("domain", f"{n}.example.net"), alert_key=f"k{n % 3}") for n in range(9)))
    record("list", recorded(ADDRESS, answer=MALICIOUS))

    assert simulated("--every", "40") == simulated("--every", "40")


@pytest.mark.parametrize(
    ("options", "rounds"),
    [
        (["--every", "1"], [("alice", 1, 3)]),
        (["--every", "20"], [("alice", 2, 3)]),
        (["--every", "400"], [("alice", 3, 3)]),
        (["--every", "20", "--delay", "60"], [("alice", 1, 3)]),
        (["--every", "20", "--delay", "0", "--update-interval", "0"], [("alice", 3, 3)]),
        (["--every", "20000"], [("alice", 1, 1)] * 3),
        # The second alert comes when the first round is over, and the third when the window is.
        (["--every", "20", "--window", "30"], [("alice", 2, 2), ("alice", 1, 1)]),
    ],
)
def test_the_clock_follows_the_settings(options: list[str], rounds: list[tuple[str, int, int]]) -> None:
    write("alerts.jsonl", *(alert(("domain", f"{number}.example.net")) for number in range(3)))

    found = simulated(*options)

    ended = [(each["alert_key"], each["rounds"], each["alert_count"]) for each in found["reports"]]
    assert ended == rounds
    previous = [each["report"]["previous_report_id"] for each in found["reports"]]
    assert previous == [None, *(each["report_id"] for each in found["reports"])][: len(previous)]


def test_lookups_without_a_recording_are_listed_in_its_form(folder: Path) -> None:
    write("alerts.jsonl", alert(ADDRESS, DOMAIN), alert(("domain", "EVIL.example.net"), alert_key="bob"))
    record(
        "list", recorded(ADDRESS, answer={**MALICIOUS, "new_attributes": [{"type": "domain", "value": "x.example"}]})
    )

    found = simulated("--strict", code=1)

    missing = [("list", "domain", "evil.example.net"), ("list", "domain", "x.example")]
    assert [(each["inspector"], each["type"], each["value"]) for each in found["unanswered"]] == missing
    assert findings(found)["list", "x.example"] == "error"
    with (folder / "answers" / "list.jsonl").open("a") as file:
        for each in found["unanswered"]:
            file.write(json.dumps({"type": each["type"], "value": each["value"], "answer": None}) + "\n")
    assert simulated("--strict")["unanswered"] == []


def test_a_value_is_found_in_any_spelling() -> None:
    write("alerts.jsonl", alert(("domain", "EVIL[.]example.net.")))
    record("list", recorded(DOMAIN, answer=MALICIOUS))

    assert simulated()["reports"][0]["severity"] == "urgent"


def test_an_inspector_is_attached_as_its_recording_says() -> None:
    public = ("ipaddr", "8.8.8.8")
    write("alerts.jsonl", alert(("ipaddr", "10.0.0.1"), public, DOMAIN))
    record("outside", {"attach": {"attribute_types": ["ipaddr"], "external": {}}}, recorded(public, answer=None))

    found = simulated()

    assert findings(found) == {("outside", "10.0.0.1"): "skipped", ("outside", "8.8.8.8"): "empty"}
    assert found["unanswered"] == []


def test_waiting_for_a_quota_takes_only_simulated_time() -> None:
    values = [("domain", f"{number}.example.net") for number in range(9)]
    write("alerts.jsonl", alert(*values))
    record("list", {"attach": {"max_per_minute": 3}}, *(recorded(value, answer=None) for value in values))

    found = simulated()

    assert set(findings(found).values()) == {"empty"}
    assert found["ended_at"] >= "2026-01-01T00:02:10.000Z"


def test_a_function_answers_lookups_that_are_not_recorded() -> None:
    Path("whois.py").write_text(
        "def handler(task, _):\n    return {'contents': [{'type': 'note', 'title': task['task_id']}]}\n"
    )
    write("alerts.jsonl", alert(ADDRESS, DOMAIN))
    record("whois", recorded(ADDRESS, answer=None))

    found = simulated("--inspector", "whois=whois.py:handler", "--inspector", "other=whois.py:handler")

    assert findings(found) == {
        ("whois", "198.51.100.7"): "empty",
        ("whois", "evil.example.net"): "ok",
        ("other", "198.51.100.7"): "ok",
        ("other", "evil.example.net"): "ok",
    }


def test_answers_of_a_function_can_be_recorded(folder: Path) -> None:
    write("whois.py", "def handler(task, _):", "    return {'contents': [{'type': 'note', 'title': task['task_id']}]}")
    write("alerts.jsonl", alert(ADDRESS, DOMAIN), alert(("domain", "EVIL.example.net"), alert_key="bob"))
    (folder / "answers" / "whois.jsonl").write_text(json.dumps(recorded(ADDRESS, answer=None)))
    function = ("--inspector", "whois=whois.py:handler", "--inspector", "new=whois.py:handler")

    asked = simulated(*function, "--record")
    again = simulated("--strict")

    assert again["reports"] == asked["reports"]
    assert len((folder / "answers" / "whois.jsonl").read_text().splitlines()) == 2
    assert simulated(*function, "--record")["reports"] == asked["reports"]
    assert len((folder / "answers" / "new.jsonl").read_text().splitlines()) == 2


PAGER = """
import json, pathlib

def handler(emission, context):
    told = pathlib.Path("told.jsonl")
    before = told.read_text() if told.exists() else ""
    told.write_text(before + json.dumps([emission["report"]["round"], emission["state"]]) + "\\n")
    match emission["report"]["title"]:
        case "fail":
            raise ValueError("no \\x1b[31m")
        case "wrong":
            return {"url": 7}
    return {"state": {"round": emission["report"]["round"]}}
"""


@pytest.mark.parametrize("given", ["pager=pager.py:handler", "pager=urgent,safe=pager.py:handler"])
def test_an_emitter_with_a_function_is_called_and_keeps_its_state(given: str, folder: Path) -> None:
    (folder / "pager.py").write_text(PAGER)
    write("alerts.jsonl", alert(DOMAIN), alert(ADDRESS))
    record("list", recorded(DOMAIN, answer=None), recorded(ADDRESS, answer=MALICIOUS))

    found = simulated("--every", "60", "--emitter", given, "--emitter", "inbox")

    told = [json.loads(line) for line in (folder / "told.jsonl").read_text().splitlines()]
    assert told == [[1, None], [2, {"round": 1}]]
    assert [(each["emitter"], each["round"]) for each in found["emissions"]] == [
        ("inbox", 1),
        ("pager", 1),
        ("inbox", 2),
        ("pager", 2),
    ]
    assert found["failures"] == []


def test_a_filter_applies_to_an_emitter_with_a_function(folder: Path) -> None:
    (folder / "pager.py").write_text(PAGER)
    write("alerts.jsonl", alert(DOMAIN))
    record("list", recorded(DOMAIN, answer=None))

    assert simulated("--emitter", "pager=urgent=pager.py:handler")["emissions"] == []
    assert not (folder / "told.jsonl").exists()


def test_emitters_are_notified_according_to_their_filters() -> None:
    write("alerts.jsonl", alert(DOMAIN), alert(ADDRESS))
    record("list", recorded(DOMAIN, answer=None), recorded(ADDRESS, answer=MALICIOUS))

    found = simulated("--every", "60", "--emitter", "pager=urgent", "--emitter", "inbox")

    told = [(each["emitter"], each["round"], each["severity"]) for each in found["emissions"]]
    assert told == [("inbox", 1, "safe"), ("inbox", 2, "urgent"), ("pager", 2, "urgent")]
    assert {each["request"]["state"] for each in found["emissions"]} == {EmissionAnswer().state}


def test_node_functions_work_as_every_kind_of_plug_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have_node(monkeypatch)
    (folder / "whois.mjs").write_text(
        "export const handler = async ({ attribute: { value } }) =>\n"
        "  ({ contents: [{ type: 'note', title: `owner of ${value}`, verdict: 'malicious' }] });\n"
    )
    (folder / "policy.js").write_text(
        "exports.handler = async ({ findings }) => ({ severity: 'urgent', reason: findings[0].contents[0].title });\n"
    )
    (folder / "pager.cjs").write_text("exports.handler = async ({ report }) => ({ state: report.result.reason });\n")
    write("alerts.jsonl", alert(ADDRESS))
    options = ("--inspector", "whois=whois.mjs:handler", "--reviewer", "policy.js:handler")

    found = answer("simulate", "alerts.jsonl", *options, "--emitter", "pager=pager.cjs:handler", "--strict")

    assert [(each["severity"], each["reason"]) for each in found["reports"]] == [("urgent", "owner of 198.51.100.7")]
    assert [each["emitter"] for each in found["emissions"]] == ["pager"]


def test_a_failed_reviewer_is_reported_as_in_production() -> None:
    write("alerts.jsonl", alert(rule_name="fail"))
    failed = simulated()["reports"][0]
    nobody = answer("simulate", "alerts.jsonl")["reports"][0]

    assert failed["severity"] == nobody["severity"] == "unclassified"
    assert failed["reason"] == "The reviewer returned no answer (error). The function failed: ValueError: no"
    assert nobody["reason"] == "No reviewer is attached."


def test_a_rejected_record_is_reported_and_does_not_stop_the_others() -> None:
    write("alerts.jsonl", '{"what": "forced"}', alert(ADDRESS))

    found = simulated(code=1)

    assert len(found["reports"]) == 1
    assert [bool(each["problems"]) for each in found["records"]] == [True, False]
    assert "problem" in run("simulate", "alerts.jsonl").stdout


def test_an_answer_beyond_the_payload_limit_is_a_failure() -> None:
    write("large.py", "def handler(task, _):", "    return 'x' * 7_000_000")
    write("alerts.jsonl", alert(ADDRESS))

    (finding,) = simulated("--inspector", "large=large.py:handler")["reports"][0]["report"]["findings"]

    assert (finding["outcome"], finding["reason"][:26]) == ("error", "The answer has 7,000,002 b")


def test_a_custom_format_is_used() -> None:
    write("alerts.jsonl", {"app": "door", "what": "forced"})
    write("door.json", {"name": "door", "match": "app == 'door'", "detector": "app", "rule_id": "what"})

    found = answer("simulate", "alerts.jsonl", "--format", "door.json")

    assert [(each["detector"], each["rule_id"]) for each in found["reports"]] == [("door", "forced")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "line 2: must be JSON."),
        ("[1]", "line 2: must be a JSON object."),
        (
            {"type": "domain", "value": "x"},
            "line 2: the line must have either answer (null: the inspector knows nothing) or outcome.",
        ),
        (recorded(DOMAIN, answer=None, outcome="error"), "line 2: the line must have either answer"),
        (recorded(DOMAIN, outcome="skipped"), "line 2: outcome must be 'error', 'throttled' or 'timeout'."),
        (recorded(DOMAIN, anwser=None), "line 2: anwser is not allowed."),
        (recorded(("domain", "EVIL.example.net"), answer=None), "line 2: the attribute is already recorded in line 1."),
        ({"attach": {"types": ["domain"]}}, "line 2: attach has unknown fields: types."),
        ({"attach": {"arn": "x"}}, "line 2: attach has unknown fields: arn."),
        ({"attach": {"max_per_minute": -1}}, "line 2: max_per_minute must be greater than or equal to 0."),
    ],
)
def test_an_invalid_line_of_a_recording_is_named(line: Any, sentence: str) -> None:
    write("alerts.jsonl", alert())
    record("list", recorded(DOMAIN, answer=None), line)

    result = run("simulate", "alerts.jsonl", "--inspector-answers", "answers")

    assert result.exit_code == 2
    assert f"answers/list.jsonl, {sentence}" in result.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--inspector-answers", "nowhere"], "The folder nowhere does not exist."),
        (["--inspector", "whois"], "--inspector must be NAME=FUNCTION (a name of 1 to 40"),
        (["--inspector", "Who Is=policy.py:handler"], "got 'Who Is=policy.py:handler'"),
        (["--record"], "--record requires --inspector-answers."),
        (
            ["--emitter", "pager=urgent=whois"],
            "A local function must be path/to/file.py:function",
        ),
        (["--emitter", "pager=bad"], "--emitter must be NAME, NAME=SEVERITY,..."),
        (["--reviewer", "arn:aws:lambda:eu-west-1:111122223333:function:policy"], "A local function must be"),
        (["--reviewer", "no_such_module:handler"], "no_such_module:handler cannot be loaded"),
    ],
)
def test_an_invalid_command_is_an_error(options: list[str], sentence: str) -> None:
    write("alerts.jsonl", alert())

    result = run("simulate", "alerts.jsonl", *options)

    assert result.exit_code == 2, result.output
    assert sentence in result.stderr


def test_a_recording_with_an_invalid_name_is_an_error() -> None:
    write("alerts.jsonl", alert())
    record("Who_Is")

    assert (
        "answers/Who_Is.jsonl: the name of an inspector must be"
        in run("simulate", "alerts.jsonl", "--inspector-answers", "answers").stderr
    )


@pytest.mark.parametrize("words", ["\x1b[2J\x07", "[red]x", "\u202ereversed", "line\nbreak"])
def test_hostile_text_is_harmless_at_the_terminal(words: str) -> None:
    write("alerts.jsonl", alert(("username", words), rule_name=words, alert_key=words))
    record("list", {"type": "username", "value": words, "outcome": "error", "reason": words})
    record("other")

    shown = run("simulate", "alerts.jsonl", "--inspector-answers", "answers").stdout

    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "line\nbreak" not in shown


def test_it_starts_without_boto3() -> None:
    write("alerts.jsonl", alert(ADDRESS))
    code = (
        "import sys; sys.argv[1:] = ['simulate', 'alerts.jsonl', '--json']\n"
        "from alert_responder_cli.main import app\n"
        "app(standalone_mode=False)\n"
        "sys.stderr.write(' '.join({name.partition('.')[0] for name in sys.modules}))"
    )
    path = f"{ROOT / 'lambda'}:{ROOT / 'cli'}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": path}
    )

    assert json.loads(done.stdout)["reports"]
    assert not {"boto3", "botocore", "jsonschema", "jinja2"} & set(done.stderr.split())


def test_an_inspector_with_batches_answers_lookups_that_are_not_recorded() -> None:
    write(
        "logs.py",
        "def handler(batch, _):",
        "    seen = {'contents': [{'type': 'note', 'title': 'seen'}]}",
        "    return {'answers': {task['task_id']: seen for task in batch['tasks']}}",
    )
    values = [("domain", f"{number}.example.net") for number in range(9)]
    write("alerts.jsonl", alert(ADDRESS, *values))
    record("logs", {"attach": {"batch_size": 4, "batch_types": ["domain"]}}, recorded(ADDRESS, answer=None))

    found = simulated("--inspector", "logs=logs.py:handler", "--strict")

    assert findings(found) == {("logs", "198.51.100.7"): "empty"} | {("logs", value): "ok" for _, value in values}


def test_a_function_that_does_not_know_batches_fails_in_a_simulation() -> None:
    write("logs.py", "def handler(task, _):", "    return {'contents': []}")
    write("alerts.jsonl", alert(DOMAIN))
    record("logs", {"attach": {"batch_size": 4}})

    found = simulated("--inspector", "logs=logs.py:handler", "--strict", code=1)

    assert findings(found) == {("logs", "evil.example.net"): "invalid"}
    (failure,) = found["failures"]
    assert failure["outcome"] == "invalid"
    assert "is that to a single task" in json.dumps(failure)


def test_the_failure_of_a_function_in_a_simulation_says_that_it_got_a_batch() -> None:
    write("logs.py", "def handler(task, _):", "    return {'contents': [], 'of': task['attribute']}")
    write("alerts.jsonl", alert(DOMAIN))
    record("logs", {"attach": {"batch_size": 6}})

    found = simulated("--inspector", "logs=logs.py:handler", "--strict", code=1)

    assert findings(found) == {("logs", "evil.example.net"): "error"}
    (failure,) = found["failures"]
    reason = "The function failed: KeyError: 'attribute' (called with a batch, because batch_size is 6)"
    assert failure["reason"] == reason
    (finding,) = found["reports"][0]["report"]["findings"]
    assert finding["reason"] == reason
