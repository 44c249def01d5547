"""Changes are shown as they happen, and settled reports are not read again."""

import io
import json
from collections.abc import Iterator

import pytest
from moto import mock_aws
from rich.console import Console

from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import find
from alert_responder_cli.reports.status import ReportStatus, read_stored_report
from alert_responder_cli.reports.watch import Watch, changes
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import REGION, make_installation
from tests.unit.cli.command_runner import run
from tests.unit.cli.stored_reports import upload
from tests.unit.domain.builders import attribute, event


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def installation() -> Installation:
    made = Installation(
        {"whois": lambda _: None},
        lambda _: {"severity": "urgent", "reason": "why"},
        {"inbox": lambda _: None},
        window_ms=3_600_000,
    )
    made.now = now() - 60_000
    made.receive(event(1, made.now, attribute("evil.example.net"), rule_name="[red]Login\x1b[2J"))
    return made


def test_each_change_is_yielded_once_and_settled_reports_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = installation()
    upload(made)
    read: list[str] = []

    def reading(table: object, report_id: str) -> object:
        read.append(report_id)
        return read_stored_report(table, report_id)  # type: ignore[arg-type]

    monkeypatch.setattr("alert_responder_cli.reports.watch.read_stored_report", reading)
    watch = Watch(find(Access(region=REGION)), 24, 10)

    def snapshots() -> Iterator[list[ReportStatus]]:
        yield watch.snapshot(now()).statuses
        made.run()
        upload(made)
        yield watch.snapshot(now()).statuses
        yield watch.snapshot(now()).statuses
        assert len(read) == 2
        made.receive(event(2, made.now - 59_000, attribute("more.example.net")))
        upload(made)
        yield watch.snapshot(now()).statuses

    found = list(changes(snapshots()))

    assert [(one.round, one.step, one.alert_count) for one in found] == [
        (1, "gathering alerts", 1),
        (1, "settled", 1),
        (2, "gathering alerts", 2),
    ]
    assert found[1].deliveries == {"inbox": "ok"}


def test_it_ends_when_all_reports_are_settled_and_prints_a_line_per_change() -> None:
    made = installation()
    made.run()
    upload(made)

    result = run("watch", "--until-settled")
    (document,) = map(json.loads, run("watch", "--until-settled", "--json").stdout.splitlines())

    assert result.exit_code == 0, result.output
    assert "[red]Login\\x1b[2J (k): round 1, 1 alert, settled, urgent, inbox ok" in result.stdout
    assert "\x1b[2J" not in result.stdout
    assert (document["severity"], document["deliveries"]) == ("urgent", {"inbox": "ok"})
    assert document["alert_key"] == "k"


def test_the_key_of_a_report_that_an_earlier_version_stored_is_read_from_its_alerts() -> None:
    made = installation()
    for item in made.table.items.values():
        item.pop("alert_key", None)
    upload(made)

    (status,) = Watch(find(Access(region=REGION), "secops"), 24, 15).snapshot(now()).statuses

    assert status.alert_key == "k"


def reports(number: int) -> None:
    made = installation()
    for other in range(1, number):
        made.receive(event(10 + other, made.now + other, alert_key=f"k{other}"))
    made.run()
    upload(made)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_excluded_reports_are_noted_beside_the_results(options: list[str]) -> None:
    reports(3)

    everything = run("watch", "--until-settled", "--limit", "3", *options)
    some = run("watch", "--until-settled", "--limit", "2", "--hours", "1", *options)

    assert everything.stderr == "Watching all reports opened less than 24 hours ago (--hours).\n"
    assert len(everything.stdout.splitlines()) == 3
    assert some.stderr == (
        "Watching the newest 2 reports (--limit) opened less than 1 hour ago (--hours); older ones are left out.\n"
    )
    assert len(some.stdout.splitlines()) == 2


def test_the_note_is_repeated_only_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    reports(1)
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 2:
            reports(3)
        if len(sleeps) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr("alert_responder_cli.commands.watch.time.sleep", sleep)

    said = run("watch", "--limit", "2").stderr.splitlines()

    assert [line.partition(" (")[0] for line in said] == [
        "Watching all reports opened less than 24 hours ago",
        "Watching the newest 2 reports",
    ]


def test_at_a_terminal_the_note_is_below_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    reports(3)
    shown = Console(file=io.StringIO(), force_terminal=True, width=120)
    monkeypatch.setattr("alert_responder_cli.commands.watch.output", lambda: shown)

    assert run("watch", "--until-settled", "--limit", "2").exit_code == 0

    assert "Watching the newest 2 reports (--limit)" in shown.file.getvalue()  # type: ignore[attr-defined]


def test_an_interruption_ends_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    upload(installation())

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("alert_responder_cli.commands.watch.time.sleep", interrupted)
    result = run("watch")

    assert result.exit_code == 130, result.output
    assert "Traceback" not in result.output
    assert "gathering alerts, not reviewed yet" in result.stdout
