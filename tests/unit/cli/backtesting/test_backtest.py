"""Another reviewer rates stored reports: it gets the same documents, and answers are validated as in production."""

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from rich.console import Console

from alert_responder.contracts.alert import Alert
from alert_responder.domain.records import Event
from alert_responder.errors import PluginThrottledError
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation as Made
from alert_responder_cli.backtesting import process_pool, rerate
from alert_responder_cli.backtesting.stored_ratings import UNRATED, UnreadableError, read_stored_round
from alert_responder_cli.checking.targets import LambdaFunction
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.summary import ReportSummary
from alert_responder_cli.terminal import console
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.fakes.node import have_node
from tests.unit.cli.aws_account import client, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.example_ratings import listed, rated
from tests.unit.cli.stored_reports import DAY, archive, meta, report_id, store, table, upload

ARN = "arn:aws:lambda:us-east-1:111122223333:function:policy"
POLICY = """
import json, os, sys, time

def handler(report, context):
    print("\\x1b[31mhostile")
    word, _, reason = report["title"].partition(":")
    if word == "fail":
        raise ValueError("no \\x1b[31m")
    if word == "die":
        os._exit(3)
    if word == "hang":
        time.sleep(60)
    return {"severity": word, "reason": reason or "new"} if word != "nothing" else None
"""


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


@pytest.fixture
def policy(tmp_path: Path) -> str:
    (tmp_path / "policy.py").write_text(POLICY)
    return f"{tmp_path / 'policy.py'}:handler"


def keep(titles: dict[str, str], age: int = 1000, reason: str = "old", reviewer: str | None = ARN) -> list[str]:
    """Store a report for each title, which tells the new reviewer what to answer, with what was said of it."""
    at = now() - age
    found: list[str] = []
    for number, (title, severity) in enumerate(titles.items()):
        store([meta(at - number, number, title=title, severity=severity)])
        result = {"severity": severity, "reason": reason, "reviewer": reviewer}
        archive(f"reports/{report_id(at - number, number)}/000001.json", {"title": title, "result": result})
        found.append(report_id(at - number, number))
    return found


def cells(found: dict[str, Any]) -> dict[tuple[str, str], int]:
    return {(cell["was"], cell["now"]): cell["reports"] for cell in found["cells"]}


def rounds(installation: Installation) -> list[str]:
    """Return the keys of the rounds, oldest first; beside each lies its page."""
    return sorted(key for key in installation.archive.objects if key.startswith("reports/") and key.endswith(".json"))


def test_the_reviewer_gets_the_same_document_as_the_original_one() -> None:
    given: list[dict[str, Any]] = []

    def reviewer(report: dict[str, Any]) -> dict[str, Any]:
        given.append(json.loads(json.dumps(report)))
        return {"severity": "urgent", "reason": "Because."}

    installation = Installation({"whois": lambda _: {"contents": [{"type": "note", "title": "n"}]}}, reviewer, {})
    attributes = [{"type": "domain", "value": "example.net"}]
    for number in range(2):
        alert = {"detector": "d", "rule_id": "r", "attributes": attributes, "description": f"{number}"}
        installation.receive(Event(f"e{number}", number, f"{number}", Alert.model_validate(alert)))
        installation.run()
    kept = [read_stored_round(installation.archive.objects[key]) for key in rounds(installation)]

    assert [stored.given for stored in kept] == given
    assert [(stored.rate, stored.reason) for stored in kept] == [("urgent", "Because.")] * 2


def test_a_report_that_no_reviewer_answered_is_unrated() -> None:
    installation = Installation({}, lambda _: PluginThrottledError("refused"), {})
    installation.receive(Event("e", 1, "1", Alert.model_validate({"detector": "d", "rule_id": "r"})))
    installation.run()
    (document,) = [installation.archive.objects[key] for key in rounds(installation)]

    assert read_stored_round(document).rate == UNRATED


@pytest.mark.parametrize(
    "document", [b"", b"[]", b"{}", b'{"result": 1}', b'{"result": {"severity": []}}', b"[" * 9999]
)
def test_an_object_that_is_not_a_report_is_unreadable(document: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_stored_round(document)


def test_changes_are_counted_and_listed(policy: str) -> None:
    urgent, _, _, same = keep(
        {"safe:fine": "urgent", "urgent:bad": "safe", "safe:still": "safe", "urgent:old": "urgent"}
    )
    (unrated,) = keep({"safe:x": "unclassified"}, age=DAY, reviewer=None)
    store([meta(now() - 5000, 99, title="open", snapshot=None)])

    found = answer("backtest", "--reviewer", policy)

    assert cells(found) == {
        ("urgent", "safe"): 1,
        ("urgent", "urgent"): 1,
        ("unrated", "safe"): 1,
        ("safe", "safe"): 1,
        ("safe", "urgent"): 1,
    }
    assert (found["reports"], found["changed"], found["reasons_changed"], found["not_reviewed"]) == (5, 3, 1, 1)
    assert [change["report_id"] for change in found["changes"]][:2] == [urgent, unrated]
    first = found["changes"][0]
    assert (first["was"], first["now"], first["old_reason"], first["new_reason"]) == ("urgent", "safe", "old", "fine")
    assert same not in {change["report_id"] for change in found["changes"]}
    assert found["troubles"] == []


def test_the_text_output_contains_the_same(policy: str, tmp_path: Path) -> None:
    keep({"safe:fine": "urgent", "urgent:bad": "urgent"})

    result = run("backtest", "--reviewer", policy, "--page", tmp_path / "page.html")

    assert result.exit_code == 0, result.output
    for said in ("old \\ new", "safe:fine", "fine", "1 of 2 reports rated differently, 1 report rated the same for"):
        assert said in result.stdout, said
    shown = (tmp_path / "page.html").read_text("utf-8")
    assert "1 would be rated differently" in " ".join(shown.split())
    assert "<h2>From urgent to safe: 1</h2>" in shown


SUPPRESSING = """
def handler(report, context):
    suppression = {"name": "n", "owner": "o", "reason": "r", "expires": "2099-01-01"}
    return {"severity": "safe", "reason": "known", "labels": ["new"], "suppressed": suppression}
"""


def test_suppressions_and_labels_are_compared_as_the_core_applies_them(tmp_path: Path) -> None:
    suppression = {"name": "n", "owner": "o", "reason": "r", "expires": "2099-01-01"}
    more: list[dict[str, Any]] = [{}, {"suppressed": suppression, "labels": ["new"]}, {"suppressed": suppression}]
    answers = iter(more)
    verdicts = iter(["harmless", "harmless", "malicious"])
    made = Installation(
        {"whois": lambda _: {"contents": [{"type": "note", "title": "n", "verdict": next(verdicts)}]}},
        lambda _: {"severity": "safe", "reason": "known", **next(answers)},
        {},
    )
    made.now = now()
    for number in range(3):
        alert = {"detector": "d", "rule_id": "r", "alert_key": f"{number}"}
        attributes = [{"type": "domain", "value": f"{number}.example.net"}]
        event = Event(f"e{number}", made.now, f"{number}", Alert.model_validate({**alert, "attributes": attributes}))
        made.receive(event)
        made.run()
    upload(made)
    (tmp_path / "suppressing.py").write_text(SUPPRESSING)
    reviewer = f"{tmp_path / 'suppressing.py'}:handler"

    found = answer("backtest", "--reviewer", reviewer)

    numbers = ("reports", "changed", "newly_suppressed", "no_longer_suppressed", "labels_changed")
    assert [found[name] for name in numbers] == [3, 0, 1, 0, 2]
    assert cells(found) == {("safe", "safe"): 2, ("unclassified", "unclassified"): 1}
    assert "1 report newly suppressed." in run("backtest", "--reviewer", reviewer).stdout


def test_missing_answers_are_counted_by_reason(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerate, "REVIEWER_SECONDS", 1)
    keep({"fail": "safe", "die": "safe", "hang": "urgent", "nothing": "safe", "terrible": "safe", "safe": "safe"})

    found = answer("backtest", "--reviewer", policy, "--concurrency", "1")

    assert cells(found) == {("urgent", "unrated"): 1, ("safe", "unrated"): 4, ("safe", "safe"): 1}
    assert found["troubled"] == 5
    reasons = {trouble["reason"]: trouble["outcome"] for trouble in found["troubles"]}
    assert reasons == {
        "The function failed: ValueError: no \\x1b[31m": "error",
        "The function failed: Runtime.ExitError: its process ended with status 3.": "error",
        "No answer within 1 s.": "timeout",
        "The answer is empty; it must be an object with severity and reason.": "invalid",
        "The answer is invalid: severity must be 'safe', 'unclassified' or 'urgent'.": "invalid",
    }


def test_a_report_missing_in_the_archive_is_not_compared(policy: str) -> None:
    keep({"safe": "safe"})
    lost, odd = meta(now() - DAY, 1), meta(now() - DAY, 2)
    store([lost, odd])
    archive(f"reports/{odd.report_id}/000001.json", b"no report")

    found = answer("backtest", "--reviewer", policy)

    assert (found["reports"], found["changed"], found["troubled"]) == (1, 0, 2)
    outcomes = {trouble["outcome"]: trouble["example"] for trouble in found["troubles"]}
    assert outcomes == {"missing": lost.report_id, "unreadable": odd.report_id}


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        ([], {"safe:new", "safe:two"}),
        (["--since", "12h"], {"safe:new"}),
        (["--until", "12h"], {"safe:two"}),
        (["--severity", "urgent"], {"safe:new"}),
        (["--since", "30d"], {"safe:new", "safe:two", "safe:old"}),
        (["--detector", "edr"], set()),
    ],
)
def test_reports_are_filtered_as_in_lists(policy: str, options: list[str], titles: set[str]) -> None:
    keep({"safe:new": "urgent"})
    keep({"safe:two": "unclassified"}, age=DAY)
    keep({"safe:old": "unclassified"}, age=20 * DAY)

    found = answer("backtest", "--reviewer", policy, *options)

    assert {change["title"] for change in found["changes"]} == titles


def test_a_period_without_reports_is_reported(policy: str) -> None:
    result = run("backtest", "--reviewer", policy)

    assert result.exit_code == 0
    assert "No reviewed report was opened between" in result.stdout


def test_a_reviewer_can_be_written_for_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have_node(monkeypatch)
    (tmp_path / "policy.mjs").write_text(
        "export const handler = async ({ title }) => ({ severity: title.split(':')[0], reason: 'new' });\n"
    )
    keep({"safe:": "urgent", "urgent:": "urgent"})

    found = answer("backtest", "--reviewer", f"{tmp_path}/policy.mjs:handler")

    assert {key: number for key, number in cells(found).items() if number} == {
        ("urgent", "safe"): 1,
        ("urgent", "urgent"): 1,
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--since", "1h", "--until", "2h"], "--since must be before --until"),
        (["--severity", "bad"], "got 'bad'"),
        (["--page", "/nowhere/page.html"], "The folder of --page does not exist: /nowhere."),
        (["--reviewer", "a b"], "got 'a b'"),
        (["--reviewer", "no_such_module:handler"], "no_such_module:handler cannot be loaded"),
    ],
)
def test_an_invalid_command_is_an_error(policy: str, options: list[str], sentence: str) -> None:
    keep({"safe:new": "urgent"})

    result = run("backtest", "--reviewer", policy, *options)

    assert result.exit_code == 2, result.output
    assert sentence in result.stderr


def test_fail_on_change_exits_with_1(policy: str) -> None:
    keep({"urgent:x": "urgent"})
    assert run("backtest", "--reviewer", policy, "--fail-on-change").exit_code == 0
    keep({"safe:y": "urgent"}, age=DAY)
    assert run("backtest", "--reviewer", policy, "--fail-on-change").exit_code == 1
    assert run("backtest", "--reviewer", policy).exit_code == 0


def test_no_emitter_is_notified_and_nothing_is_written(policy: str) -> None:
    installation = Installation({}, lambda _: {"severity": "urgent"}, {"inbox": lambda _: None})
    installation.now = now()
    installation.receive(
        Event("e", installation.now, "1", Alert.model_validate({"detector": "d", "rule_id": "r", "rule_name": "safe"}))
    )
    installation.run()
    upload(installation)
    before = client("dynamodb").scan(TableName="secops")["Items"]
    listed = client("s3").list_objects_v2(Bucket="secops-archive")["Contents"]

    assert answer("backtest", "--reviewer", policy)["changed"] == 1

    assert client("dynamodb").scan(TableName="secops")["Items"] == before
    assert client("s3").list_objects_v2(Bucket="secops-archive")["Contents"] == listed
    assert table().get(next(key for key in installation.table.items if key.sk == "head")) is not None


class Refusing(Access):
    """An account whose archive may not be read, and whose Lambda functions may not be called."""

    def client(self, service: str, **settings: Any) -> Any:
        def refuse(**_: Any) -> Any:
            message = f"User is not authorized to perform: {service}:Do on resource: arn:x because"
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, "Do")

        return type("Client", (), {"get_object": staticmethod(refuse), "invoke": staticmethod(refuse)})()


def test_a_missing_permission_is_named() -> None:
    installation = Made(Refusing(), "secops", "t", "b", "w", {})
    work = rerate.Work(installation, LambdaFunction("policy"), 2)
    with rerate.rater(work) as rate, pytest.raises(CommandError, match="the permission s3:Do on arn:x is missing"):
        list(rate([listed()]))


class Calling(Access):
    """An account with one report in its archive, and a reviewer on Lambda that can be watched."""

    def __init__(self, invoke: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        object.__setattr__(self, "invoke", invoke)

    def client(self, service: str, **settings: Any) -> Any:
        document = {"title": "t", "result": {"severity": "safe", "reason": "old", "reviewer": ARN}}

        def get_object(**_: Any) -> Any:
            return {"Body": io.BytesIO(json.dumps(document).encode())}

        def invoke(FunctionName: str, Payload: bytes, **_: Any) -> Any:  # noqa: N803 - boto3's names
            assert FunctionName == ARN
            return {"Payload": io.BytesIO(json.dumps(self.invoke(json.loads(Payload))).encode())}  # type: ignore[attr-defined]

        return type("Client", (), {"get_object": staticmethod(get_object), "invoke": staticmethod(invoke)})()


def test_concurrency_limits_the_calls_of_a_reviewer_on_lambda() -> None:
    running: list[int] = []
    at_work = threading.Lock()
    count = [0]

    def invoke(event: dict[str, Any]) -> Any:
        with at_work:
            count[0] += 1
            running.append(count[0])
        threading.Event().wait(0.01)
        with at_work:
            count[0] -= 1
        return {"severity": "urgent", "reason": event["result"]["reason"]}

    installation = Made(Calling(invoke), "secops", "t", "b", "w", {})
    with rerate.rater(rerate.Work(installation, LambdaFunction(ARN), 3)) as rate:
        found = list(rate(listed(number) for number in range(30)))

    assert [each.report.report_id for each in found] == [f"R{number}" for number in range(30)]
    assert {(each.was, each.now, each.new_reason) for each in found} == {("safe", "urgent", "Not reviewed yet.")}
    assert max(running) == 3


def test_only_reports_being_rated_are_in_memory() -> None:
    taken: list[int] = []

    def reports() -> Iterator[ReportSummary]:
        for number in range(1_000):
            taken.append(number)
            yield listed(number)

    installation = Made(Calling(lambda _: {"severity": "safe"}), "secops", "t", "b", "w", {})
    with rerate.rater(rerate.Work(installation, LambdaFunction(ARN), 3)) as rate:
        for number, _ in enumerate(rate(reports())):
            assert len(taken) - number <= 2 * rerate.READERS

    assert len(taken) == 1_000


def test_processes_get_only_a_few_batches_at_a_time() -> None:
    given: list[list[ReportSummary]] = []
    taken = 0

    class Executor:
        def submit(self, _: Any, batch: list[ReportSummary]) -> Any:
            given.append(batch)
            assert len(given) * process_pool.BATCH - taken <= 5 * process_pool.BATCH
            return type(
                "Future", (), {"result": staticmethod(lambda: [rated("safe", "safe", each) for each in batch])}
            )()

    reports = (listed(number) for number in range(1_000))
    executor: Any = Executor()
    for batch in rerate.in_order(executor, process_pool._rate, process_pool._batches(reports), 4):
        for one in batch:
            assert one.report.report_id == f"R{taken}"
            taken += 1

    assert taken == 1_000


@pytest.mark.parametrize("words", ["\x1b[2J\x07", "[red]x", "\u202ereversed", "line\nbreak"])
def test_hostile_text_is_harmless_at_the_terminal(words: str, policy: str) -> None:
    keep({f"safe:{words}": "urgent"}, reason=words)

    shown = run("backtest", "--reviewer", policy).stdout

    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "line\nbreak" not in shown
    if words == "[red]x":
        assert words in shown


def test_progress_is_shown_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Console(file=io.StringIO(), force_terminal=True, width=140, markup=False)
    monkeypatch.setattr(console, "error_console", lambda: screen)

    with console.elapsed_progress("Rating with \x1b[31mpolicy", 100) as passed:
        for number in range(100):
            passed(number)
    shown = screen.file.getvalue()  # type: ignore[attr-defined]

    assert "100 reports" in shown
    assert "a second" in shown
    assert "\x1b[31mpolicy" not in shown
