"""A table in memory with DynamoDB's semantics, a workflow that remembers, and faults between any two calls."""

import copy
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from alert_responder.errors import ConditionFailedError, DependencyError
from alert_responder.store.table import Action, Check, Condition, Item, Key, Put, Test, Update
from tests.fakes import limits


class Crash(BaseException):
    """The process is gone; nothing may catch it."""


class Faults:
    """Counts calls and strikes at one of them.

    Parameters
    ----------
    crash_before
        Number of the call, from 1, before which the process dies.
    lose_after
        Number of the call whose response is lost: it happened, but its caller is told it failed.
    """

    def __init__(self, crash_before: int = 0, lose_after: int = 0) -> None:
        self.calls = 0
        self._crash_before = crash_before
        self._lose_after = lose_after

    def call(self, do: Callable[[], Any]) -> Any:
        """Do a call, or strike."""
        self.calls += 1
        if self.calls == self._crash_before:
            raise Crash
        result = do()
        if self.calls == self._lose_after:
            raise DependencyError("the response was lost")
        return result


class Interleaved(Faults):
    """Has somebody else do something before one call; nothing fails.

    Parameters
    ----------
    before
        Number of the call, from 1.
    """

    def __init__(self, before: int, somebody: Callable[[], None]) -> None:
        super().__init__()
        self._before = before
        self._somebody = somebody

    def call(self, do: Callable[[], Any]) -> Any:
        """Do a call, after the other's."""
        self.calls += 1
        if self.calls == self._before:
            self._somebody()
        return do()


class Items(dict[Key, dict[str, Any]]):
    """Items by key, and the keys of each partition: what a query reads does not depend on how many others there are."""

    def __init__(self) -> None:
        super().__init__()
        self._partitions: dict[str, set[Key]] = {}

    def __setitem__(self, key: Key, item: dict[str, Any]) -> None:
        super().__setitem__(key, item)
        self._partitions.setdefault(key.pk, set()).add(key)

    def between(self, pk: str, first: str, last: str) -> list[dict[str, Any]]:
        """Return a partition's items between two sort keys, by sort key."""
        keys = sorted(key for key in self._partitions.get(pk, ()) if first <= key.sk <= last)
        return [self[key] for key in keys if key in self]


class MemoryTable:
    """See `store.table.Table`."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.items = Items()
        self.faults = faults or Faults()

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""
        limits.check_key(key)
        found: Item | None = self.faults.call(lambda: copy.deepcopy(self.items.get(key)))
        return found

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Return the items that exist."""
        for key in keys:
            limits.check_key(key)
        found: dict[Key, Item] = self.faults.call(
            lambda: {key: copy.deepcopy(self.items[key]) for key in keys if key in self.items}
        )
        return found

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        """Return all items of a partition between two sort keys."""
        found: list[Item] = self.faults.call(
            lambda: [copy.deepcopy(item) for item in self.items.between(pk, first, last)]
        )
        return found

    def write(self, action: Put | Update) -> None:
        """Write one item, or raise `ConditionFailedError`."""
        self.faults.call(lambda: self._write([action]))

    def transact(self, actions: Sequence[Action]) -> None:
        """Do all or nothing."""
        limits.check_transaction(actions)
        self.faults.call(lambda: self._write(actions))

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Write items without condition."""
        self.faults.call(lambda: self._write([Put(key, item) for key, item in items]))

    def open_reports(self, shard: str) -> list[str]:
        """Return partition keys of open heads."""
        found: list[str] = self.faults.call(
            lambda: [key.pk for key, item in self.items.items() if item.get("open_shard") == shard]
        )
        return found

    def _write(self, actions: Sequence[Action]) -> None:
        failed = [n for n, action in enumerate(actions) if not holds(action.condition, self.items.get(action.key))]
        if failed:
            raise ConditionFailedError(failed)
        for action in actions:
            limits.check_key(action.key)
            if isinstance(action, Put):
                self.items[action.key] = {**copy.deepcopy(action.attributes), "pk": action.key.pk, "sk": action.key.sk}
            elif isinstance(action, Update):
                if action.key not in self.items:
                    self.items[action.key] = {"pk": action.key.pk, "sk": action.key.sk}
                item = self.items[action.key]
                item.update(copy.deepcopy(dict(action.assign)))
                for name, number in action.add.items():
                    item[name] = item.get(name, 0) + number
                for name in action.remove:
                    item.pop(name, None)
            else:
                assert isinstance(action, Check)
                continue
            limits.check_item(self.items[action.key])


def holds(condition: Condition, item: Item | None) -> bool:
    """Evaluate a condition as DynamoDB does: false with an attribute that is missing or of another type."""
    return all(any(_holds(test, item or {}) for test in clause) for clause in condition)


def _holds(test: Test, item: Item) -> bool:
    if test.comparison == "absent":
        return test.name not in item
    if test.name not in item:
        return False
    value: Any = item[test.name]
    expected: Any = test.value
    if test.comparison == "present":
        return True
    if type(value) is not type(expected):
        return False
    return bool({"=": operator.eq, "<": operator.lt, "<=": operator.le}[test.comparison](value, expected))


class MemoryWorkflow:
    """See `usecases.ports.Workflow`; a name is taken once."""

    def __init__(self, faults: Faults | None = None) -> None:
        self.started: list[tuple[str, int, bool]] = []
        self.running: set[tuple[str, int]] = set()
        self.faults = faults or Faults()

    def start(self, report_id: str, alert_id: str, round_: int, *, as_it_stands: bool) -> None:
        """Start an execution unless there is one."""
        limits.check_execution(report_id, alert_id, round_, as_it_stands)
        self.faults.call(lambda: self._start(report_id, round_, as_it_stands))

    def is_running(self, report_id: str, round_: int) -> bool:
        """Whether an execution has not ended."""
        return bool(self.faults.call(lambda: (report_id, round_) in self.running))

    def _start(self, report_id: str, round_: int, as_it_stands: bool) -> None:
        if all((report_id, round_) != (started, number) for started, number, _ in self.started):
            self.started.append((report_id, round_, as_it_stands))
            self.running.add((report_id, round_))
