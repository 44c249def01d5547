"""`doctor --end-to-end` follows its alert through a whole installation, names each step that fails, and cleans up."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.domain.records import Event
from alert_responder.errors import PluginFailedError, PluginTimeoutError
from alert_responder.formats import parse_record
from alert_responder.store.table import Item
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.doctor import end_to_end as module
from alert_responder_cli.doctor.checks import AFTER, BEFORE, END_TO_END
from alert_responder_cli.doctor.end_to_end import end_to_end
from alert_responder_cli.doctor.examination import Check, Finding, examine
from alert_responder_cli.errors import CommandError
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import attach, client, make_installation
from tests.unit.cli.command_runner import run
from tests.unit.cli.stored_reports import table
from tools.paths import ROOT

TEMPLATE = (ROOT / "templates" / "workflow.asl.json.tftpl").read_text(encoding="utf-8")

START = 1_900_000_000_000
"""The time at which each test begins [ms]."""


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


class World:
    """An installation that works on the emulated account's table whenever the command waits.

    Attributes
    ----------
    works
        Whether records of the stream are read and rounds run.
    others
        Further alerts that arrive with the test alert.
    """

    def __init__(self, works: bool = True, delay: int = 10, **parts: Any) -> None:
        self.delivered: list[bool] = []
        self.now, self.works, self.others = START, works, 0
        given = {
            "inspectors": {"whois": lambda _: None},
            "reviewer": lambda _: {"severity": "safe", "reason": "secret"},
            "emitters": {"inbox": self._note},
        }
        self.made = Installation(**{**given, **parts}, table=table())  # type: ignore[arg-type]
        self.seen = 0
        # The expression that the module renders; its engine is not emulated.
        (settle,) = (line for line in TEMPLATE.splitlines() if "${inspection_delay_seconds}" in line)
        comment = settle.replace("${inspection_delay_seconds}", str(delay))
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed", "Comment": comment}}})
        (machine,) = client("stepfunctions").list_state_machines()["stateMachines"]
        client("stepfunctions").update_state_machine(stateMachineArn=machine["stateMachineArn"], definition=definition)

    def _note(self, emission: dict[str, Any]) -> dict[str, Any]:
        self.delivered.append(emission["report"]["test"])
        return {"note": "secret"}

    def wait(self, seconds: float) -> None:
        self.now += int(seconds * 15_000)  # Fewer polls than a second each would need.
        self.made.now = self.now
        if self.works:
            for record in self.records()[self.seen :]:
                self.receive(record)
            self.made.run()

    def receive(self, record: dict[str, Any]) -> None:
        ((parsed,), rejected) = parse_record(record["Data"])
        assert not rejected
        self.seen += 1
        events = [Event(f"e{self.seen}-{n}", self.now, str(self.seen), parsed.alert) for n in range(1 + self.others)]
        self.made.receive(*events)

    def records(self) -> list[dict[str, Any]]:
        kinesis = client("kinesis")
        (shard,) = kinesis.list_shards(StreamName="secops")["Shards"]
        start = kinesis.get_shard_iterator(
            StreamName="secops", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )
        found: list[dict[str, Any]] = kinesis.get_records(ShardIterator=start["ShardIterator"])["Records"]
        return found

    def examine(self) -> list[Finding]:
        check = Check(
            "end-to-end", END_TO_END[0].permissions, lambda made: end_to_end(made, lambda: self.now, self.wait)
        )
        return examine([check], find(Access(region="us-east-1"), "secops"))


def marks() -> list[Item]:
    return table().query("config", "test/", "test/~")


def sentences(found: list[Finding], state: str) -> str:
    return " ".join(finding.sentence for finding in found if finding.state == state)


def test_each_step_is_found_with_its_time_and_the_mark_is_deleted() -> None:
    world = World()
    found = world.examine()
    assert {finding.state for finding in found} == {"ok"}
    said = sentences(found, "ok")
    for part in (
        "The test alert is in the report ",
        "Round 1 was planned.",
        "The lookup of the domain by whois ended as empty.",
        "The reviewer rated the report safe.",
        "The delivery to inbox ended as ok.",
        "The report is settled; its mark is deleted.",
    ):
        assert part in said
    assert all(finding.seconds is not None for finding in found)
    assert world.delivered == [True]
    assert marks() == []
    assert "secret" not in json.dumps([finding.model_dump() for finding in found])


def test_the_mark_is_valid_for_15_minutes_and_its_nonce_is_never_used_again() -> None:
    for _ in range(2):
        World(works=False).examine()
    sent = [json.loads(record["Data"])["alert_key"] for record in World().records()]
    assert len(set(sent)) == len(marks()) == 2
    assert all(len(nonce) == 32 for nonce in sent)
    assert {mark["expires_at"] for mark in marks()} == {START // 1000 + 900}
    assert {mark["valid_from"] for mark in marks()} == {START - 300_000}


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "nothing reads the stream": ({"works": False}, "problem", "is in no report after 3 minutes"),
    "inspector fails": (
        {"inspectors": {"whois": lambda _: PluginTimeoutError("secret")}},
        "problem",
        "The lookup of the domain by whois ended as timeout.",
    ),
    "no inspector": ({"inspectors": {}}, "ok", "No lookup was made"),
    "reviewer fails": (
        {"reviewer": lambda _: PluginFailedError("secret")},
        "problem",
        "The review ended as error: the report is unclassified.",
    ),
    "no reviewer": ({"reviewer": None}, "warning", "No reviewer was called"),
    "emitter fails": (
        {"emitters": {"inbox": lambda _: PluginFailedError("secret")}},
        "problem",
        "The delivery to inbox ended as failed after 3 attempts.",
    ),
    "delay beyond the mark": ({"delay": 600}, "warning", "No test alert was sent: reports wait 600 s"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_step_that_fails_is_named_with_advice(fault: str) -> None:
    parts, state, sentence = FAULTS[fault]
    world = World(**parts)
    found = world.examine()
    assert sentence in sentences(found, state)
    assert all(finding.advice for finding in found if finding.state != "ok")
    assert "secret" not in json.dumps([finding.model_dump() for finding in found])
    # The mark of an alert that may still arrive is left to expire.
    assert len(marks()) == (fault == "nothing reads the stream")


def test_a_report_that_was_not_handled_as_a_test_is_a_problem() -> None:
    world = World()
    world.others = 1
    found = world.examine()
    assert "The report was not handled as a test" in sentences(found, "problem")
    assert world.delivered == [False]


def test_a_report_that_does_not_settle_is_a_problem_and_keeps_its_mark() -> None:
    world = World()
    world.made.run = lambda: None  # type: ignore[method-assign]
    found = world.examine()
    assert "is not settled after 15 minutes: gathering alerts" in sentences(found, "problem")
    assert len(marks()) == 1
    assert world.now >= START + 900_000


def test_an_emitter_whose_filter_excludes_the_report_is_named() -> None:
    attach("secops", "emitter", "pager", "arn:pager", severities=["urgent"])
    only_urgent = EmitterPlugin(name="pager", arn="pager", version=1, severities=("urgent",))
    world = World(emitters={"pager": lambda _: None}, filters=[only_urgent])
    found = world.examine()
    assert "The emitter pager is not notified: its filter excludes the report." in sentences(found, "ok")


def test_a_suppression_of_the_test_report_is_named() -> None:
    attach("secops", "emitter", "pager", "arn:pager")
    suppression = {"name": "everything", "owner": "o", "reason": "r", "expires": "2099-01-01"}
    world = World(reviewer=lambda _: {"severity": "safe", "reason": "known", "suppressed": suppression})
    found = world.examine()
    assert "the reviewer suppressed the test report by everything" in sentences(found, "warning")
    assert world.delivered == []


def test_a_missing_permission_keeps_the_findings_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: object) -> Any:
        raise CommandError("Access denied.")

    monkeypatch.setattr(module, "registered", denied)
    found = World().examine()
    assert sentences(found, "unknown") == "Access denied."
    assert "The delivery to inbox ended as ok." in sentences(found, "ok")


def test_options_and_permissions() -> None:
    assert "cannot be used together" in run("doctor", "--before", "--end-to-end").output
    given = run("doctor", "--end-to-end", "--permissions").stdout.split()
    assert given == sorted({action for check in (*BEFORE, *AFTER, *END_TO_END) for action in check.permissions})
    assert "kinesis:PutRecords" not in run("doctor", "--permissions").stdout
