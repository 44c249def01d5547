"""Records that come again, in other batches and another order, change nothing."""

import base64
import random
import time

from tests.integration.event_source_mapping import EventSourceMapping, Record, invoke_function, read_shards
from tests.integration.pipeline import Pipeline
from tests.integration.receiving import WINDOW_MS, receptor, record


def test_every_record_again_in_shuffled_batches_changes_no_report_and_tells_nobody(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("again", ("ipaddr", "192.0.2.77"), suffix=f"-{n % 3}") for n in range(30)])

    def complete() -> bool:
        found = pipeline.of_key("again")
        return sum(s.alert_count for s in found) == 30 and all(s.settled for s in found)

    pipeline.wait(complete, "30 alerts in settled reports")
    before = told(pipeline, "again")
    assert len(before) == 3

    mine = on_the_stream(pipeline, "again")
    assert len(mine) == 30
    today = invoke_function(pipeline.installation.client("lambda"), f"{pipeline.installation.name}-receptor")
    a_day_later = receptor(pipeline.installation, later_ms=86_400_000)
    for seed, invoke in enumerate([today, today, today, a_day_later]):
        mapping = EventSourceMapping(invoke, batch_size=7, maximum_age_tries=5)
        shuffled = list(mine)
        random.Random(seed).shuffle(shuffled)
        mapping.deliver(shuffled)
        assert mapping.discarded == []

    pipeline.wait(lambda: all(s.settled for s in pipeline.of_key("again")), "settled reports")
    assert told(pipeline, "again") == before


def test_an_alert_after_the_window_opens_the_next_report_which_names_the_last(pipeline: Pipeline) -> None:
    opened = time.time()
    window = WINDOW_MS / 1000
    alert = pipeline.alert("window", ("ipaddr", "192.0.2.78"))
    today = invoke_function(pipeline.installation.client("lambda"), f"{pipeline.installation.name}-receptor")

    # Out of order, as two shards deliver: the last of the first window comes when the second is open already.
    for number, arrival in ((1, opened), (2, opened + window), (3, opened + window - 1)):
        assert today({"Records": [record(alert, number, arrival)]}) == {"batchItemFailures": []}
        pipeline.wait(lambda: all(s.settled for s in pipeline.of_key("window")), "settled reports")

    first, second = (pipeline.report(standing) for standing in pipeline.of_key("window"))
    assert (first["alert_count"], second["alert_count"]) == (2, 1)
    assert (first["previous_report_id"], second["previous_report_id"]) == (None, first["id"])


def on_the_stream(pipeline: Pipeline, key: str) -> list[Record]:
    """Read the records of a key from all shards."""
    shards = read_shards(pipeline.installation.client("kinesis"), pipeline.installation.stream)
    everything = [record for shard in shards.values() for record in shard]
    title = f"{key} of the tests".encode()
    return [record for record in everything if title in base64.b64decode(record["kinesis"]["data"])]


def told(pipeline: Pipeline, key: str) -> dict[str, tuple[int, list[tuple[str, int]]]]:
    """Read how many alerts each report of a key has, and who was told of it in which round."""
    return {
        s.report_id: (pipeline.report(s)["alert_count"], sorted((d.emitter, d.round) for d in s.deliveries))
        for s in pipeline.of_key(key)
    }


def test_the_mapping_isolates_what_keeps_failing() -> None:
    calls: list[list[str]] = []

    def invoke(event: dict[str, list[Record]]) -> dict[str, list[dict[str, str]]] | None:
        numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
        calls.append(numbers)
        if "13" in numbers:
            return None
        return {"batchItemFailures": [{"itemIdentifier": "5"}] if "5" in numbers and len(calls) < 3 else []}

    shard = [{"kinesis": {"sequenceNumber": str(number)}} for number in range(20)]
    mapping = EventSourceMapping(invoke, batch_size=20, maximum_age_tries=8)
    mapping.deliver(shard)
    assert [record["kinesis"]["sequenceNumber"] for record in mapping.discarded] == ["13"]
    done = {number for numbers in calls if "13" not in numbers for number in numbers}
    assert done == {str(number) for number in range(20)} - {"13"}
