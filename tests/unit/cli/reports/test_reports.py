"""Lists of reports are filtered, newest first, and read no more than necessary."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.attributes import identity
from alert_responder.domain.identifiers import index_shard
from alert_responder.store.reports import ReportStore, Retention
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation, find
from alert_responder_cli.errors import CommandError
from alert_responder_cli.reports import by_day
from alert_responder_cli.reports.by_attribute import attribute_ids
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.times import days_back, now, parse_time
from tests.unit.cli.aws_account import REGION, client, make_installation
from tests.unit.cli.command_runner import answer, run
from tests.unit.cli.stored_reports import DAY, meta, report_id, store, table

HOUR = 3_600_000


@pytest.fixture(autouse=True)
def account() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


class Counting:
    """A DynamoDB client that counts what is read."""

    def __init__(self) -> None:
        self._client = client("dynamodb")
        self.items = self.requests = 0

    def query(self, **request: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._client.query(**request)
        self.requests += 1
        self.items += found["ScannedCount"]
        return found

    def installation(self) -> Installation:
        counting = self

        class Counted(Access):
            def client(self, service: str, **settings: Any) -> Any:
                assert service == "dynamodb"
                return counting

        return Installation(Counted(), "secops", "secops", "b", "w", {})


def test_the_newest_come_first_from_all_shards_and_days() -> None:
    at = now()
    store(meta(at - number * 5 * HOUR, number) for number in range(20))

    result = run("reports")
    found = answer("reports", "--limit", "7")

    assert result.exit_code == 0, result.output
    assert result.stdout.index("Title 0") < result.stdout.index("Title 1") < result.stdout.index("Title 19")
    assert [report["title"] for report in found["reports"]] == [f"Title {number}" for number in range(7)]
    assert found["more"]
    assert not answer("reports")["more"]


@pytest.mark.parametrize("columns", [60, 100, None])
def test_incidents_of_one_rule_are_distinguished_by_their_keys(columns: int | None) -> None:
    at = now()
    store([meta(at - 1, 1, title="Login", alert_key="alice"), meta(at - 2, 2, title="Login", alert_key="b\x1b[2Job")])
    store([meta(at - 3, 3, title="Login")])

    shown = run("reports", columns=columns).stdout
    keys = [report["alert_key"] for report in answer("reports")["reports"]]

    assert keys == ["alice", "b\x1b[2Job", ""]
    assert "alice" in shown
    assert r"b\x1b[2Job" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("columns", [60, 80, 100, None])
def test_ids_are_not_broken_at_any_width(columns: int | None) -> None:
    report = meta(now() - HOUR, 1, title="A title that is longer than the line " * 8)
    store([report])

    shown = run("reports", columns=columns).stdout

    assert report.report_id in shown
    assert "unclassified" in shown
    # For another program no line is broken.
    assert (report.title.strip() in shown) == (columns is None)


def read_for(number: int, at: int, limit: int) -> tuple[int, int, list[str]]:
    counting = Counting()
    found = newest(counting.installation(), ReportQuery(at - 7 * DAY, at, limit=limit), at)
    assert len(found.reports) == min(number, limit)
    return counting.items, counting.requests, [report.report_id for report in found.reports]


def test_the_number_of_reads_is_the_same_for_10_and_1000_reports() -> None:
    at = now()
    ten = [meta(at - number * 1000, number) for number in range(10)]
    store(ten)
    few = read_for(10, at, 10)
    # On the same day and on earlier ones.
    store(meta(at - DAY - number * 300_000, number) for number in range(990))
    many = read_for(1000, at, 10)

    assert few[0] == 10
    assert many[0] == 10
    assert many[1] <= few[1]
    assert many[2] == few[2]


def test_the_limit_bounds_the_reads_of_a_full_day() -> None:
    at = 1_800_000_000_000 - 1_800_000_000_000 % DAY + DAY - 1
    store(meta(at - number * 1000, number) for number in range(200))
    few = read_for(200, at, 10)
    store(meta(at - number * 1000, number) for number in range(200, 1000))
    many = read_for(1000, at, 10)

    assert many == few
    assert few[0] <= 10 + 8 * 4


def test_a_filter_without_matches_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_day, "MAX_LOOKED_AT", 5)
    at = now()
    store(meta(at - number, number) for number in range(60))

    found = answer("reports", "--severity", "urgent", "--limit", "1")

    assert (found["reports"], found["more"]) == ([], True)
    assert 5 <= found["looked_at"] < 60
    shown = run("reports", "--severity", "urgent", "--limit", "1").stdout
    assert "No matching report was opened" in shown
    # Shards are read in threads: how many of their pages come before the end is known differs from run to run.
    looked_at = re.search(r"There may be more: (\d+) reports read\.", shown)
    assert looked_at
    assert 5 <= int(looked_at[1]) < 60


def test_a_filtered_list_that_read_all_reports_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_day, "MAX_LOOKED_AT", 60)
    at = 1_800_000_000_000 - 1_800_000_000_000 % DAY + DAY - 1
    store(meta(at - number, number) for number in range(50))

    found = newest(Counting().installation(), ReportQuery(at - DAY + 1, at, severities=("urgent",)), at)

    assert (found.reports, found.more, found.looked_at) == ((), False, 50)


def test_nothing_is_listed_beyond_what_was_read_in_all_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_day, "MAX_LOOKED_AT", 30)
    at = 1_800_000_000_000 - 1_800_000_000_000 % DAY + DAY - 1
    # One shard has many, so that it is given up; another has a few, one of them fits and is older.
    shards: dict[int, list[int]] = {}
    for number in range(4_000):
        shards.setdefault(index_shard(report_id(at - number, number)), []).append(number)
    crowded, sparse = shards[0][:200], shards[1][-1]
    store(meta(at - number, number) for number in crowded)
    store([meta(at - sparse, sparse, severity="urgent")])

    found = newest(Counting().installation(), ReportQuery(at - DAY + 1, at, severities=("urgent",)), at)

    assert (found.reports, found.more) == ((), True)


def test_filtered_reads_continue_until_the_list_is_full() -> None:
    at = 1_800_000_000_000 - 1_800_000_000_000 % DAY + DAY - 1
    store(meta(at - number, number, severity="urgent" if number % 40 == 0 else "safe") for number in range(1_200))
    counting = Counting()

    found = newest(counting.installation(), ReportQuery(at - DAY + 1, at, severities=("urgent",), limit=20), at)

    assert [report.report_id for report in found.reports] == [report_id(at - n * 40, n * 40) for n in range(20)]
    assert counting.requests <= 8 * 5


def test_filters_and_times() -> None:
    at = now()
    store(
        [
            meta(at - HOUR, 1, severity="urgent", title="[red]evil\x1b[2J"),
            meta(at - 2 * HOUR, 2, severity="safe", detector="edr"),
            meta(at - 3 * DAY, 3, severity="urgent", snapshot=None),
            meta(at - 20 * DAY, 4),
        ]
    )
    store([meta(at - HOUR, 5)], expires_at=at // 1000 - 1)

    def numbers(*arguments: str) -> list[int]:
        ids = [report["report_id"] for report in answer("reports", *arguments)["reports"]]
        return [int(each[-1]) for each in ids]

    assert numbers() == [1, 2, 3]
    assert numbers("--severity", "urgent") == [1, 3]
    assert numbers("--severity", "urgent", "--severity", "safe", "--detector", "vpn") == [1, 3]
    assert numbers("--detector", "edr") == [2]
    assert numbers("--since", "90m") == [1]
    assert numbers("--since", "30d") == [1, 2, 3, 4]
    assert numbers("--since", "1980-01-01") == [1, 2, 3, 4]
    day = meta(at - 20 * DAY).created_at[:10]
    assert numbers("--day", day) == [4]
    shown = run("reports").stdout
    assert "[red]evil\\x1b[2J" in shown
    assert "\x1b[2J" not in shown
    assert "not reviewed yet" in shown


def test_suppressed_reports_and_labels_are_marked_and_filtered() -> None:
    at = now()
    stored = [
        meta(at - HOUR, 1, suppressed="scanner", labels=("network",)),
        meta(at - 2 * HOUR, 2, suppressed="scanner", breakthrough="Something malicious.", labels=("network", "red")),
        meta(at - 3 * HOUR, 3, labels=("networks",)),
        meta(at - 4 * HOUR, 4),
    ]
    store(stored)
    for one in stored:
        evil = identity(Attribute(type="domain", value="evil.example.net"))
        ReportStore(table(), Retention(90)).remember_attributes(one, [evil], 4_000_000_000)

    for by_attribute in ((), ("--attribute", "evil.example.net")):

        def numbers(*arguments: str, others: tuple[str, ...] = by_attribute) -> list[int]:
            ids = [report["report_id"] for report in answer("reports", *others, *arguments)["reports"]]
            return [int(each[-1]) for each in ids]

        assert numbers("--suppressed") == [1]
        assert numbers("--label", "network") == [1, 2]
        assert numbers("--label", "red", "--label", "networks") == [2, 3]
        assert numbers("--label", "red", "--suppressed") == []
        assert numbers("--label", "network", "--severity", "unclassified") == [1, 2]
    (found,) = answer("reports", "--suppressed")["reports"]
    assert (found["suppressed"], found["breakthrough"], found["labels"]) == ("scanner", None, ["network"])
    assert run("reports").stdout.count("[SUPPRESSED] ") == 1


def test_reports_with_an_attribute_in_any_spelling() -> None:
    at = now()
    reports = ReportStore(table(), Retention(90))
    for number in range(3):
        attributes = [Attribute(type="domain", value=value) for value in ("evil.example.net", f"{number}.example.org")]
        one = meta(at - number * 40 * DAY, number, severity="urgent" if number else "safe", alert_key="k")
        reports.remember_attributes(one, [identity(each) for each in attributes], 4_000_000_000)

    def titles(*arguments: str) -> list[str]:
        return [report["title"] for report in answer("reports", "--attribute", *arguments)["reports"]]

    assert titles("EVIL[.]example.net") == ["Title 0", "Title 1", "Title 2"]
    assert titles("evil.example.net", "--type", "domain", "--limit", "1") == ["Title 0"]
    assert titles("evil.example.net", "--type", "username") == []
    assert titles("evil.example.net", "--severity", "safe") == ["Title 0"]
    assert titles("evil.example.net", "--since", "50d") == ["Title 0", "Title 1"]
    assert titles("1.example.org") == ["Title 1"]
    (found,) = answer("reports", "--attribute", "0.example.org")["reports"]
    assert (found["report_id"], found["reviewed"], found["round"]) == (report_id(at), True, None)
    assert found["alert_key"] == "k"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--day", "2026-01-31", "--since", "7d"], "cannot be used together"),
        (["--day", "yesterday"], "got 'yesterday'"),
        (["--since", "soon"], "must be 30m, 12h"),
        (["--since", "2026-13-01"], "A time must be"),
        (["--severity", "bad"], "must be one of safe, unclassified, urgent"),
        (["--type", "domain"], "requires --attribute"),
        (["--attribute", "x", "--type", "ipaddr"], "must be a value of type ipaddr, got 'x'"),
        (["--attribute", "x", "--type", "Not A Type"], "--type must be a word"),
    ],
)
def test_an_invalid_search_is_an_error(arguments: list[str], said: str) -> None:
    result = run("reports", *arguments)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_missing_permission_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    message = "User: x is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:x/index/y is missing"

    class Refusing:
        def query(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, "Query")

    made = find(Access(region=REGION))
    monkeypatch.setattr(Access, "client", lambda self, service, **_: Refusing())
    with pytest.raises(CommandError, match="permission dynamodb:Query on arn:aws:dynamodb:x/index/y is missing"):
        newest(made, ReportQuery(0, 1), 1)


def test_times() -> None:
    assert parse_time("7d", 8 * DAY) == DAY
    assert parse_time("9d", DAY) == 0
    assert parse_time("1970-01-02T00:00:00+01:00", 0) == DAY - HOUR
    assert days_back(2 * DAY, DAY - 1) == ["1970-01-03", "1970-01-02", "1970-01-01"]
    assert days_back(0, DAY) == ["1970-01-01"]
    assert attribute_ids("203.0.113.7", None)
