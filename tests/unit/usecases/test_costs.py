"""The cost of a report and of an alert: all requests to AWS and calls of plug-ins, in an installation in memory.

The registry is not counted: three queries and a read in 30 s and container. `docs/capacity.md` turns these numbers into
money.
"""

from collections import Counter

from alert_responder.domain.records import Event
from alert_responder.store.table import Key, Put
from tests.fakes.installation import Installation
from tests.fakes.meter import PAGE_BYTES, Meter, MeteredTable
from tests.unit.usecases.test_rounds import by_count, event, note, remember

BATCH = 500
"""Default of `batch_size`."""


def installation(meter: Meter) -> Installation:
    """One inspector, a reviewer, one emitter."""
    return Installation({"inspector": note}, by_count, {"inbox": remember}, meter=meter)


def of_one_key(count: int) -> list[Event]:
    """Build alerts that arrive one after the other in one window."""
    first = event(1, "example.com")
    return [first._replace(event_id=f"e{n}", record=str(n), arrival=n // 3) for n in range(count)]


def test_requests_for_a_report_of_one_alert() -> None:
    meter = Meter()
    made = installation(meter)
    made.receive(event(1, "example.com"))
    opening = dict(meter.requests)
    made.run()
    assert made.report()["result"]["severity"] == "urgent"
    assert made.deliveries()["inbox", 1].outcome == "ok"
    assert opening == {"GetItem": 1, "TransactWriteItems": 1, "StartExecution": 1, "UpdateItem": 1}
    assert meter.requests == {
        "GetItem": 3,
        "BatchGetItem": 1,
        "Query": 4,
        "UpdateItem": 5,
        "BatchWriteItem": 1,
        "TransactWriteItems": 4,
        "StartExecution": 1,
        "GetObject": 1,
        "PutObject": 2,
        "CopyObject": 1,
        "Invoke": 3,
    }
    assert meter.requests.total() == 26
    assert (meter.read_units, meter.write_units) == (9, 42)


def test_a_report_with_a_report_before_it_makes_one_more_query() -> None:
    meter = Meter()
    made = installation(meter)
    made.receive(event(1, "example.com"))
    made.run()
    first = Counter(meter.requests)
    meter.reset()
    made.receive(event(2, "example.com")._replace(arrival=10**9))
    made.run()
    assert made.report()["previous_report_id"]
    assert meter.requests - first == {"Query": 1}
    assert first - meter.requests == {}


def test_a_resolved_report_makes_no_lookups_and_is_not_reviewed() -> None:
    meter = Meter()
    made = installation(meter)
    first = event(1, "example.com")
    made.receive(first)
    made.run()
    meter.reset()
    resolved = first._replace(event_id="e2", arrival=10**9, alert=first.alert.model_copy(update={"status": "resolved"}))
    made.receive(resolved)
    made.run()
    assert made.report()["status"] == "resolved"
    assert meter.requests["Invoke"] == 1
    assert meter.requests.total() == 22


def test_a_further_alert_before_the_report_is_planned_starts_nothing() -> None:
    meter = Meter()
    made = installation(meter)
    made.receive(event(1, "example.com"))
    meter.reset()
    made.receive(event(2, "example.com"))
    assert meter.requests == {"GetItem": 3, "TransactWriteItems": 1}
    meter.reset()
    made.run()
    # Two groups: their alerts are read one by one, not with the groups.
    assert meter.requests.total() == 26 - 4 + 2
    assert made.report()["alert_count"] == 2


def test_a_further_alert_in_a_batch_costs_nothing() -> None:
    meter = Meter()
    made = installation(meter)
    made.receive(event(1, "example.com"), event(2, "example.com"))
    made.run()
    assert meter.requests.total() == 26
    assert made.report()["alert_count"] == 2


def test_requests_for_an_alert_of_a_storm() -> None:
    meter, storm = Meter(), of_one_key(2000)
    made = installation(meter)
    for start in range(0, len(storm), BATCH):
        made.receive(*storm[start : start + BATCH])
    made.run()
    assert made.report()["alert_count"] == 2000
    # Four batches: opening, joining three times, a round, and the bodies of the first and the last.
    assert meter.requests.total() == 26 + 3 * 4 + 2
    assert meter.requests.total() / len(storm) <= 0.2


def test_requests_for_an_alert_of_a_storm_in_small_batches() -> None:
    """A storm on several shards arrives in batches of one second."""
    meter, storm = Meter(), of_one_key(2000)
    made = installation(meter)
    for start in range(0, len(storm), 25):
        made.receive(*storm[start : start + 25])
    made.run()
    assert made.report()["alert_count"] == 2000
    assert meter.requests.total() / len(storm) <= 0.2


def test_reads_are_charged_by_size() -> None:
    meter = Meter()
    table = MeteredTable(Installation().table, meter)
    for number in range(9):
        table.write(Put(Key("p", f"{number}"), {"data": b"x" * (PAGE_BYTES // 3 - 100)}))
    meter.reset()
    table.query("p", "0", "9")
    assert meter.requests == {"Query": 3}
    assert meter.read_units == 3 * PAGE_BYTES // 4096
    meter.reset()
    table.get_many([Key("p", f"{number}") for number in range(101)])
    assert meter.requests == {"BatchGetItem": 2}


def test_the_history_is_charged_by_the_number_of_attributes() -> None:
    """A report of 60 attributes: three requests for the history, and one read for each batch of ten lookups."""
    meter = Meter()
    made = installation(meter)
    made.receive(event(1, *(f"host{n}.example.com" for n in range(60))))
    made.run()
    assert meter.requests["BatchWriteItem"] == 3
    assert meter.requests["BatchGetItem"] == 6
    assert meter.requests["Invoke"] == 60 + 2
    assert len(made.report()["attributes"]) == 60
