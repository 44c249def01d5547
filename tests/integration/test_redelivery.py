"""Records that are delivered again, in other batches and another order, change nothing."""

import base64
import random
import time

from alert_responder_cli.recovery import replay
from tests.fakes.event_source_mapping import EventSourceMapping, Record, Settings
from tests.fakes.failure_destination import invocation_record
from tests.integration.local_receptor import WINDOW_MS, receptor, record
from tests.integration.pipeline import Pipeline
from tests.integration.streams import invoke_function, read_shards


def test_redelivery_in_shuffled_batches_changes_no_report_and_notifies_no_emitter(pipeline: Pipeline) -> None:
    pipeline.send([pipeline.alert("again", ("ipaddr", "192.0.2.77"), suffix=f"-{n % 3}") for n in range(30)])

    def complete() -> bool:
        found = pipeline.of_key("again")
        return sum(s.alert_count for s in found) == 30 and all(s.settled for s in found)

    pipeline.wait(complete, "30 alerts in settled reports")
    before = state_of(pipeline, "again")
    assert len(before) == 3

    mine = on_the_stream(pipeline, "again")
    assert len(mine) == 30
    today = invoke_function(pipeline.installation.client("lambda"), f"{pipeline.installation.name}-receptor")
    a_day_later = receptor(pipeline.installation, later_ms=86_400_000)
    for seed, invoke in enumerate([today, today, today, a_day_later]):
        mapping = EventSourceMapping(invoke, Settings(batch_size=7), time.time())
        shuffled = list(mine)
        random.Random(seed).shuffle(shuffled)
        mapping.deliver(shuffled)
        assert mapping.given_up == []

    pipeline.wait(lambda: all(s.settled for s in pipeline.of_key("again")), "settled reports")
    assert state_of(pipeline, "again") == before


def test_an_alert_after_the_window_opens_the_next_report_which_refers_to_the_last(pipeline: Pipeline) -> None:
    opened = time.time()
    window = WINDOW_MS / 1000
    alert = pipeline.alert("window", ("ipaddr", "192.0.2.78"))
    today = invoke_function(pipeline.installation.client("lambda"), f"{pipeline.installation.name}-receptor")

    # Out of order, as from two shards: the last alert of the first window arrives when the second is open.
    for number, arrival in ((1, opened), (2, opened + window), (3, opened + window - 1)):
        assert today({"Records": [record(alert, number, arrival)]}) == {"batchItemFailures": []}
        pipeline.wait(lambda: all(s.settled for s in pipeline.of_key("window")), "settled reports")

    first, second = (pipeline.report(status) for status in pipeline.of_key("window"))
    assert (first["alert_count"], second["alert_count"]) == (2, 1)
    assert (first["previous_report_id"], second["previous_report_id"]) == (None, first["id"])


def test_discarded_records_are_replayed_once(pipeline: Pipeline) -> None:
    alert, no_alert = pipeline.alert("given-up", ("ipaddr", "192.0.2.79")), b"given up, and no alert"
    key, document = invocation_record([record(alert, 71), record(no_alert, 72)], time.time(), tries=9, number=1)
    s3, bucket = pipeline.installation.client("s3"), pipeline.installation.archive_bucket
    s3.put_object(Bucket=bucket, Key=key, Body=document)

    def replay() -> dict[str, tuple[int, list[tuple[str, int]]]]:
        done = bring_back(pipeline, key)
        assert (done.taken, done.failing, done.unreadable) == (2, {}, {})
        pipeline.settled("given-up")
        return state_of(pipeline, "given-up")

    first = replay()
    assert [count for count, _ in first.values()] == [1]
    rejected = [found for found in pipeline.reader.rejected().values() if base64.b64decode(found["data"]) == no_alert]
    assert [found["sequence_number"] for found in rejected] == [record(b"", 72)["kinesis"]["sequenceNumber"]]

    assert replay() == first
    of_the_shard = f"rejected/{rejected[0]['arrived_at'][:10]}/{rejected[0]['shard']}/"
    assert bring_back(pipeline, of_the_shard).failing == {}
    again = [found for found in pipeline.reader.rejected().values() if base64.b64decode(found["data"]) == no_alert]
    assert again == rejected


def bring_back(pipeline: Pipeline, prefix: str) -> replay.Replay:
    objects = replay.objects(pipeline.installation, [prefix])
    return replay.replay(objects, replay.receptor(pipeline.installation))


def on_the_stream(pipeline: Pipeline, key: str) -> list[Record]:
    """Read the records of a key from all shards."""
    shards = read_shards(pipeline.installation.client("kinesis"), pipeline.installation.stream)
    everything = [record for shard in shards.values() for record in shard]
    title = f"{key} of the tests".encode()
    return [record for record in everything if title in base64.b64decode(record["kinesis"]["data"])]


def state_of(pipeline: Pipeline, key: str) -> dict[str, tuple[int, list[tuple[str, int]]]]:
    """Read the number of alerts of each report of a key, and its deliveries by emitter and round."""
    return {
        s.report_id: (pipeline.report(s)["alert_count"], sorted((d.emitter, d.round) for d in s.deliveries))
        for s in pipeline.of_key(key)
    }
