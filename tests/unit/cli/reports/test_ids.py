"""A report is found by a prefix of its id or as the latest; an ambiguous prefix is never resolved silently."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from alert_responder.domain.identifiers import ulid
from alert_responder_cli.aws.installation import Installation as Found
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports.ids import resolve_id
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.aws_account import make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.reports.test_reports import Counting
from tests.unit.cli.stored_reports import DAY, meta, report_id, store, upload
from tests.unit.domain.builders import attribute, event

AT = 1_800_000_000_000
"""The time in these tests [ms]: 2027-01-15T08:00:00Z."""


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def made(counting: Counting) -> Found:
    return counting.installation()


@pytest.mark.parametrize("length", [4, 5, 8, 10, 11, 25])
def test_a_long_prefix_is_searched_only_in_its_days(made: Found, counting: Counting, length: int) -> None:
    opened = AT - 40 * DAY
    store([meta(opened), meta(AT - 3 * DAY, 1), meta(AT - 90 * DAY, 2)])

    assert resolve_id(made, report_id(opened)[:length].lower(), AT) == (report_id(opened), None)
    # The eight shards of each day: four characters are 12.4 days, five are 9 hours.
    assert counting.requests <= 8 * {4: 14, 5: 2}.get(length, 1)


def test_a_full_id_is_not_searched(made: Found, counting: Counting) -> None:
    assert resolve_id(made, f" {report_id(AT).lower()} ", AT) == (report_id(AT), None)
    assert counting.requests == 0


def test_a_report_is_found_among_many_of_one_millisecond(made: Found, counting: Counting) -> None:
    ids = [ulid(AT, bytes([number]) * 10) for number in range(60)]
    store(meta(AT, number, report_id=each) for number, each in enumerate(ids))

    assert resolve_id(made, ids[33][:12], AT).report_id == ids[33]
    assert counting.requests <= 8
    assert counting.items == 1


def test_an_ambiguous_prefix_lists_the_matches(made: Found) -> None:
    store([meta(AT - 1, 1, alert_key="alice"), meta(AT - 2, 2, alert_key="[red]bob\x1b[2J")])

    with pytest.raises(CommandError, match="The ids of 2 reports start with 01M") as caught:
        resolve_id(made, report_id(AT - 1)[:7], AT)

    assert caught.value.lines == (
        f"{report_id(AT - 1, 1)}  2027-01-15 07:59:59  vpn Title 1 (alice)",
        f"{report_id(AT - 2, 2)}  2027-01-15 07:59:59  vpn Title 2 ([red]bob\\x1b[2J)",
    )


def test_of_many_matches_the_newest_are_listed(made: Found) -> None:
    store(meta(AT - number, number) for number in range(1, 40))

    with pytest.raises(CommandError, match="The ids of 10 reports or more start with") as caught:
        resolve_id(made, report_id(AT)[:6], AT)

    assert [line[:26] for line in caught.value.lines] == [report_id(AT - number, number) for number in range(1, 11)]


def test_a_short_prefix_is_searched_in_the_last_days_with_a_note(made: Found, counting: Counting) -> None:
    store([meta(AT - 2 * DAY, 1), meta(AT - 20 * DAY, 2)])
    short = report_id(AT)[:3]

    found = resolve_id(made, short, AT)

    assert found.report_id == report_id(AT - 2 * DAY, 1)
    assert found.note == f"{short} is {found.report_id}, the only match in the last 7 days."
    assert counting.requests <= 8 * 8
    store([meta(AT - DAY, 3)])
    with pytest.raises(CommandError, match="The ids of 2 reports of the last 7 days start with"):
        resolve_id(made, short, AT)


def test_a_short_prefix_of_an_older_report_is_an_error_with_advice(made: Found) -> None:
    store([meta(AT - 20 * DAY)])
    for short in (report_id(AT)[:3], "00", "0"):
        with pytest.raises(CommandError, match=r"of the last 7 days starts with .* give at least 4 characters"):
            resolve_id(made, short, AT)


@pytest.mark.parametrize("given", ["01HZZZZZ", "7ZZZZZZZZZZ", "ZZZZ", "0000", "01KG9Z9Q7R2D4B6C8E0FGHJKM"])
def test_a_prefix_without_a_match_is_an_error(made: Found, given: str) -> None:
    store([meta(AT)])
    with pytest.raises(CommandError, match=f"No report id starts with {given}"):
        resolve_id(made, given, AT)


@pytest.mark.parametrize("given", ["", " ", "../x", "01KI", "latest!", "0" * 27, "é", "\x1b[2J"])
def test_an_invalid_id_is_an_error(made: Found, given: str) -> None:
    with pytest.raises(CommandError, match="must be a report id") as caught:
        resolve_id(made, given, AT)
    assert "\x1b" not in str(caught.value)


def test_an_expired_report_is_not_found(made: Found) -> None:
    store([meta(AT - DAY)], expires_at=AT // 1000 - 1)
    with pytest.raises(CommandError, match="it may have expired"):
        resolve_id(made, report_id(AT - DAY)[:10], AT)


def test_the_latest_is_the_newest_of_all_shards(made: Found) -> None:
    with pytest.raises(CommandError, match="No report was opened in the last 31 days"):
        resolve_id(made, "latest", AT)
    store(meta(AT - number * 1_000, number) for number in range(30))

    assert resolve_id(made, "Latest", AT) == (report_id(AT), None)
    # A clock here that is behind that of the stream.
    store([meta(AT + 2_000, 99)])
    assert resolve_id(made, "latest", AT).report_id == report_id(AT + 2_000, 99)
    assert resolve_id(made, report_id(AT + 2_000, 99)[:10], AT).report_id == report_id(AT + 2_000, 99)


@pytest.fixture
def stored() -> list[str]:
    """Two reports of a whole installation."""
    made = Installation({}, lambda _: {"severity": "urgent", "reason": "why"}, {"inbox": lambda _: None})
    made.now = now()
    for number in range(2):
        made.receive(
            event(number, made.now - 9_000 + number * 5_000, attribute("a.example.net"), alert_key=f"k{number}")
        )
        made.run()
    upload(made)
    return sorted(head.report_id for head in made.heads())


def test_commands_accept_the_ids_that_lists_show(stored: list[str], tmp_path: Path) -> None:
    first, second = stored
    page = tmp_path / "page.html"

    assert f"report {first}, round 1" in run("report", first[:12]).stdout
    assert answer("report", "latest")["report_id"] == second
    assert answer("open", second[:12], "--no-browser", "--output", page)["report_id"] == second
    assert answer("open", "latest", "--no-browser", "--output", page)["report_id"] == second
    assert answer("failures", "redrive", first[:12], first)["reports"][0]["what"] == first


@pytest.mark.parametrize("command", [["report"], ["open", "--no-browser"], ["failures", "redrive"]])
def test_commands_reject_ambiguous_ids(stored: list[str], command: list[str]) -> None:
    result = run(*command, stored[0][:5])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split()[0] for line in result.stderr.splitlines()[1:]] == [*reversed(stored)]


def test_a_note_does_not_change_the_json() -> None:
    made = Installation({}, lambda _: {"severity": "urgent", "reason": "why"}, {})
    made.now = now()
    made.receive(event(1, made.now - 5_000, attribute("a.example.net")))
    made.run()
    upload(made)
    (head,) = made.heads()

    result = run("report", head.report_id[:2], "--json")

    assert result.stdout.startswith("{")
    assert result.stderr.strip() == f"{head.report_id[:2]} is {head.report_id}, the only match in the last 7 days."
