"""Time and requests of the command line's lists of reports as more reports are stored."""

import gc
import re
import statistics
import time
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from alert_responder.contracts.primitives import format_rfc3339, utc_day
from alert_responder.domain.identifiers import ulid
from alert_responder.store import keys
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.reports.by_attribute import attribute_ids, reports_with_attribute
from alert_responder_cli.reports.by_day import newest
from alert_responder_cli.reports.query import ReportQuery
from alert_responder_cli.reports.summary import ReportList
from benchmarks.results import Result

FLAT = 1.5
_STORED = (100, 100_000)
_REPEATS = 15
_LIMIT = 50
_DAY = 86_400_000
_DAYS = 7
_NOW = 1_800_000_000_000 - 1_800_000_000_000 % _DAY + _DAY - 1
_EVERYWHERE, _OFTEN = "evil.example.net", "198.51.100.7"
_SEVERITIES = ("safe", "unclassified", "safe", "unclassified", "safe")
_DETECTORS = ("guardduty", "securityhub", "vpn", "edr")
_ONE_IN = 100
"""One of this many reports is urgent, and one has a rare detector."""


def measure() -> list[Result]:
    """Measure the processor time of each kind of list without the table's, and count the items read."""
    few, many = (_Table(count) for count in _STORED)
    results = []
    # In reality the table is in DynamoDB, so it must not slow down this process' garbage collector.
    gc.freeze()
    for what, ask in _questions().items():
        figures: dict[_Table, list[dict[str, float]]] = {table: [] for table in (few, many)}
        for _ in range(_REPEATS):
            for table, rows in figures.items():
                rows.append(_run(table, ask))
        medians = [
            {name: statistics.median(row[name] for row in rows) for name in rows[0]} for rows in figures.values()
        ]
        beside = {
            f"{name}, {count:,} stored": value
            for count, median in zip(_STORED, medians, strict=True)
            for name, value in median.items()
        }
        ratio = medians[1]["time [ms]"] / medians[0]["time [ms]"]
        title = f"{f'reports {what}'.strip()}, {_STORED[1]:,} stored and {_STORED[0]}"
        results.append(Result(25, title, FLAT, ratio, "x", beside=beside))
    gc.unfreeze()
    return results


def _questions() -> dict[str, Callable[[Installation], ReportList]]:
    since = _NOW - _DAYS * _DAY + 1

    def listed(first: int = since, **filters: Any) -> Callable[[Installation], ReportList]:
        query = ReportQuery(first, _NOW, limit=_LIMIT, **filters)
        return lambda installation: newest(installation, query, _NOW)

    def having(value: str, type_: str | None) -> Callable[[Installation], ReportList]:
        return lambda installation: reports_with_attribute(
            installation, value, type_, ReportQuery(0, _NOW, limit=_LIMIT), _NOW
        )

    return {
        "": listed(),
        "--day": listed(_NOW - _DAY + 1),
        "--severity safe": listed(severities=("safe",)),
        f"--severity urgent (1 in {_ONE_IN})": listed(severities=("urgent",)),
        "--detector vpn": listed(detectors=("vpn",)),
        f"--detector rare (1 in {_ONE_IN})": listed(detectors=("rare",)),
        "--detector that is in none": listed(detectors=("unknown",)),
        "--attribute that is in all": having(_EVERYWHERE, None),
        "--attribute that is in half of them": having(_OFTEN, "ipaddr"),
    }


def _run(table: "_Table", ask: Callable[[Installation], ReportList]) -> dict[str, float]:
    table.reset()
    installation = cast(Installation, SimpleNamespace(client=lambda *_, **__: table, table="secops"))
    gc.collect()
    begun = time.process_time()
    found = ask(installation)
    took = time.process_time() - begun - sum(table.seconds)
    return {
        "time [ms]": 1000 * took,
        "requests": len(table.seconds),
        "items read": sum(table.returned),
        "items looked at": sum(table.looked_at),
        "shown": len(found.reports),
    }


class _Table:
    """Answers queries as DynamoDB does, over reports that were opened evenly over the last days.

    Attributes
    ----------
    seconds, returned, looked_at
        For each query: its processor time here, which DynamoDB would spend, and the numbers of items returned and read.
    """

    def __init__(self, count: int) -> None:
        self._partitions: dict[str, list[tuple[str, int]]] = defaultdict(list)
        every, often = (attribute_ids(value, None) for value in (_EVERYWHERE, _OFTEN))
        for number in range(count):
            opened = _opened(number, count)
            report_id = ulid(opened, number.to_bytes(10, "big"))
            self._partitions[keys.day_shard(report_id, utc_day(opened))].append((report_id, number))
            for attribute_id in (*every, *(often if number % 2 == 0 else ())):
                self._partitions[f"attribute/{attribute_id}"].append((report_id, number))
        for entries in self._partitions.values():
            entries.sort()
        self.count = count
        self.reset()

    def reset(self) -> None:
        """Clear the figures."""
        self.seconds: list[float] = []
        self.returned: list[int] = []
        self.looked_at: list[int] = []

    def query(self, **request: Any) -> dict[str, Any]:
        """Answer a query from the end of a partition."""
        begun = time.thread_time()
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        entries = self._partitions.get(values.get(":shard") or values[":pk"], [])
        first = bisect_left(entries, (values[":first"], -1))
        last = bisect_right(entries, (values[":last"], self.count))
        if start := request.get("ExclusiveStartKey"):
            last = bisect_left(entries, ((start.get("report_id") or start["sk"])["S"], -1))
        page = entries[max(first, last - request["Limit"]) : last][::-1]
        fits = _filter(request, values)
        items = [self._item(report_id, number, request) for report_id, number in page if fits(number)]
        answer: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(page)}
        if len(page) == request["Limit"]:
            answer["LastEvaluatedKey"] = {"report_id": {"S": page[-1][0]}, "sk": {"S": page[-1][0]}}
        self.returned.append(len(items))
        self.looked_at.append(len(page))
        self.seconds.append(time.thread_time() - begun)
        return answer

    def _item(self, report_id: str, number: int, request: dict[str, Any]) -> dict[str, Any]:
        opened = format_rfc3339(_opened(number, self.count))
        texts = {
            "report_id": report_id,
            "sk": report_id if "IndexName" not in request else "meta",
            "title": f"Login from a new address {number}",
            "detector": _detector(number),
            "rule_id": "new-address",
            "created_at": opened,
            "updated_at": opened,
            "severity": _severity(number),
            "reason": "Not everything could be looked up.",
            "snapshot": f"snapshots/{report_id}/000001/{number}.json",
        }
        numbers = {"alert_count": 3, "round": 1, "expires_at": _NOW // 1000 + 1_000_000}
        return {
            **{name: {"S": text} for name, text in texts.items()},
            **{name: {"N": str(value)} for name, value in numbers.items()},
        }


def _opened(number: int, count: int) -> int:
    return _NOW - number * (_DAYS * _DAY) // count


def _severity(number: int) -> str:
    return "urgent" if number % _ONE_IN == 0 else _SEVERITIES[number % len(_SEVERITIES)]


def _detector(number: int) -> str:
    return "rare" if number % _ONE_IN == 1 else _DETECTORS[number % len(_DETECTORS)]


def _filter(request: dict[str, Any], values: dict[str, str]) -> Callable[[int], bool]:
    """Parse a filter such as ``#severity IN (:severity0, :severity1) AND #detector IN (:detector0)``."""
    query = {
        name: {values[each.strip()] for each in listed.split(",")}
        for name, listed in re.findall(r"#(\w+) IN \(([^)]*)\)", request.get("FilterExpression", ""))
    }
    severities, detectors = query.get("severity"), query.get("detector")
    return lambda number: (
        (severities is None or _severity(number) in severities)
        and (detectors is None or _detector(number) in detectors)
    )
