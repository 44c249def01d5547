"""The AWS quota that a stream of alerts reaches first: ``python -m benchmarks.limits``.

One second of alerts is distributed to shards, split into batches and grouped by the receptor's code. The resulting
requests to each service are compared with its default quota.
"""

import hashlib
import math
from collections import Counter
from dataclasses import dataclass

from alert_responder.contracts.alert import Alert
from alert_responder.domain.aggregation import by_alert_id
from alert_responder.domain.records import Event
from alert_responder.store.items import group_item
from alert_responder.store.reports import pack_groups

RATES = (10, 1_000, 100_000)
ALERTS_A_KEY = {"one incident": 0, "20 alerts an incident": 20, "all distinct": 1}
"""Number of alerts in a second that share a key; 0: all of them."""

BATCH, BYTES = 500, 700
SHARD_RECORDS, SHARD_BYTES = 1000, 1_000_000
CALL_SECONDS, THREADS, WORK_SECONDS = 0.008, 16, 0.0002
"""Assumptions: a DynamoDB call [s], groups stored concurrently, the receptor's work for an alert with 1 GB [s]."""

ROUND_SECONDS = 1.6
"""Assumption: time that coordinator and runner spend on a round, with plug-ins that take 0.3 s."""

OPEN_UNITS, ROUND_UNITS, STATES, OPEN_CALLS = 19, 23, 11, 4
"""Write units to open a report and for its round, states of a round, calls to open a report (tests/unit/usecases)."""

QUOTAS = {
    "shards of the stream: records": 1,
    "start of executions a second": 300,
    "state transitions a second": 5_000,
    "functions at once": 1_000,
    "write units a second, table": 40_000,
    "write units a second, one report": 1_000,
}
"""Defaults in us-east-1. One shard is this module's default; an account has 20,000 there."""


@dataclass(frozen=True)
class Demand:
    """The requests for a second of alerts, by the names of `QUOTAS`."""

    asked: dict[str, float]
    transactions: int

    def first(self) -> str:
        """Return the quota that is used or exceeded most."""
        return max(self.asked, key=lambda name: self.asked[name] / QUOTAS[name])


def demand(rate: int, alerts_a_key: int) -> Demand:
    """Group a second of alerts as receptors do, on as many shards as needed, and add up the requests.

    Each incident is assumed to be new and to get its round in the same second.
    """
    shards = max(1, math.ceil(max(rate / SHARD_RECORDS, rate * BYTES / SHARD_BYTES)))
    incidents = 1 if alerts_a_key == 0 else math.ceil(rate / alerts_a_key)
    dealt: list[list[int]] = [[] for _ in range(shards)]
    for number in range(rate):
        # As Kinesis distributes records with random partition keys.
        place = int.from_bytes(hashlib.md5(f"{number}".encode(), usedforsecurity=False).digest()[:4], "big") % shards
        dealt[place].append(number)
    transactions, table_units, busy = 0, 0, 0.0
    units: Counter[str] = Counter()
    for numbers in dealt:
        for start in range(0, len(numbers), BATCH):
            batch = [_event(number, number % incidents) for number in numbers[start : start + BATCH]]
            calls = 0
            for key, events in by_alert_id(batch).items():
                for group in pack_groups(events):
                    summary = len(group_item(group.summary)["summary"])
                    # Transactions cost twice the units: head, summary and bodies.
                    written = 2 * (1 + sum(math.ceil(size / 1024) for size in (summary, *map(len, group.bodies))))
                    units[key] += written
                    table_units += written
                    transactions += 1
                    calls += OPEN_CALLS
            busy += len(batch) * WORK_SECONDS + math.ceil(calls / THREADS) * CALL_SECONDS
    table_units += incidents * (OPEN_UNITS + ROUND_UNITS)
    asked: dict[str, float] = {
        "shards of the stream: records": shards,
        "start of executions a second": incidents,
        "state transitions a second": incidents * STATES,
        "functions at once": busy + incidents * ROUND_SECONDS,
        "write units a second, table": table_units,
        "write units a second, one report": max(units.values()),
    }
    return Demand(asked, transactions)


def main() -> None:
    """Print the table as Markdown."""
    heads = [name.replace(" a second", "/s") for name in QUOTAS]
    print(f"| alerts/s | of which | transactions/s | {' | '.join(heads)} | met first |")
    print("|---" * (len(heads) + 4) + "|")
    print(f"| | default quota | | {' | '.join(f'{quota:,}' for quota in QUOTAS.values())} | |")
    for rate in RATES:
        for what, alerts_a_key in ALERTS_A_KEY.items():
            found = demand(rate, alerts_a_key)
            cells = [_cell(found.asked[name], quota) for name, quota in QUOTAS.items()]
            over = found.asked[found.first()] > QUOTAS[found.first()]
            first = found.first() if over else "none"
            print(f"| {rate:,} | {what} | {found.transactions:,} | {' | '.join(cells)} | {first} |")


def _cell(asked: float, quota: float) -> str:
    text = f"{asked:,.0f}" if asked >= 10 else f"{asked:.1f}".removesuffix(".0")
    return f"**{text}**" if asked > quota else text


def _event(number: int, key: int) -> Event:
    fields = {
        "detector": "detector",
        "rule_id": "rule",
        "alert_key": f"key {key}",
        "description": "Something has happened that should not.",
        "attributes": [{"type": "ipaddr", "value": f"198.51.{key // 250 % 250}.{key % 250}"}],
        "body": {"message": "The original, as the detector wrote it. " * 8},
    }
    event_id = f"shardId-000000000000:{number:056d}:0"
    return Event(event_id, number, f"{number}", Alert.model_validate(fields))


if __name__ == "__main__":
    main()
