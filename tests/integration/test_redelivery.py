"""Records that come again, in other batches and another order, change nothing."""

import base64
import random

from tests.integration.event_source_mapping import EventSourceMapping, Record, invoke_function, read_shards
from tests.integration.pipeline import Pipeline


def test_every_record_again_in_shuffled_batches_changes_no_report_and_tells_nobody(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("again", ("ipaddr", "192.0.2.77"), suffix=f"-{n % 3}") for n in range(30)])

    def complete() -> bool:
        found = pipeline.of_key("again")
        return sum(s.alert_count for s in found) == 30 and all(s.settled for s in found)

    pipeline.wait(complete, "30 alerts in settled reports")
    before = {
        s.report_id: (pipeline.report(s)["alert_count"], sorted((d.emitter, d.round) for d in s.deliveries))
        for s in pipeline.of_key("again")
    }
    assert len(before) == 3

    receptor = invoke_function(pipeline.installation.client("lambda"), f"{pipeline.installation.name}-receptor")
    shards = read_shards(pipeline.installation.client("kinesis"), pipeline.installation.stream)
    everything = [record for shard in shards.values() for record in shard]
    mine = [record for record in everything if b"again of the tests" in base64.b64decode(record["kinesis"]["data"])]
    assert len(mine) == 30
    mapping = EventSourceMapping(receptor, batch_size=7, maximum_age_tries=5)
    for seed in range(3):
        shuffled = list(mine)
        random.Random(seed).shuffle(shuffled)
        mapping.deliver(shuffled)
    assert mapping.discarded == []

    pipeline.wait(lambda: all(s.settled for s in pipeline.of_key("again")), "settled reports")
    after = {
        s.report_id: (pipeline.report(s)["alert_count"], sorted((d.emitter, d.round) for d in s.deliveries))
        for s in pipeline.of_key("again")
    }
    assert after == before


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
