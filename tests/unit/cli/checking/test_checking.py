"""The contract test kit: good plug-ins pass, and each check finds the plug-in that violates it."""

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alert_responder.contracts.schemas import schema
from alert_responder.errors import PluginFailedError, PluginThrottledError, PluginTimeoutError, PluginUnreachableError
from alert_responder_cli.checking.cases import inspections
from alert_responder_cli.checking.results import Kind, grouped
from alert_responder_cli.checking.samples import HOSTILE, SAMPLES
from alert_responder_cli.errors import CommandError
from tests.unit.cli.function_target import CASES, REPORT_IDS, checked, found
from tools.paths import ROOT

REQUESTS: dict[Kind, str] = {"inspector": "inspection_task", "reviewer": "report", "emitter": "emission_request"}
Function = Callable[[Any], Any]


def inspect(task: Any) -> Any:
    """An inspector that does what it should."""
    kind, _ = task["attribute"]["type"], task["attribute"]["value"]
    if kind != "ipaddr":
        return None
    found = {"type": "domain", "value": "evil.example.net", "context": ["remote"]}
    return {"contents": [{"type": "host", "verdict": "malicious", "owner": ["x"]}], "new_attributes": [found]}


def reads_the_spelling(task: Any) -> Any:
    """An inspector that looks up what the alert says, in the alert's own words."""
    known = task["spelling"] in {"198.51.100.7", "alice"}
    return {"contents": [{"type": "note", "title": "known"}]} if known and task["attribute"]["value"] else None


def review(report: Any) -> Any:
    """A reviewer that does what it should."""
    answered = [finding for finding in report["findings"] if finding["outcome"] in ("ok", "empty", "cached")]
    return {
        "severity": "safe" if answered else "unclassified",
        "reason": f"{len(answered)} of {report['title']}"[:4000],
    }


def emit(emission: Any) -> Any:
    """An emitter that does what it should."""
    state = emission["state"] or {"id": emission["report"]["id"], "rounds": 0}
    return {"state": state, "url": "https://tracker.example.com/1"}


GOOD: dict[Kind, Function] = {"inspector": inspect, "reviewer": review, "emitter": emit}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_plug_in_passes(kind: Kind) -> None:
    result = checked(kind, GOOD[kind])

    assert result.problems == ()
    assert result.passed(strict=True)
    assert result.cases == len(CASES[kind])
    assert result.unseen
    assert result.times.first == pytest.approx(0.001)
    assert result.times.median == pytest.approx(0.001)


@pytest.mark.parametrize("kind", GOOD)
def test_requests_are_those_that_alert_responder_sends(kind: Kind) -> None:
    validator = Draft202012Validator(schema(REQUESTS[kind]))
    for case in CASES[kind]:
        fits = validator.is_valid(case.event)
        assert fits == (case.expected != "failure" and case.check != "unknown-fields"), case.name
    names = [case.name for case in CASES[kind]]
    assert len(names) == len(set(names))
    assert {case.like for case in CASES[kind]} | {case.state_of for case in CASES[kind]} <= {"", *names}


def test_there_is_a_task_for_every_type_and_every_hostile_value_reaches_a_value() -> None:
    sent = [case.event["attribute"] for case in CASES["inspector"] if case.expected == "answer"]

    assert {attribute["type"] for attribute in sent} == set(SAMPLES)
    for name, text in HOSTILE.items():
        if text.strip():
            assert any(text in attribute["value"] for attribute in sent), name


def test_types_select_the_requests() -> None:
    cases = inspections(REPORT_IDS[0], ["ipaddr", "x-own"])
    sent = {case.event["attribute"]["type"] for case in cases if case.expected == "answer"}

    assert sent == {"ipaddr", "x-own"}
    assert [case.name for case in cases if case.check == "hostile"] == [f"hostile: {name}" for name in HOSTILE]


def answering(answer: Any, kind: Kind = "inspector") -> Function:
    """Fail on invalid requests, and give the same answer to all others."""

    def function(event: Any) -> Any:
        GOOD[kind](event)
        return answer

    return function


def raising(error: Exception, when: Callable[[Any], bool], kind: Kind = "inspector") -> Function:
    def function(event: Any) -> Any:
        answer = GOOD[kind](event)
        if when(event):
            raise error
        return answer

    return function


class Counting:
    """Answers otherwise each time."""

    def __init__(self, kind: Kind) -> None:
        self._kind, self._numbers = kind, itertools.count()

    def __call__(self, event: Any) -> Any:
        GOOD[self._kind](event)
        number = next(self._numbers)
        match self._kind:
            case "inspector":
                return {"contents": [{"type": "note", "title": str(number)}]}
            case "reviewer":
                return {"severity": "urgent", "reason": str(number)}
            case "emitter":
                return {"state": {"issue": number}}


class Once:
    """Fails when a delivery is repeated."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, emission: Any) -> Any:
        answer = emit(emission)
        if emission["emission_id"] in self._seen:
            raise ValueError("told already")
        self._seen.add(emission["emission_id"])
        return answer


def rejects_unknown_fields(event: Any) -> Any:
    assert "added_later" not in event
    return inspect(event)


def reads_unknown_fields(event: Any) -> Any:
    inspect(event)
    return {"contents": [{"type": "note", "title": "t", "data": sorted(event)}]}


def repeats_what_it_is_asked(event: Any) -> Any:
    inspect(event)
    return {"new_attributes": [{name: event["attribute"][name] for name in ("type", "value")}]}


def forgets_its_state(emission: Any) -> Any:
    report, state = emission["report"]["id"], emission["state"]
    if report and state and "issue" in state:
        raise KeyError("number")
    return {"state": {"issue": 1}}


def hidden(note: Any) -> Any:
    return {"contents": [{"type": "note", "title": "t"} | note]}


SUPPRESSION = {"name": "n", "owner": "o", "reason": "r", "expires": "2099-01-01"}
HOSTILE_WORDS = HOSTILE["HTML"]
BROKEN: dict[str, tuple[Kind, Function, str, str]] = {
    # What it answers
    "a label in capitals": (
        "reviewer",
        answering({"severity": "urgent", "reason": "r", "labels": ["Network"]}, "reviewer"),
        "schema",
        "fault",
    ),
    "a suppression that never ends": (
        "reviewer",
        answering({"severity": "urgent", "reason": "r", "suppressed": SUPPRESSION | {"expires": None}}, "reviewer"),
        "schema",
        "fault",
    ),
    "a suppression until a day that does not exist": (
        "reviewer",
        answering(
            {"severity": "urgent", "reason": "r", "suppressed": SUPPRESSION | {"expires": "2027-02-30"}}, "reviewer"
        ),
        "limits",
        "fault",
    ),
    "a suppression of everything": (
        "reviewer",
        answering({"severity": "urgent", "reason": "r", "suppressed": SUPPRESSION}, "reviewer"),
        "suppression",
        "remark",
    ),
    "a label twice": (
        "reviewer",
        answering({"severity": "urgent", "reason": "r", "labels": ["a", "a"]}, "reviewer"),
        "labels",
        "remark",
    ),
    "no suppression in a report": (
        "emitter",
        raising(ValueError("suppressed"), lambda event: event["report"]["result"].get("suppressed"), "emitter"),
        "state",
        "fault",
    ),
    "an array": ("inspector", answering([]), "schema", "fault"),
    "a wrong verdict": ("inspector", answering({"contents": [{"type": "host", "verdict": "evil"}]}), "schema", "fault"),
    "no type": ("inspector", answering({"contents": [{"verdict": "malicious"}]}), "schema", "fault"),
    "text for a list": ("inspector", answering({"contents": [{"type": "host", "owner": "x"}]}), "schema", "fault"),
    "a yes for true": (
        "inspector",
        answering(
            {
                "contents": [
                    {
                        "type": "binary",
                        "related_malware": [{"sha256": "0", "scans": [{"vendor": "v", "positive": "yes"}]}],
                    }
                ]
            }
        ),
        "schema",
        "remark",
    ),
    "not JSON": ("inspector", answering(b"{'contents': []}"), "limits", "fault"),
    "an answer out of UTF-8": ("inspector", answering(b'{"contents": ["\xff"]}'), "limits", "fault"),
    "not a number": (
        "inspector",
        answering(b'{"contents": [{"type":"note","title":"t","data":NaN}]}'),
        "limits",
        "fault",
    ),
    "too large": ("inspector", answering(hidden({"text": "x" * 260_000})), "limits", "fault"),
    "nested too deep": (
        "inspector",
        answering(b'{"contents": [{"type":"note","title":"t","data":' + b"[" * 120 + b"]" * 120 + b"}]}"),
        "limits",
        "fault",
    ),
    "101 new attributes": (
        "inspector",
        answering({"new_attributes": [{"type": "x", "value": str(number)} for number in range(101)]}),
        "limits",
        "fault",
    ),
    "a long new attribute": (
        "inspector",
        answering({"new_attributes": [{"type": "x", "value": "x" * 5_000}]}),
        "limits",
        "fault",
    ),
    "a field misspelt": ("inspector", answering(hidden({"verdicts": "malicious"})), "unknown-field", "remark"),
    "only fields nobody knows": ("inspector", answering({"content": [{"type": "host"}]}), "unknown-field", "fault"),
    "an answer as for an API": (
        "inspector",
        answering({"statusCode": 200, "body": '{"contents": []}'}),
        "unknown-field",
        "fault",
    ),
    "an invalid link": ("inspector", answering(hidden({"link": "javascript:alert(1)"})), "link", "remark"),
    "a link that cannot be read": ("inspector", answering(hidden({"link": "https://[x"})), "link", "remark"),
    "a new attribute that does not fit": (
        "inspector",
        answering({"new_attributes": [{"type": "ipaddr", "value": "x"}]}),
        "new-attributes",
        "remark",
    ),
    "a new attribute of a type nobody knows": (
        "inspector",
        answering({"new_attributes": [{"type": "ip", "value": "192.0.2.1"}]}),
        "new-attributes",
        "remark",
    ),
    "the attribute itself": ("inspector", repeats_what_it_is_asked, "new-attributes", "remark"),
    "a new attribute twice": (
        "inspector",
        answering({"new_attributes": [{"type": "domain", "value": value} for value in ("a.test", "A.test.")]}),
        "new-attributes",
        "remark",
    ),
    "throttled with contents": ("inspector", answering(hidden({}) | {"throttled": "quota"}), "throttled", "remark"),
    "failed with contents": ("inspector", answering(hidden({}) | {"failed": "no table"}), "failed", "remark"),
    "unknown with contents": ("inspector", answering(hidden({}) | {"unknown": "no data"}), "unknown", "remark"),
    "null as a review": ("reviewer", answering(None, "reviewer"), "schema", "fault"),
    "a wrong severity": ("reviewer", answering({"severity": "terrible", "reason": "r"}, "reviewer"), "schema", "fault"),
    "a long reason": (
        "reviewer",
        answering({"severity": "safe", "reason": "x" * 4_001}, "reviewer"),
        "schema",
        "fault",
    ),
    "no reason": ("reviewer", answering({"severity": "urgent"}, "reviewer"), "reason", "remark"),
    "safe without an answer": (
        "reviewer",
        answering({"severity": "safe", "reason": "r"}, "reviewer"),
        "unanswered",
        "remark",
    ),
    "an url that is a number": ("emitter", answering({"url": 7}, "emitter"), "schema", "fault"),
    "a large state": ("emitter", answering({"state": "x" * 40_000}, "emitter"), "limits", "fault"),
    "an http url": ("emitter", answering({"url": "http://tracker.example.com/1"}, "emitter"), "link", "remark"),
    # What it does
    "raises on a task": (
        "inspector",
        raising(ValueError("no"), lambda task: task["attribute"]["type"] == "arn"),
        "answer",
        "fault",
    ),
    "raises on hostile words": (
        "inspector",
        raising(
            ValueError("no"),
            lambda task: (
                HOSTILE_WORDS in json.dumps(task["attribute"]["value"]) or HOSTILE_WORDS in task["attribute"]["value"]
            ),
        ),
        "hostile",
        "fault",
    ),
    "raises without findings": (
        "reviewer",
        raising(IndexError("no"), lambda report: not report["findings"], "reviewer"),
        "answer",
        "fault",
    ),
    "raises on null": (
        "reviewer",
        raising(TypeError("no"), lambda report: report["alerts"][0]["severity"] is None, "reviewer"),
        "answer",
        "fault",
    ),
    "raises when cut off": (
        "reviewer",
        raising(TypeError("no"), lambda report: report["truncated"], "reviewer"),
        "answer",
        "fault",
    ),
    "raises on a lookup that failed": (
        "reviewer",
        raising(ValueError("no"), lambda report: any(not one["contents"] for one in report["findings"]), "reviewer"),
        "answer",
        "fault",
    ),
    "raises on hostile reports": (
        "reviewer",
        raising(ValueError("no"), lambda report: HOSTILE_WORDS in report["title"], "reviewer"),
        "hostile",
        "fault",
    ),
    "rejects unknown fields": ("inspector", rejects_unknown_fields, "unknown-fields", "fault"),
    "reads unknown fields": ("inspector", reads_unknown_fields, "unknown-fields", "remark"),
    "does not take its own state": ("emitter", forgets_its_state, "state", "fault"),
    "tells twice": ("emitter", Counting("emitter"), "repeated", "remark"),
    "raises on a repeated delivery": (
        "emitter",
        Once(),
        "repeated",
        "fault",
    ),
    "reads the spelling": ("inspector", reads_the_spelling, "spelling", "remark"),
    "raises on an odd spelling": (
        "inspector",
        raising(ValueError("no"), lambda task: task["spelling"] not in {task["attribute"]["value"], HOSTILE_WORDS}),
        "spelling",
        "fault",
    ),
    "an inspector that is not sure": ("inspector", Counting("inspector"), "determinism", "remark"),
    "a reviewer that is not sure": ("reviewer", Counting("reviewer"), "determinism", "remark"),
    "answers nonsense": ("inspector", lambda task: {"contents": []}, "nonsense", "fault"),
    "is silent on nonsense": ("inspector", lambda task: None, "nonsense", "remark"),
    "rates nonsense": ("reviewer", lambda report: {"severity": "safe", "reason": "r"}, "nonsense", "fault"),
    "says null of nonsense": ("reviewer", lambda report: None, "nonsense", "fault"),
    "tells nonsense": ("emitter", lambda emission: {"state": 1}, "nonsense", "fault"),
    "dies": (
        "inspector",
        raising(PluginFailedError("The function failed: Runtime.ExitError: 1"), lambda task: True),
        "crash",
        "fault",
    ),
    "hangs": ("inspector", raising(PluginTimeoutError("No answer within 60 s."), lambda task: True), "time", "fault"),
    "has no capacity": (
        "inspector",
        raising(PluginThrottledError("Lambda refused every call."), lambda task: True),
        "throttled",
        "fault",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_check_finds_its_fault(name: str) -> None:
    kind, function, check, level = BROKEN[name]

    result = checked(kind, function)

    assert (check, level) in found(result)
    assert result.passed() == (not any(problem.level == "fault" for problem in result.problems))
    assert not result.passed(strict=True)


CHECKS = {
    "answer",
    "batches",
    "crash",
    "determinism",
    "failed",
    "hostile",
    "labels",
    "limits",
    "suppression",
    "link",
    "new-attributes",
    "nonsense",
    "reason",
}
CHECKS |= {
    "repeated",
    "schema",
    "spelling",
    "state",
    "throttled",
    "time",
    "unanswered",
    "unknown",
    "unknown-field",
    "unknown-fields",
}


def test_every_check_has_a_plug_in_that_fails_it() -> None:
    assert {check for _, _, check, _ in BROKEN.values()} == CHECKS - {"batches"}, "test_batches.py has those of batches"


def test_equal_problems_are_grouped_faults_first() -> None:
    result = checked("inspector", answering(hidden({"verdicts": "x", "verdict": "evil"})))
    remarks = checked("inspector", answering(hidden({"verdicts": "x"}))).problems

    (fault, faults), (remark, cases) = grouped([*remarks, *result.problems])
    assert (fault.level, fault.check, fault.path) == ("fault", "schema", "contents.0.verdict")
    assert (remark.level, remark.path, remark.allowed) == (
        "remark",
        "contents.0.verdicts",
        "verdict, source, link, type, title, text, data",
    )
    assert faults == cases == sum(case.expected != "failure" for case in CASES["inspector"])
    assert remark.case == CASES["inspector"][0].name


def test_the_documentation_lists_the_checks() -> None:
    table = (
        (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8").partition("| check |")[2].partition("\n\n")[0]
    )
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    assert set(re.findall(r"`([a-z-]+)`", " ".join(rows))) == CHECKS


def test_a_plug_in_that_crashes_only_on_invalid_requests_gets_a_remark() -> None:
    def dies(task: Any) -> Any:
        try:
            return inspect(task)
        except (AttributeError, KeyError, TypeError):
            raise PluginFailedError("The function failed: Runtime.ExitError: 1") from None

    assert found(checked("inspector", dies)) == {("crash", "remark")}


def test_a_plug_in_that_cannot_be_called_ends_the_check() -> None:
    def missing(task: Any) -> Any:
        raise PluginUnreachableError("Cannot be called: the function does not exist.")

    with pytest.raises(CommandError, match="does not exist"):
        checked("inspector", missing)


def test_problems_contain_the_path_the_problem_and_what_is_allowed() -> None:
    answer = {"contents": [{"type": "note", "title": "t"}, {"type": "host", "verdict": "evil"}]}
    (problem,) = {
        (problem.path, problem.what, problem.allowed) for problem in checked("inspector", answering(answer)).problems
    }

    assert problem == (
        "contents.1.verdict",
        'Invalid value: "evil".',
        "malicious, suspicious, harmless, unknown",
    )


def test_an_answer_without_a_known_field_is_one_problem() -> None:
    result = checked("inspector", answering({"findings": [], "Contents": []}))

    (problem,) = {(problem.path, problem.what, problem.allowed) for problem in result.problems}
    assert problem == (
        "",
        "No field is known (findings, Contents): the report shows an empty finding.",
        "contents, new_attributes, throttled, failed, unknown, incomplete",
    )
    assert not result.passed()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("inspector", {}), ("inspector", None), ("inspector", {"contents": []}), ("emitter", {}), ("emitter", None)],
)
def test_an_empty_answer_is_an_answer(kind: Kind, answer: Any) -> None:
    assert found(checked(kind, answering(answer, kind))) == set()


def test_an_emitter_with_additional_fields_gets_a_remark() -> None:
    assert found(checked("emitter", answering({"statusCode": 200}, "emitter"))) == {("unknown-field", "remark")}


@pytest.mark.parametrize(("type_", "own"), [("x-badge", ()), ("badge", ("badge",)), ("hostname", ())])
def test_known_types_get_no_remark(type_: str, own: tuple[str, ...]) -> None:
    function = answering({"new_attributes": [{"type": type_, "value": "1234"}]})

    assert checked("inspector", function, own_types=own).problems == ()


def test_slow_calls_get_a_remark() -> None:
    ticks = itertools.count()
    result = checked("emitter", emit, clock=lambda: next(ticks) * 20.0)

    assert found(result) == {("time", "remark")}
    assert result.problems[0].what == "The first call took 20.0 s."
    assert result.times.longest == 20


def test_a_receiver_that_is_notified_twice_is_detected() -> None:
    told: list[str] = []

    def tells(emission: Any) -> Any:
        if emission["report"]["status"] == "active":
            told.append(emission["report"]["id"])
        return emit(emission)

    result = checked("emitter", tells, received=lambda: len(told))

    assert found(result) == {("repeated", "remark")}
    assert "1 more request" in result.problems[0].what
    assert not any("told twice" in line for line in result.unseen)


def test_a_receiver_that_is_notified_of_a_resolved_report_without_state_is_detected() -> None:
    told: list[str] = []

    def tells(emission: Any) -> Any:
        if emission["report"]["status"] == "resolved" and emission["state"] is None:
            told.append(emission["report"]["id"])
        return emit(emission)

    result = checked("emitter", tells, received=lambda: len(told))

    assert found(result) == {("state", "remark")}
    assert result.problems[0].what == "A resolved report without state sent the receiver 1 request."


def test_an_emitter_gets_its_state_back_and_null_keeps_it() -> None:
    states: list[Any] = []

    def tells(emission: Any) -> Any:
        assert emission["report"]["round"]
        states.append(emission["state"])
        return {"state": {"issue": 1}} if emission["report"]["round"] == 1 else None

    checked("emitter", tells, cases=CASES["emitter"][:4])

    assert states == [None, None, {"issue": 1}, {"issue": 1}]


def test_each_case_is_announced_and_the_last_one_uses_a_new_process() -> None:
    names: list[str] = []
    checked("reviewer", review, on_progress=names.append)

    assert names == [case.name for case in CASES["reviewer"]]
    assert [case.name for case in CASES["reviewer"] if case.fresh] == ["first request again, in a new process"]
