"""The driver keeps AWS's rules: what it says of the receptor rests on that."""

from typing import Any

from tests.fakes.event_source_mapping import EventSourceMapping, Record, Settings
from tests.unit.handlers.stream_layouts import record

AGE = 21_600


class Function:
    """Answers as told for batches with some record in it, and remembers what it got and when."""

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


def test_what_fails_as_a_whole_is_halved_until_one_is_alone() -> None:
    function = Function({"3": None})
    mapping = EventSourceMapping(function, Settings())
    mapping.deliver(shard("12345678"))
    assert function.batches[:5] == ["12345678", "1234", "12", "34", "3"]
    assert set(function.batches[5:-2]) == {"3"}
    # They came with the one that failed: they are as old when it is given up, and are not delivered again.
    assert given_up(mapping) == "345678"


def test_what_comes_after_what_fails_is_delivered_when_that_is_given_up() -> None:
    function = Function({"1": None})
    mapping = EventSourceMapping(function, Settings())
    mapping.deliver(shard("123", apart=1000))
    assert given_up(mapping) == "1"
    assert function.batches[-1] == "23"
    assert AGE < mapping.given_up[0].at <= AGE + 301


def test_only_what_is_left_from_the_lowest_failure_on_is_tried_again() -> None:
    function = Function({"1": failures("4", "3"), "3": failures("4"), "4": None})
    EventSourceMapping(function, Settings(maximum_age=5)).deliver(shard("12345"))
    assert function.batches[:3] == ["12345", "345", "45"]


def test_what_is_left_is_halved_if_aws_does_that() -> None:
    function = Function({"1": failures("2")})
    EventSourceMapping(function, Settings(halves_rest=True)).deliver(shard("12345"))
    assert function.batches == ["12345", "23", "45"]


def test_answers_that_say_nothing_are_taken_as_aws_takes_them() -> None:
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
