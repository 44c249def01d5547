"""The registry as Terraform writes it, and the ledger, in which the first outcome is kept."""

from typing import Any

import pytest

from alert_responder.contracts.plugin import External, InspectorPlugin, InstallationSettings
from alert_responder.domain.aggregation import summarise
from alert_responder.domain.lookup_plan import Limits, agenda, known_attributes, lookup_record
from alert_responder.domain.records import AnswerKey, LookupRecord
from alert_responder.errors import DependencyError
from alert_responder.store import items, keys
from alert_responder.store.ledger import Ledger, PackedAnswer
from alert_responder.store.registry import MAX_AGE_MS, TableRegistry
from alert_responder.store.table import Key, Put
from tests.fakes.memory import Faults, Interleaved, MemoryTable
from tests.unit.domain.builders import attribute, event

SETTINGS = Key("config", "settings")


def register(table: MemoryTable, kind: str, name: str, **fields: Any) -> None:
    table.write(Put(Key(f"plugin/{kind}", name), {"version": 1, "arn": f"arn:{name}", "enabled": True, **fields}))


def test_the_registry_is_read_as_terraform_writes_it() -> None:
    table = MemoryTable()
    register(table, "inspector", "b", attribute_types=["domain"], contexts=[], detectors=[], cache_seconds=60)
    register(table, "inspector", "a", attribute_types=[], contexts=["remote"], detectors=["d"], cache_seconds=0)
    register(table, "inspector", "off", enabled=False)
    register(table, "emitter", "inbox", severities=["urgent"], detectors=[])
    register(table, "reviewer", "reviewer")
    plugins = TableRegistry(table, lambda: 0).plugins()
    assert [(one.name, one.cache_seconds) for one in plugins.inspectors] == [("a", 0), ("b", 60)]
    assert [(one.name, one.arn, one.severities) for one in plugins.emitters] == [("inbox", "arn:inbox", ("urgent",))]
    assert plugins.reviewer is not None


def test_the_registry_can_be_empty() -> None:
    plugins = TableRegistry(MemoryTable(), lambda: 0).plugins()
    assert (plugins.inspectors, plugins.emitters, plugins.reviewer) == ((), (), None)


def test_the_registry_is_cached_for_half_a_minute() -> None:
    table, now = MemoryTable(), [0]
    registry = TableRegistry(table, lambda: now[0])
    registry.plugins()
    register(table, "emitter", "inbox")
    now[0] = MAX_AGE_MS - 1
    table.faults = Faults(crash_before=1)
    assert registry.plugins().emitters == ()
    now[0], table.faults = MAX_AGE_MS, Faults()
    assert len(registry.plugins().emitters) == 1


def test_an_inspector_can_be_external_and_have_a_quota() -> None:
    table = MemoryTable()
    register(table, "inspector", "a", external={"allow_internal": True, "later": 1}, max_per_minute=4)
    register(table, "inspector", "b", external={})
    register(table, "inspector", "c")
    found = TableRegistry(table, lambda: 0).plugins().inspectors
    assert [(one.external, one.max_per_minute) for one in found] == [
        (External(allow_internal=True, allow_identities=False), 4),
        (External(), 0),
        (None, 0),
    ]


def test_settings_are_cached_with_the_registry() -> None:
    table, now = MemoryTable(), [0]
    registry = TableRegistry(table, lambda: now[0])
    assert registry.plugins().settings == InstallationSettings(), "an earlier installation has none"
    written = {"internal_networks": ["198.51.100.0/24", "2001:db8::/32"], "internal_domains": ["corp.test"]}
    table.write(Put(SETTINGS, {"version": 1, **written, "of_a_later_version": {"x": 1}}))
    now[0] = MAX_AGE_MS - 1
    assert registry.plugins().settings.internal_domains == ()
    now[0] = MAX_AGE_MS
    settings = registry.plugins().settings
    assert settings.internal_domains == ("corp.test",)
    assert [str(network) for network in settings.internal_networks] == written["internal_networks"]


def test_settings_are_read_after_the_inspectors() -> None:
    """Terraform writes the settings first: without them, an inspector could get too much data."""

    def apply() -> None:
        table.write(Put(SETTINGS, {"version": 1, "internal_domains": ["corp.test"]}))
        register(table, "inspector", "new", external={})

    for call in range(1, 5):
        table = MemoryTable()
        table.faults = Interleaved(call, apply)
        plugins = TableRegistry(table, lambda: 0).plugins()
        assert plugins.settings.internal_domains or not plugins.inspectors


@pytest.mark.parametrize(
    "fields",
    [{"version": 2}, {"version": 1, "internal_networks": ["10.0.0.0/33"]}, {"version": 1, "internal_domains": "corp"}],
)
def test_invalid_settings_are_an_error(fields: dict[str, Any]) -> None:
    table = MemoryTable()
    table.write(Put(SETTINGS, fields))
    with pytest.raises(DependencyError, match="config/settings"):
        TableRegistry(table, lambda: 0).plugins()


@pytest.mark.parametrize(
    "fields", [{"version": 2}, {"arn": ""}, {"cache_seconds": -1}, {"cache_empty_seconds": -1}, {"max_per_minute": -1}]
)
def test_an_invalid_item_is_named(fields: dict[str, Any]) -> None:
    table = MemoryTable()
    register(table, "inspector", "odd", **fields)
    with pytest.raises(DependencyError, match="plugin/inspector"):
        TableRegistry(table, lambda: 0).plugins()


def open_task(sequence: int = 1001) -> LookupRecord:
    known = known_attributes([summarise([event(1, 0, attribute("a.test"))])], [])
    lookups = agenda(
        known,
        [InspectorPlugin(name="i", arn="arn", version=1, cache_seconds=9, cache_empty_seconds=3, max_per_minute=4)],
        [],
        Limits(0, 1),
    ).lookups
    return lookup_record("R1", lookups[0], sequence)


def test_the_first_outcome_is_kept() -> None:
    ledger, task = Ledger(MemoryTable()), open_task()
    assert ledger.hand_out("R1", task, 0)
    assert ledger.lookups("R1") == [task]
    answer = PackedAnswer.of([{"type": "note", "title": "\ud800"}], (attribute("found.test"),))
    assert ledger.claim("R1", task.task_id, 5)
    assert ledger.record("R1", task.task_id, "ok", None, 7, answer)
    assert not ledger.record("R1", task.task_id, "error", "late", 8)
    assert not ledger.claim("R1", task.task_id, 9)
    assert not ledger.hand_out("R1", open_task(1002), 0)
    assert not ledger.raise_sequence("R1", task.task_id, 1002)
    ended = task._replace(claimed=5, ended=7, outcome="ok")
    assert ledger.lookups("R1") == [ended._replace(answer=answer.packed, new_attributes=answer.new_attributes)]
    assert items.unpack(ledger.lookups("R1")[0].answer or b"") == [{"type": "note", "title": "\ud800"}]


def test_a_lookup_of_an_earlier_version_has_no_quota() -> None:
    table = MemoryTable()
    ledger, task = Ledger(table), open_task()
    assert ledger.hand_out("R1", task, 0)
    del table.items[Key("report/R1", f"task/{task.task_id}")]["max_per_minute"]
    assert ledger.lookups("R1") == [task._replace(max_per_minute=0)]


def test_an_answer_that_an_earlier_version_stored_is_read() -> None:
    table = MemoryTable()
    ledger, task, found = Ledger(table), open_task(), attribute("found.test")
    note = {"type": "note", "title": "n"}
    old = {"answer": items.pack([[note], [found]]), "outcome": "ok", "expires_at": 10}
    assert ledger.hand_out("R1", task, 0)
    table.items[keys.lookup("R1", task.task_id)] |= old
    table.items[keys.cached_answer(AnswerKey("arn", "h"))] = dict(old)
    assert ledger.lookups("R1") == [task._replace(outcome="ok", answer=items.pack([note]), new_attributes=(found,))]
    key = AnswerKey("arn", "h")
    assert ledger.cached([key], 0) == {key: PackedAnswer.of([note], (found,))}


def test_a_lookup_of_a_later_plan_is_kept() -> None:
    ledger, task = Ledger(MemoryTable()), open_task()
    assert ledger.hand_out("R1", task, 0)
    assert ledger.hand_out("R1", task, 0), "repeated by the same plan"
    assert ledger.raise_sequence("R1", task.task_id, 1002)
    assert ledger.raise_sequence("R1", task.task_id, 1002), "its own write, sent twice, is known again"
    assert not ledger.raise_sequence("R1", task.task_id, 1001)
    assert not ledger.hand_out("R1", task, 0)


def test_cached_answers_are_found_until_they_expire() -> None:
    answer = PackedAnswer.of((), (attribute("found.test"),))
    for key in (AnswerKey("arn", "h"), AnswerKey("arn", "h", ""), AnswerKey("arn", "h", "111122223333")):
        others = [AnswerKey("other", "h", key.account), AnswerKey("arn", "g", key.account), key]
        others += [AnswerKey("arn", "h", account) for account in (None, "", "444455556666") if account != key.account]
        fresh = Ledger(MemoryTable())
        fresh.keep(key, answer, expires_at=10)
        assert fresh.cached(others, 9_999) == {key: answer}
        assert fresh.cached([key], 10_000) == {}
    assert Ledger(MemoryTable()).cached([], 0) == {}
