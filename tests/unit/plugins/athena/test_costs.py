"""The costs that the module's README states."""

from datetime import UTC, datetime, timedelta

from alert_responder_plugins.athena.client import price
from alert_responder_plugins.athena.partitions import partition_predicate
from alert_responder_plugins.logs.windows import around
from tools.paths import ROOT

GB = 1_000_000_000


def usd(size: float) -> str:
    return f"{price(int(size), 5.0):,.2f} USD"


def test_days_that_a_shared_query_reads() -> None:
    """The limit of a query must allow the partitions of alerts whose times are a day apart, at any time of day."""

    def most(hours_before: int) -> int:
        before, after = timedelta(hours=hours_before), timedelta(hours=1)
        ends = [datetime(2026, 11, 26, hour, 20, tzinfo=UTC) for hour in range(24)]
        shared = [around(at, at, before, after) | around(at - timedelta(days=1), at, before, after) for at in ends]
        return max(partition_predicate({"day": "yyyy/MM/dd"}, window).count(",") + 1 for window in shared)

    text = " ".join((ROOT / "modules" / "athena" / "README.md").read_text(encoding="utf-8").split())
    words = {4: "four", 10: "ten"}
    assert f"must be above what {words[most(24)]} days of the table have" in text
    assert f"A query then reads up to {words[most(168)]} days" in text


def test_costs_of_a_query() -> None:
    moment = datetime(2026, 11, 27, 15, 20, tzinfo=UTC)
    window = around(moment, moment, timedelta(hours=24), timedelta(hours=1))
    hours = partition_predicate({"hour": "yyyy/MM/dd/HH"}, window).count(",") + 1
    days = partition_predicate({"day": "yyyy/MM/dd"}, window).count(",") + 1
    text = (ROOT / "modules" / "athena" / "README.md").read_text(encoding="utf-8")
    table = text.split("<!-- costs -->")[1].split("<!-- end -->")[0]
    for name, size in (("10 GB", 10 * GB), ("1 TB", 1000 * GB), ("10 TB", 10_000 * GB)):
        row = f"| {name} | {usd(size * hours / 24)} | {usd(size * days)} | {usd(size * 365)} |"
        assert row in table, row
