"""Records of hostile alerts and answers fit DynamoDB."""

import json
import random
import string
from collections.abc import Callable
from typing import Any

import pytest

from alert_responder.contracts.plugin import InspectorPlugin
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.lookup_plan import Limits, agenda, known_attributes, lookup_record
from alert_responder.domain.plugin_answers import MAX_ANSWER_BYTES, MAX_NEW_ATTRIBUTES, read_inspection
from alert_responder.domain.records import Event
from alert_responder.formats import parse_record
from alert_responder.store import items
from alert_responder.store.ledger import PackedAnswer
from alert_responder.store.reports import pack_groups

ITEM_BYTES = 400 * 1024
"""Maximum size of an item (Amazon DynamoDB quotas)."""

TRANSACTION_BYTES = 4 * 1024 * 1024
CHARACTERS = string.ascii_letters + string.digits + "-_"
WIDE = [chr(number) for number in range(0x4E00, 0x9FFF)]
_random = random.Random(1)


def noise(length: int, wide: bool = False) -> str:
    """Build text that does not compress."""
    return "".join(_random.choices(WIDE if wide else CHARACTERS, k=length))


def words(count: int) -> list[str]:
    return ["a" + "".join(_random.choices(string.ascii_lowercase + string.digits, k=31)) for _ in range(count)]


def attribute(value: str, **fields: Any) -> dict[str, Any]:
    return {"type": "username", "value": value, **fields}


ALERTS: dict[str, Callable[[], dict[str, Any]]] = {
    "rule name": lambda: {"rule_name": noise(900_000)},
    "severity": lambda: {"severity": noise(900_000)},
    "description": lambda: {"description": noise(300_000, wide=True)},
    "body": lambda: {"body": noise(900_000)},
    "key": lambda: {"attributes": [attribute("x", key=noise(900_000))]},
    "contexts": lambda: {"attributes": [attribute("x", context=words(25_000))]},
    "contexts of many": lambda: {"attributes": [attribute(noise(10), context=words(20)) for _ in range(1_200)]},
    "many": lambda: {"attributes": [attribute(noise(8)) for _ in range(15_000)]},
    "wide": lambda: {"attributes": [attribute(noise(4_000, wide=True)) for _ in range(70)]},
}


def received(fields: dict[str, Any]) -> Event:
    document = {"detector": "d", "rule_id": "r", "alert_key": "k", **fields}
    (parsed,), _ = parse_record(json.dumps(document, ensure_ascii=False).encode())
    return Event("e1", 1, "1", parsed.alert)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_as_large_as_a_record_is_stored(name: str) -> None:
    """Otherwise it would block its shard."""
    (group,) = pack_groups([received(ALERTS[name]())])
    summary = len(items.group_item(group.summary)["summary"])
    assert summary < ITEM_BYTES - 10_000
    assert all(len(body) < ITEM_BYTES - 10_000 for body in group.bodies)
    assert summary + sum(map(len, group.bodies)) < TRANSACTION_BYTES - 100_000


def test_a_lookup_with_the_largest_answer_fits_an_item() -> None:
    fields = ALERTS["wide"]() | {"description": noise(3_000, wide=True), "severity": noise(2_000, wide=True)}
    known = known_attributes([summarise([received(fields)])], [])
    inspector = InspectorPlugin(name="i", arn="arn", version=1)
    task = lookup_record("R1", agenda(known, [inspector], [], Limits(0, 1)).lookups[0], 1)
    new = [attribute(noise(600, wide=True)) for _ in range(MAX_NEW_ATTRIBUTES)]
    cut = chr(0x1F600) * 500
    beside = len(json.dumps([new, cut], ensure_ascii=False).encode())
    text = noise((MAX_ANSWER_BYTES - beside - 200) // 3, wide=True)
    body = json.dumps(
        {"contents": [{"type": "note", "title": "t", "text": text}], "new_attributes": new, "incomplete": cut},
        ensure_ascii=False,
    ).encode()
    assert MAX_ANSWER_BYTES - 1_000 < len(body) <= MAX_ANSWER_BYTES
    answer = read_inspection(body)
    contents = tuple(content.model_dump(mode="json") for content in answer.contents)
    stored = PackedAnswer.of(contents, answer.new_attributes)
    item = items.lookup_item(task._replace(outcome="ok", answer=stored.packed, new_attributes=stored.new_attributes))
    reason = len(ascii(answer.incomplete))
    assert reason > 5_000
    assert len(item["task"]) + len(item["answer"]) + len(item["found"]) + reason < ITEM_BYTES - 10_000


def test_contexts_of_many_alerts_do_not_add_up_in_a_lookup() -> None:
    groups = [
        summarise([received({"attributes": [attribute("x", context=words(100))]})._replace(event_id=f"e{number}")])
        for number in range(300)
    ]
    (lookup,) = agenda(
        known_attributes(groups, []), [InspectorPlugin(name="i", arn="a", version=1)], [], Limits(0, 9)
    ).lookups
    assert len(items.lookup_item(lookup_record("R1", lookup, 1))["task"]) < 10_000
