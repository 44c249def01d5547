"""The simulated event source mapping follows AWS's rules, on which the receptor's tests rely."""

from typing import Any

from tests.fakes.event_source_mapping import EventSourceMapping, Record, Settings
from tests.unit.handlers.stream_layouts import record

AGE = 21_600


class Function:
    """Gives prepared answers for batches with certain records, and stores batches and times."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.batches: list[str] = []

    def __call__(self, event: dict[str, Any]) -> Any:
        numbers = [entry["kinesis"]["sequenceNumber"] for entry in event["Records"]]
        self.batches.append("".join(numbers))
        return next((answer for number, answer in self.answers.items() if number in numbers), {})


def shard(numbers: str, apart: float = 0) -> list[Record]:
    return [record("shardId-000000000000", number, place * apart, b"") for place, number in enumerate(numbers)]


def failures(*numbers: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


def given_up(mapping: EventSourceMapping) -> str:
    return "".join(entry.record["kinesis"]["sequenceNumber"] for entry in mapping.given_up)


def test_a_batch_that_fails_is_halved_down_to_one_record() -> None:
    function = Function({"3": None})
    mapping = EventSourceMapping(function, Settings())
    mapping.deliver(shard("12345678"))
    assert function.batches[:5] == ["12345678", "1234", "12", "34", "3"]
    assert set(function.batches[5:-2]) == {"3"}
    # These arrived with the failing record: they are as old when it is discarded, and are not delivered again.
    assert given_up(mapping) == "345678"


def test_records_behind_a_failing_one_are_delivered_when_it_is_discarded() -> None:
    function = Function({"1": None})
    mapping = EventSourceMapping(function, Settings())
    mapping.deliver(shard("123", apart=1000))
    assert given_up(mapping) == "1"
    assert function.batches[-1] == "23"
    assert AGE < mapping.given_up[0].at <= AGE + 301


def test_a_batch_is_retried_from_the_lowest_failure_on() -> None:
    function = Function({"1": failures("4", "3"), "3": failures("4"), "4": None})
    EventSourceMapping(function, Settings(maximum_age=5)).deliver(shard("12345"))
    assert function.batches[:3] == ["12345", "345", "45"]


def test_the_rest_of_a_batch_is_halved_if_so_configured() -> None:
    function = Function({"1": failures("2")})
    EventSourceMapping(function, Settings(halves_rest=True)).deliver(shard("12345"))
    assert function.batches == ["12345", "23", "45"]


def test_empty_and_invalid_answers_are_handled_as_aws_does() -> None:
    successes: list[dict[str, Any]] = [{}, {"batchItemFailures": []}, {"batchItemFailures": None}]
    for good in successes:
        function = Function({"1": good})
        EventSourceMapping(function, Settings()).deliver(shard("12"))
        assert function.batches == ["12"]
    for bad in (failures(""), failures("9"), {"batchItemFailures": [{"wrong": "1"}]}):
        function = Function({"1": bad})
        EventSourceMapping(function, Settings()).deliver(shard("12"))
        assert function.batches[:2] == ["12", "1"]


def test_shards_do_not_wait_for_each_other() -> None:
    function = Function({"1": None})
    other = [record("shardId-000000000001", "a", 5, b"")]
    EventSourceMapping(function, Settings()).deliver(shard("1"), other)
    assert function.batches.index("a") < 6
