"""What failed is listed with what can be done about it; doing it tells nobody twice."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.domain.identifiers import execution_name
from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder.store import items, keys
from alert_responder_cli.aws import Access
from alert_responder_cli.failing import reopening_is_safe
from alert_responder_cli.times import now
from tests.fakes.failure_destination import invocation_record
from tests.fakes.installation import Installation
from tests.unit.cli.account import REGION, make_installation
from tests.unit.cli.running import answer, run
from tests.unit.cli.stored import archive, table, upload
from tests.unit.cli.test_rejected import _Body
from tests.unit.domain.making import attribute, event


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
    client: Any = boto3.client("stepfunctions", region_name=REGION)
    arn = client.start_execution(
        stateMachineArn=f"arn:aws:states:{REGION}:123456789012:stateMachine:secops", name=name, input="{}"
    )["executionArn"]
    client.stop_execution(executionArn=arn, error="States.Runtime", cause="[red]why\x1b[2J")


def test_nothing_failed_is_said_and_ends_with_0() -> None:
    made()

    result = run("failures", "list")

    assert result.exit_code == 0, result.output
    assert result.stdout == "Nothing failed in that time.\n"


def test_everything_that_failed_is_listed_with_the_reason() -> None:
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


def test_a_dead_round_of_an_open_report_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = open_again(made())
    abort(execution_name(report_id, 1))
    functions = Functions(monkeypatch)

    (failure,) = answer("failures", "list", "--kind", "execution", code=1)["failures"]
    result = run("failures", "redrive", report_id.lower())

    assert (failure["report_id"], failure["redrive"]) == (report_id, "sweep")
    assert result.exit_code == 0, result.output
    assert f"{report_id}: swept. It is open, in round 1." in result.stdout
    assert functions.invoked == [("secops-coordinator", {"step": "sweep", "execution": f"{report_id}-1"})]


def test_a_delivery_that_failed_gets_another_round_once(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = made(PluginFailedError("no line")).heads()[0].report_id
    functions = Functions(monkeypatch)

    (first,) = answer("failures", "redrive", report_id)["reports"]
    (second,) = answer("failures", "redrive", report_id)["reports"]

    assert (first["done"], second["done"]) == ("reopened", "swept")
    head = items.read_head(table().get(keys.head(report_id)) or {})
    assert (head.state, head.round, head.started) == ("open", 2, 1)
    assert [event["execution"] for _, event in functions.invoked] == [f"{report_id}-2", f"{report_id}-2"]


def test_what_may_have_been_told_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_another_round_is_safe_only_if_it_tells_nobody_twice(outcomes: dict[str, str | None], safe: bool) -> None:
    found: list[dict[str, Any]] = [
        {"sk": "head"},
        *({"sk": sk, "outcome": outcome} for sk, outcome in outcomes.items()),
    ]

    assert reopening_is_safe(found) is safe


def test_all_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    report_id = made(PluginFailedError("no line")).heads()[0].report_id
    give_up(1)
    functions = Functions(monkeypatch)

    result = run("failures", "redrive", "--all")

    assert result.exit_code == 0, result.output
    assert "The sweeper has looked after all open reports." in result.stdout
    assert f"{report_id}: reopened. Round 2 tells those who were not told." in result.stdout
    assert "The receptor took 1 record of 1 object." in result.stdout
    assert [name for name, _ in functions.invoked] == ["secops-coordinator", "secops-coordinator", "secops-receptor"]
    assert functions.invoked[0][1] == {"step": "sweep"}


def test_a_coordinator_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    Functions(monkeypatch, fails=True)

    result = run("failures", "redrive", "--all")

    assert result.exit_code == 2
    assert "The coordinator failed to sweep; its log says why." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["redrive"], "Say what"),
        (["redrive", "--all", "x"], "Say what"),
        (["redrive", "rejected/x"], "neither a report id nor a key below aws/lambda/"),
        (["redrive", "0" * 26], "There is no report"),
        (["list", "--kind", "flood"], "There is no kind 'flood'"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], said: str) -> None:
    result = run("failures", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr
