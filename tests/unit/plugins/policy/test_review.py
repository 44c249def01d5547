"""The policy in the table, and the answer with and without a usable one."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from alert_responder.errors import DependencyError
from alert_responder.store.table import Key
from alert_responder_plugins.policy.model import InvalidPolicyError
from alert_responder_plugins.policy.review import UnusablePolicyError, review
from alert_responder_plugins.policy.table import MAX_AGE_MS, PAUSE_MS, PolicyTable, policy_key
from tests.unit.plugins.policy.builders import NOW, report


class Item:
    """A table with one item, or a fault."""

    def __init__(self, policy: Any) -> None:
        self.item: Mapping[str, Any] | None = {"policy": json.dumps(policy)}
        self.fault: Exception | None = None
        self.reads: list[Key] = []
        self.now = 0
        self.logged: list[str] = []

    def get(self, key: Key) -> Mapping[str, Any] | None:
        self.reads.append(key)
        if self.fault:
            raise self.fault
        return self.item


def table_of(item: Item) -> PolicyTable:
    return PolicyTable(item, "policy", clock=lambda: item.now, log=item.logged.append)  # type: ignore[arg-type]


URGENT = {"rules": [{"name": "all", "severity": "urgent", "labels": ["soc"]}]}


def answer(table: PolicyTable) -> tuple[Any, int, list[str]]:
    """Return the answer, or the error's message, with the number of faults and what was logged."""
    logged: list[str] = []
    counted: list[int] = []
    made: Any
    try:
        made = review(report(), table.policy, NOW, logged.append, counted.append)
    except UnusablePolicyError as error:
        made = str(error)
    return made, sum(counted), logged


def test_a_change_is_in_force_after_thirty_seconds() -> None:
    item = Item(URGENT)
    table = table_of(item)
    assert answer(table)[0].severity == "urgent"
    item.item = {"policy": json.dumps({"default": {"severity": "safe"}})}
    item.now = MAX_AGE_MS - 1
    assert answer(table)[0].severity == "urgent"
    item.now = MAX_AGE_MS
    assert answer(table)[0].severity == "safe"
    assert item.reads == [policy_key("policy")] * 2 == [Key("policy/policy", "policy")] * 2


@pytest.mark.parametrize(
    "item",
    [None, {}, {"policy": 1}, {"policy": "{"}, {"policy": "[" * 5000}, {"policy": '{"ruls": []}'}],
)
def test_a_policy_that_is_missing_or_invalid_gives_no_answer_and_so_unclassified(item: Any) -> None:
    stored = Item(URGENT)
    table = table_of(stored)
    assert answer(table)[0].severity == "urgent"
    stored.item, stored.now = item, MAX_AGE_MS
    for _ in range(2):
        made, faults, logged = answer(table)
        assert (faults, logged) == (1, [made])
        assert made.startswith("The policy cannot be used: ")
    stored.item = {"policy": json.dumps(URGENT)}
    assert answer(table)[0].severity == "urgent"


def test_the_last_policy_stays_in_force_while_the_table_cannot_be_read() -> None:
    item = Item(URGENT)
    table = table_of(item)
    item.fault = DependencyError("no answer")
    assert answer(table) == ("The policy cannot be used: no answer", 1, ["The policy cannot be used: no answer"])
    item.fault = None
    assert answer(table)[0].severity == "urgent"
    item.fault, item.now = DependencyError("no answer"), MAX_AGE_MS
    assert answer(table)[0].severity == "urgent"
    assert item.logged == ["The policy of 30,000 ms ago stays in force: no answer"]
    # A table that cannot be read does not make each review wait.
    reads = len(item.reads)
    item.now += PAUSE_MS - 1
    assert answer(table)[0].severity == "urgent"
    assert len(item.reads) == reads
    item.now, item.fault, item.item = item.now + 1, None, {"policy": json.dumps({"default": {"severity": "safe"}})}
    assert answer(table)[0].severity == "safe"


def test_faults_of_rules_are_counted_and_logged() -> None:
    item = Item({"rules": [{"name": "broken", "severity": "urgent", "when": "length("}]})
    made, faults, logged = answer(table_of(item))
    assert (made.severity, faults, len(logged)) == ("unclassified", 1, 1)


def test_an_invalid_policy_names_the_field() -> None:
    with pytest.raises(InvalidPolicyError, match=r"ruls is not allowed; allowed: default, rules, suppressions, tests"):
        table_of(Item({"ruls": []})).policy()
