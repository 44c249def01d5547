"""In-memory stand-ins for DynamoDB, Step Functions and S3, with their semantics and limits.

`alert-responder simulate` runs on them, and so do the unit tests of the core: `tests/fakes` adds faults to them.
"""

import copy
import operator
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from typing import Any

from alert_responder.contracts.plugin import Plugins
from alert_responder.errors import ConditionFailedError
from alert_responder.store.table import Action, Check, Condition, Item, Key, Put, Test, Update
from alert_responder_cli.aws import limits


class InMemoryService:
    """Base of the stand-ins. Subclasses may override `perform` to make calls fail, or to act between them."""

    def perform(self, do: Callable[[], Any]) -> Any:
        """Perform a call."""
        return do()


class Items(dict[Key, dict[str, Any]]):
    """Items by key, with an index by partition, so that a query does not scan all items."""

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


class MemoryTable(InMemoryService):
    """See `store.table.Table`."""

    def __init__(self) -> None:
        self.items = Items()

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""
        limits.check_key(key)
        found: Item | None = self.perform(lambda: copy.deepcopy(self.items.get(key)))
        return found

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Return the items that exist."""
        for key in keys:
            limits.check_key(key)
        found: dict[Key, Item] = self.perform(
            lambda: {key: copy.deepcopy(self.items[key]) for key in keys if key in self.items}
        )
        return found

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        """Return all items of a partition between two sort keys."""
        found: list[Item] = self.perform(lambda: [copy.deepcopy(item) for item in self.items.between(pk, first, last)])
        return found

    def page(self, pk: str, first: str, last: str, limit: int) -> list[Item]:
        """Return the first items of a partition between two sort keys."""
        return self.query(pk, first, last)[:limit]

    def write(self, action: Put | Update) -> None:
        """Write one item, or raise `ConditionFailedError`."""
        self.perform(lambda: self._write([action]))

    def transact(self, actions: Sequence[Action]) -> None:
        """Write all items, or raise `ConditionFailedError` and write none."""
        limits.check_transaction(actions)
        self.perform(lambda: self._write(actions))

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Write items unconditionally."""
        self.perform(lambda: self._write([Put(key, item) for key, item in items]))

    def open_reports(self, shard: str) -> list[str]:
        """Return the partition keys of open heads."""
        found: list[str] = self.perform(
            lambda: [key.pk for key, item in self.items.items() if item.get("open_shard") == shard]
        )
        return found

    def _write(self, actions: Sequence[Action]) -> None:
        failed = [n for n, action in enumerate(actions) if not holds(action.condition, self.items.get(action.key))]
        if failed:
            raise ConditionFailedError(failed)
        for action in actions:
            limits.check_key(action.key)
            if isinstance(action, Check):
                continue
            if isinstance(action, Put):
                self.items[action.key] = {**copy.deepcopy(action.attributes), "pk": action.key.pk, "sk": action.key.sk}
            else:
                if action.key not in self.items:
                    self.items[action.key] = {"pk": action.key.pk, "sk": action.key.sk}
                item = self.items[action.key]
                item.update(copy.deepcopy(dict(action.assign)))
                for name, number in action.add.items():
                    item[name] = item.get(name, 0) + number
                for name in action.remove:
                    item.pop(name, None)
            limits.check_item(self.items[action.key])


def holds(condition: Condition, item: Item | None) -> bool:
    """Evaluate a condition as DynamoDB does: false if an attribute is missing or of another type."""
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


class MemoryWorkflow(InMemoryService):
    """See `usecases.ports.Workflow`; starting an execution again has no effect.

    Attributes
    ----------
    started
        Every execution so far: report, round, and whether it skips inspection and review.
    running
        Executions that have not ended.
    """

    def __init__(self) -> None:
        self.started: list[tuple[str, int, bool]] = []
        self.running: set[tuple[str, int]] = set()

    def start(self, report_id: str, alert_id: str, round_: int, *, as_it_stands: bool) -> None:
        """Start an execution unless it exists."""
        limits.check_execution(report_id, alert_id, round_, as_it_stands)
        self.perform(lambda: self._start(report_id, round_, as_it_stands))

    def is_running(self, report_id: str, round_: int) -> bool:
        """Return whether an execution has not ended."""
        return bool(self.perform(lambda: (report_id, round_) in self.running))

    def _start(self, report_id: str, round_: int, as_it_stands: bool) -> None:
        if all((report_id, round_) != (started, number) for started, number, _ in self.started):
            self.started.append((report_id, round_, as_it_stands))
            self.running.add((report_id, round_))


class FixedRegistry(InMemoryService):
    """See `usecases.ports.Registry`."""

    def __init__(self, plugins: Plugins) -> None:
        self.attached = plugins

    def plugins(self) -> Plugins:
        """Return the attached plug-ins."""
        found: Plugins = self.perform(lambda: self.attached)
        return found


class MemoryArchive(InMemoryService):
    """See `usecases.ports.Archive`."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, document: bytes, content_type: str = "application/json") -> None:  # noqa: ARG002
        """Write an object; its content type is not stored."""
        limits.check_object(key)
        self.perform(lambda: self.objects.__setitem__(key, document))

    def get(self, key: str) -> bytes:
        """Read an object."""
        return bytes(self.perform(lambda: self.objects[key]))

    def copy(self, source: str, target: str) -> None:
        """Copy an object."""
        limits.check_object(target)
        self.perform(lambda: self.objects.__setitem__(target, self.objects[source]))


class SerialExecutor(Executor):
    """Runs everything immediately in the caller's thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Call the function and return its result as a future."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future
