"""The last calls of plug-ins are summarised from stored reports."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.errors import PluginFailedError, PluginThrottledError, PluginTimeoutError
from alert_responder_cli.plugins.health import MAX_REPORTS, Call, health
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import REGION, attach, make_function, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.stored_reports import DAY, meta, store, upload
from tests.unit.domain.builders import attribute, event

HOUR = 3_600_000


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def attach_all(*inspectors: str) -> None:
    for name in inspectors:
        attach("secops", "inspector", name, make_function(name))
    attach("secops", "reviewer", "policy", make_function("policy"))
    attach("secops", "emitter", "inbox", make_function("inbox"))
    attach("secops", "emitter", "pager", make_function("pager"))


def reports(count: int, reviewer: Any = None, **inspectors: Any) -> Installation:
    """Make reports an hour apart, the newest now, each with one attribute."""
    made = Installation(
        inspectors,
        reviewer or (lambda _: {"severity": "urgent", "reason": "why"}),
        {"inbox": lambda _: None, "pager": lambda _: PluginFailedError("no line \x1b[2J[red]")},
        window_ms=HOUR // 2,
    )
    made.now = now() - (count + 1) * HOUR
    for number in range(count):
        made.receive(event(number, made.now, attribute("evil.example.net")))
        made.run()
        made.now += HOUR
    upload(made)
    return made


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one["health"] for one in found}


def test_the_last_calls_are_summarised() -> None:
    attach_all("whois", "slow", "busy", "never")
    made = reports(
        3,
        whois=lambda _: None,
        slow=lambda _: PluginTimeoutError("no answer within 60 s"),
        busy=lambda _: PluginThrottledError("refused"),
    )

    found = by_name(answer("plugins"))

    newest = made.heads()[-1].report_id
    # Each report has a second round, since an inspector was refused: it is rated again, and the pager called again.
    assert {name: (one["calls"], one["answered"], one["throttled"], one["failed"]) for name, one in found.items()} == {
        "busy": (3, 0, 3, 0),
        "inbox": (3, 3, 0, 0),
        "never": (0, 0, 0, 0),
        "pager": (6, 0, 0, 6),
        "policy": (6, 6, 0, 0),
        "slow": (3, 0, 0, 3),
        "whois": (3, 3, 0, 0),
    }
    assert found["slow"]["outcomes"] == {"timeout": 3}
    assert (found["slow"]["last_failure"], found["slow"]["last_failure_report_id"]) == ("no answer within 60 s", newest)
    assert found["whois"]["last_failure"] is None
    for name in ("whois", "inbox", "policy", "pager"):
        assert 0 < found[name]["median_seconds"] <= found[name]["p95_seconds"] <= found[name]["longest_seconds"] < 1


def test_the_last_failure_of_the_reviewer_is_shown_with_its_reason() -> None:
    attach_all()
    reports(2, lambda _: PluginFailedError("it raised"))

    policy = by_name(answer("plugins"))["policy"]

    assert (policy["calls"], policy["failed"], policy["outcomes"]) == (2, 2, {"error": 2})
    assert "it raised" in policy["last_failure"]


def test_the_number_of_calls_is_limited() -> None:
    attach_all("whois")
    reports(4, whois=lambda _: None)

    assert by_name(answer("plugins", "--calls", "2"))["whois"]["calls"] == 2
    assert by_name(answer("plugins", "--calls", "0"))["whois"] is None


def test_the_table_shows_hostile_text_harmlessly() -> None:
    attach_all("whois", "never")
    made = reports(2, whois=lambda _: None)

    shown = run("plugins").stdout

    assert "Last calls, at most 20 of each plug-in:" in shown
    assert f"no line \\x1b[2J[red] (report {made.heads()[-1].report_id})" in shown
    assert "\x1b[2J" not in shown
    assert "No calls in the newest reports of the last 7 days: never." in shown


def test_the_number_of_reads_does_not_grow_with_the_number_of_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    attach_all("whois")
    at = now()
    store(meta(at - number * 60_000, number) for number in range(2 * MAX_REPORTS))
    store(meta(at - 8 * DAY - number, number) for number in range(50))
    asked: list[str] = []
    make = boto3.Session.client

    def counted(self: boto3.Session, *arguments: Any, **named: Any) -> Any:
        client = make(self, *arguments, **named)
        client.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
        return client

    monkeypatch.setattr(boto3.Session, "client", counted)
    answer("plugins")

    assert MAX_REPORTS <= asked.count("Query") < 2 * MAX_REPORTS


def test_percentiles_use_known_durations_only() -> None:
    times = [None, *(number / 10 for number in range(100, 0, -1))]
    found = health([Call(("inspector", "i"), "R", "ok", seconds, None) for seconds in times])

    assert (found.calls, found.median_seconds, found.p95_seconds, found.longest_seconds) == (101, 5.0, 9.5, 10.0)
    assert health([]).median_seconds is None


def test_cached_and_skipped_lookups_are_not_calls() -> None:
    attach_all("whois")
    made = reports(1, whois=lambda _: None)
    table: Any = boto3.resource("dynamodb", region_name=REGION).Table("secops")
    for key in [key for key in made.table.items if key.sk.startswith("task/")]:
        table.update_item(
            Key={"pk": key.pk, "sk": key.sk},
            UpdateExpression="SET outcome = :outcome",
            ExpressionAttributeValues={":outcome": "cached"},
        )

    assert by_name(answer("plugins"))["whois"]["calls"] == 0
