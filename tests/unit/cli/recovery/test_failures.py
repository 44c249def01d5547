"""Failures are listed with what can be done about them; redriving notifies no emitter twice."""

import base64
import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.adapters.archive import S3Archive
from alert_responder.domain.identifiers import execution_name, ulid
from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder.kinesis_records import read_record
from alert_responder.store import items, keys
from alert_responder.store.reports import ReportStore, Retention
from alert_responder.usecases.counted_alerts import ReportCaps
from alert_responder.usecases.intake import receive_batch
from alert_responder.usecases.receive import Receiver
from alert_responder_cli.aws.access import Access
from alert_responder_cli.recovery.failures import Failure, grouped
from alert_responder_cli.reports.failures import may_reopen, of_report
from alert_responder_cli.times import now
from tests.fakes.failure_destination import invocation_record
from tests.fakes.installation import Installation
from tests.fakes.memory import MemoryWorkflow
from tests.unit.cli.aws_account import REGION, client, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.records.test_send import ALERT, ODD
from tests.unit.cli.recovery.test_rejected import _Body
from tests.unit.cli.stored_reports import archive, table, upload
from tests.unit.domain.builders import attribute, event


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


class Functions:
    """Lambda, as far as functions of the installation are called; everything else of AWS is left to moto."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, fails: bool = False) -> None:
        self.invoked: list[tuple[str, dict[str, Any]]] = []
        self._fails = fails
        client = Access.client

        def of_service(access: Access, service: str, **settings: Any) -> Any:
            made = client(access, service, **settings)
            if service == "lambda":
                monkeypatch.setattr(made, "invoke", self.invoke, raising=False)
            return made

        monkeypatch.setattr(Access, "client", of_service)

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        self.invoked.append((FunctionName, json.loads(Payload)))
        error = {"FunctionError": "Unhandled"} if self._fails else {}
        return {"Payload": _Body(b'{"batchItemFailures": [], "revived": 0}'), **error}


def made(pager: Any = None, *, inspect: Any = None) -> Installation:
    installation = Installation({"slow": lambda _: inspect}, None, {"pager": lambda _: pager, "inbox": lambda _: None})
    installation.now = now() - 60_000
    installation.receive(event(1, installation.now, attribute("evil.example.net")))
    installation.run()
    upload(installation)
    return installation


def give_up(number: int) -> str:
    record = {
        "eventID": f"shardId-0:{number}",
        "kinesis": {
            "sequenceNumber": str(number),
            "partitionKey": "p",
            "approximateArrivalTimestamp": 1_760_000_000.5,
            "data": "e30=",
        },
    }
    key, document = invocation_record([record], now() / 1000, tries=9, number=number)
    archive(key, document)
    return key


def abort(name: str) -> None:
    arn = client("stepfunctions").start_execution(
        stateMachineArn=f"arn:aws:states:{REGION}:123456789012:stateMachine:secops", name=name, input="{}"
    )["executionArn"]
    client("stepfunctions").stop_execution(executionArn=arn, error="States.Runtime", cause="[red]why\x1b[2J")


def test_no_failures_exit_with_0() -> None:
    made()

    result = run("failures", "list")

    assert result.exit_code == 0, result.output
    assert result.stdout == "No failures in this period.\n"


def test_all_failures_are_listed_with_their_reasons() -> None:
    report_id = made(PluginFailedError("no line \x1b[2J"), inspect=PluginTimeoutError("no answer")).heads()[0].report_id
    key = give_up(1)
    abort("of-somebody")

    result = run("failures", "list")
    found = {each["kind"]: each for each in answer("failures", "list", code=1)["failures"]}

    assert result.exit_code == 1
    assert "\x1b[2J" not in result.stdout
    assert found["delivery"]["what"] == f"{report_id}/pager/000001"
    assert (found["delivery"]["outcome"], found["delivery"]["redrive"]) == ("failed", "another round")
    assert found["delivery"]["reason"].startswith("no line")
    assert found["lookup"]["what"].startswith(f"{report_id}/slow/")
    assert (found["lookup"]["outcome"], found["lookup"]["redrive"]) == ("timeout", None)
    assert (found["batch"]["what"], found["batch"]["redrive"]) == (key, "replay")
    assert "after 9 tries" in found["batch"]["reason"]
    assert (found["execution"]["what"], found["execution"]["outcome"]) == ("of-somebody", "aborted")
    assert found["execution"]["redrive"] is None
    only = answer("failures", "list", "--kind", "batch", "--kind", "lookup", code=1)["failures"]
    assert {each["kind"] for each in only} == {"batch", "lookup"}


def open_again(installation: Installation) -> str:
    (head,) = installation.heads()
    installation.table.items[keys.head(head.report_id)] |= {"state": "open"}
    upload(installation)
    return head.report_id


def test_an_open_report_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = open_again(made())
    abort(execution_name(report_id, 1))
    functions = Functions(monkeypatch)

    (failure,) = answer("failures", "list", "--kind", "execution", code=1)["failures"]
    result = run("failures", "redrive", report_id.lower())

    assert (failure["report_id"], failure["redrive"]) == (report_id, "sweep")
    assert result.exit_code == 0, result.output
    assert f"{report_id}: swept. The report is open in round 1." in result.stdout
    assert functions.invoked == [("secops-coordinator", {"step": "sweep", "execution": f"{report_id}-1"})]


def test_a_failed_delivery_gets_one_other_round(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = made(PluginFailedError("no line")).heads()[0].report_id
    functions = Functions(monkeypatch)

    (first,) = answer("failures", "redrive", report_id)["reports"]
    (second,) = answer("failures", "redrive", report_id)["reports"]

    assert (first["done"], second["done"]) == ("reopened", "swept")
    head = items.read_head(table().get(keys.head(report_id)) or {})
    assert (head.state, head.round, head.started) == ("open", 2, 1)
    assert [event["execution"] for _, event in functions.invoked] == [f"{report_id}-2", f"{report_id}-2"]


def test_an_unknown_delivery_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = made(PluginTimeoutError("nobody knows")).heads()[0].report_id
    functions = Functions(monkeypatch)

    (failure,) = answer("failures", "list", code=1)["failures"]
    (done,) = answer("failures", "redrive", report_id)["reports"]

    assert (failure["outcome"], failure["redrive"], done["done"]) == ("unknown", None, "nothing")
    assert functions.invoked == []
    head = items.read_head(table().get(keys.head(report_id)) or {})
    assert (head.state, head.round) == ("settled", 1)


@pytest.mark.parametrize(
    ("outcomes", "safe"),
    [
        ({"emission/pager/000001": "failed"}, True),
        ({"emission/pager/000001": "failed", "emission/inbox/000001": "ok"}, True),
        ({"emission/pager/000001": "failed", "emission/inbox/000001": "unknown"}, False),
        ({"emission/pager/000001": "failed", "emission/inbox/000001": None}, False),
        ({"emission/pager/000001": "failed", "emission/pager/000002": "ok"}, False),
        ({"emission/pager/000001": "failed", "emission/pager/000002": "superseded"}, True),
        ({"emission/pager/000001": "unknown", "emission/pager/000002": "failed"}, False),
        (
            {"emission/pager/000001": "unknown", "emission/pager/000002": "ok", "emission/pager/000003": "failed"},
            True,
        ),
        ({"emission/pager/000001": "ok"}, False),
        ({}, False),
    ],
)
def test_another_round_is_safe_only_if_it_notifies_no_emitter_twice(
    outcomes: dict[str, str | None], safe: bool
) -> None:
    found: list[dict[str, Any]] = [
        {"sk": "head"},
        *({"sk": sk, "outcome": outcome} for sk, outcome in outcomes.items()),
    ]

    assert may_reopen(found) is safe


def test_all_redrives_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = made(PluginFailedError("no line")).heads()[0].report_id
    give_up(1)
    functions = Functions(monkeypatch)

    result = run("failures", "redrive", "--all")

    assert result.exit_code == 0, result.output
    assert "The sweeper checked all open reports." in result.stdout
    assert f"{report_id}: reopened. Round 2 repeats the failed deliveries." in result.stdout
    assert "The receptor processed 1 record of 1 object." in result.stdout
    assert [name for name, _ in functions.invoked] == ["secops-coordinator", "secops-coordinator", "secops-receptor"]
    assert functions.invoked[0][1] == {"step": "sweep"}


def listed(*options: str, code: int) -> dict[str, Any]:
    found: dict[str, Any] = answer("failures", "list", *options, code=code)
    return found


def test_a_failed_delivery_is_resolved_by_a_later_one() -> None:
    answers = [PluginFailedError("no line")] * 3
    installation = Installation({}, None, {"pager": lambda _: answers.pop() if answers else None})
    installation.now = now() - 60_000
    installation.receive(event(1, installation.now, attribute("evil.example.net")))
    installation.run()
    upload(installation)
    before = listed(code=1)
    (head,) = installation.heads()
    # As a redrive does it.
    assert ReportStore(installation.table, Retention(1)).reopen(head)
    installation.sweep()
    installation.run()
    upload(installation)

    after, everything = listed(code=0), listed("--all", code=0)
    shown, shown_all = run("failures", "list"), run("failures", "list", "--all")

    assert [(each["outcome"], each["open"], each["redrive"]) for each in before["failures"]] == [
        ("failed", True, "another round")
    ]
    assert (after["failures"], after["resolved"]) == ([], 1)
    assert [(each["what"], each["open"], each["redrive"]) for each in everything["failures"]] == [
        (f"{head.report_id}/pager/000001", False, None)
    ]
    assert (shown.exit_code, shown_all.exit_code) == (0, 0)
    assert shown.stdout.splitlines() == [
        "No unresolved failures in this period.",
        "1 resolved failure not listed: use --all.",
    ]
    assert "failed, resolved" in shown_all.stdout


@pytest.mark.parametrize(
    ("outcomes", "is_open"),
    [
        (["failed"], [True]),
        (["failed", "ok"], [False]),
        (["unknown", "late"], [False]),
        (["failed", "superseded"], [True]),
        (["failed", "failed"], [True, True]),
        (["failed", "failed", "ok"], [False, False]),
        (["ok", "failed"], [True]),
        (["unknown", "failed"], [True, True]),
    ],
)
def test_a_failed_delivery_is_unresolved_until_a_later_one_succeeds(outcomes: list[str], is_open: list[bool]) -> None:
    items_: list[dict[str, Any]] = [
        {"sk": "head", "state": "settled", "round": 9, "opened": 1_000},
        *(
            {"sk": f"emission/pager/{number:06d}", "outcome": outcome, "ended": number * 1_000}
            for number, outcome in enumerate(outcomes, start=1)
        ),
        {"sk": "emission/inbox/000008", "outcome": "ok"},
    ]

    found = of_report(items_, "R")

    assert [each.open for each in found] == is_open
    assert {each.of for each in found} == {"pager"}
    assert all(str(each.at).startswith("1970-01-01T00:00:0") for each in found)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "open"}, 1),
        ({"state": "open", "round": 2}, 0),
        ({"state": "settled"}, 0),
        # The execution failed three times, and so did the round without inspection and review.
        ({"state": "failed"}, 1),
        ({"state": "failed", "round": 2}, 0),
    ],
)
def test_a_failed_round_is_resolved_when_the_report_continues(changes: dict[str, Any], code: int) -> None:
    installation = made()
    (head,) = installation.heads()
    installation.table.items[keys.head(head.report_id)] |= changes
    upload(installation)
    abort(execution_name(head.report_id, 1))

    assert listed("--kind", "execution", code=code)["resolved"] == 1 - code


def batch(*documents: Any) -> tuple[str, list[dict[str, Any]]]:
    """Archive a batch that was given up, of records that came a minute ago; return its key and records."""
    records = [
        {
            "eventID": f"shardId-0:{number}",
            "kinesis": {
                "sequenceNumber": str(number),
                "partitionKey": "p",
                "approximateArrivalTimestamp": now() / 1000 - 60,
                "data": base64.b64encode(json.dumps(document).encode()).decode(),
            },
        }
        for number, document in enumerate(documents, start=1)
    ]
    key, document = invocation_record(records, now() / 1000, tries=9, number=1)
    archive(key, document)
    return key, records


def receive(records: list[dict[str, Any]]) -> None:
    """Do what the receptor does with records."""
    store = ReportStore(table(), Retention(90))
    numbers = itertools.count()
    s3 = S3Archive(client("s3"), "secops-archive")

    def new_id(milliseconds: int) -> str:
        return ulid(milliseconds, next(numbers).to_bytes(10, "big"))

    receiver = Receiver(store, MemoryWorkflow(), now, new_id, 3_600_000, ReportCaps(lambda: s3))
    # One thread: moto does not isolate transactions of several threads from each other.
    with ThreadPoolExecutor(1) as executor:
        intake = receive_batch(list(map(read_record, records)), receiver, lambda: s3, executor)
    assert not intake.failed


def test_a_batch_is_resolved_when_all_its_records_are_processed() -> None:
    key, records = batch(ALERT, [ALERT | {"alert_key": "bob"}, {"app": "door"}], ODD)

    nothing = listed("--kind", "batch", code=1)
    receive(records[:2])
    some = listed("--kind", "batch", code=1)
    receive(records)
    everything = listed("--kind", "batch", code=0)

    for found in (nothing, some):
        assert [(each["what"], each["open"], each["redrive"]) for each in found["failures"]] == [(key, True, "replay")]
    assert (everything["failures"], everything["resolved"]) == ([], 1)
    # It can still be named, and is not done again by --all.
    assert "3 records, resolved" in run("failures", "list", "--all").stdout


def test_an_unreadable_object_stays_unresolved() -> None:
    archive("aws/lambda/x", b"{}")

    (found,) = listed("--kind", "batch", code=1)["failures"]

    assert (found["outcome"], found["open"], found["redrive"]) == ("0 records", True, None)


def failure(number: int, **changes: Any) -> Failure:
    given = {"kind": "delivery", "what": f"R{number}/pager/000001", "of": "pager", "report_id": f"R{number}"}
    said = {"outcome": "failed", "reason": "HTTP 503", "at": f"2026-01-31T12:00:{number:02d}.000Z"}
    return Failure.model_validate({**given, **said, **changes})


def test_equal_failures_form_a_group_with_number_and_times() -> None:
    found = grouped(
        [
            *(failure(number) for number in (3, 1, 5, 2, 4)),
            failure(6, reason="HTTP 404"),
            failure(7, redrive="another round"),
            failure(8, open=False),
            failure(9, at=None, of="inbox"),
            failure(10, kind="execution", of=""),
        ]
    )

    assert [(group.kind, group.of, group.count) for group in found] == [
        ("execution", "", 1),
        ("delivery", "pager", 1),
        ("delivery", "pager", 1),
        ("delivery", "pager", 1),
        ("delivery", "pager", 5),
        ("delivery", "inbox", 1),
    ]
    group = found[4]
    assert (group.first, group.last) == ("2026-01-31T12:00:01.000Z", "2026-01-31T12:00:05.000Z")
    assert group.newest == ("R5/pager/000001", "R4/pager/000001", "R3/pager/000001")
    assert (found[5].first, found[5].last) == (None, None)


def test_equal_failures_are_listed_once() -> None:
    installation = Installation({}, None, {"pager": lambda _: PluginFailedError("no line")})
    installation.now = now() - 60_000
    for number in range(5):
        changes = {"alert_key": f"k{number}"}
        installation.receive(event(number, installation.now + number, attribute("a.example.net"), **changes))
    installation.run()
    upload(installation)

    result = run("failures", "list")
    found = listed(code=1)

    assert result.exit_code == 1
    assert result.stdout.startswith("5 deliveries of pager\n")
    assert "(UTC) failed, redrive: another round" in result.stdout
    assert result.stdout.count("no line") == 1
    assert result.stdout.count("/pager/000001") == 3
    assert "and 2 earlier ones: use --json" in result.stdout
    assert len(found["failures"]) == 5
    assert [(group["count"], group["reason"]) for group in found["groups"]] == [(5, "no line")]


def test_a_failed_sweep_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    Functions(monkeypatch, fails=True)

    result = run("failures", "redrive", "--all")

    assert result.exit_code == 2
    assert "The coordinator failed during the sweep; see its log." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["redrive"], "Give either ids"),
        (["redrive", "--all", "x"], "Give either ids"),
        (["redrive", "rejected/x"], "must be a report id or a key under aws/lambda/"),
        (["redrive", "0" * 26], "was not found"),
        (["list", "--kind", "flood"], "got 'flood'"),
    ],
)
def test_an_invalid_command_is_an_error(arguments: list[str], said: str) -> None:
    result = run("failures", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr
