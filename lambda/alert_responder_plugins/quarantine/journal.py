"""The journal: what was contained, what was before, and who has the say over it right now.

All lies in the partition `quarantine/<name>` of AlertResponder's table: entries (one a target), what was described of a
target before it was changed, past entries, the times of the last actions, how many entries were new in an hour, targets
that a call had no time for, and the switch that stops everything.
"""

import json
import secrets
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alert_responder.errors import ConditionFailedError
from alert_responder.store.table import NEW, Action, Check, Key, Put, Table, Update, absent, absent_or_below, equals
from alert_responder_plugins.common.errors import PluginFaultError
from alert_responder_plugins.quarantine.guards import HOUR, about_rate, still_counting
from alert_responder_plugins.quarantine.model import INERT, Entry, Proposal
from alert_responder_plugins.quarantine.settings import QuarantineSettings

KEPT_SECONDS = 400 * 86_400
"""How long what was done is kept after it is over [s]; what is in force is kept until it is released."""

NOT_DONE_SECONDS = 7 * 86_400
"""How long it is kept that something was not done [s]: whoever writes alerts can cause many of these."""

MAX_NEW_OF_REPORT, MAX_NEW = 20, 100
"""Most new entries within an hour, of one report and in all; those that can do nothing are counted apart."""

MAX_BACKLOG_BYTES = 300_000
"""Most of a report that is kept for the schedule to look at, packed [bytes]; an item has 400 KB."""

PAGE = 100
"""Entries that are read at a time."""

_LAST = "\uffff"
_TRIES = 8


class StoppedError(PluginFaultError):
    """The switch is off: nothing may be contained."""


class RateLimitError(PluginFaultError):
    """Too many actions have begun within an hour."""


class ConcurrentUpdateError(PluginFaultError):
    """Another call has changed the entry meanwhile: whoever did goes on with it."""


class StoredEntry:
    """An entry as it is stored, with the number of its writes."""

    __slots__ = ("entry", "version")

    def __init__(self, entry: Entry, version: int) -> None:
        self.entry = entry
        self.version = version


class Backlog:
    """Targets of a report that a call had no time for, with the number of their writes."""

    __slots__ = ("proposals", "report_id", "version")

    def __init__(self, report_id: str, proposals: tuple[Proposal, ...], version: int) -> None:
        self.report_id = report_id
        self.proposals = proposals
        self.version = version


class Journal:
    """The journal of one quarantine.

    Every write of an entry is conditional on what was read of it, so that of two calls one goes on and the other gets
    `ConcurrentUpdateError`. A write whose response was lost is recognised as ours.

    Parameters
    ----------
    clock
        Returns the time [ms since the epoch].
    """

    def __init__(
        self,
        table: Table,
        name: str,
        clock: Callable[[], int],
        new_token: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._table = table
        self._partition = f"quarantine/{name}"
        self._clock = clock
        self._new_token = new_token

    def get(self, id_: str) -> StoredEntry | None:
        """Return a target's entry (`<kind>/<target>`)."""
        item = self._table.get(self._key(f"entry/{id_}"))
        return _stored_entry(item) if item else None

    def all(self) -> Iterator[StoredEntry]:
        """Yield all entries that are kept, by id; they are read in pages."""
        return map(_stored_entry, self._pages("entry/"))

    def admits(self, report_id: str, *, nothing: bool) -> bool:
        """Count a new entry; False if there are as many already as may be new within an hour.

        Parameters
        ----------
        nothing
            Whether the entry is of a target that nothing can be done about. These have limits of their own, so that
            they take the place of no other.
        """
        kind, hour = "nothing" if nothing else "action", self._clock() // HOUR
        of_report = f"{kind}/{report_id}"
        count = Update(
            self._key(f"hour/{hour}"),
            assign={"expires_at": (hour + 2) * HOUR // 1000},
            add={kind: 1, of_report: 1},
            condition=(absent_or_below(kind, MAX_NEW), absent_or_below(of_report, MAX_NEW_OF_REPORT)),
        )
        try:
            self._table.write(count)
        except ConditionFailedError:
            return False
        return True

    def backlogs(self) -> Iterator[Backlog]:
        """Yield what calls had no time for, by report; read in pages."""
        for item in self._pages("rest/"):
            if item["count"]:
                yield _backlog(item)

    def keep_backlog(self, report_id: str, proposals: Sequence[Proposal], previous: Backlog | None = None) -> int:
        """Keep the targets of a report that a call had no time for, or note that there are none any more.

        Returns
        -------
        int
            How many did not fit into an item.

        Raises
        ------
        ConcurrentUpdateError
            Another call has written it since `previous` was read.
        """
        key = self._key(f"rest/{report_id}")
        version = previous.version if previous else int((self._table.get(key) or {"version": 0})["version"])
        if not proposals and not version:
            return 0
        kept = list(proposals)
        while (
            len(packed := _packed([[each.kind, each.target, each.reason, each.refusal] for each in kept]))
            > MAX_BACKLOG_BYTES
        ):
            del kept[len(kept) * 3 // 4 :]
        attributes = {"proposals": packed, "count": len(kept), "version": version + 1}
        condition = (equals("version", version),) if previous else ()
        try:
            self._table.write(Put(key, self._expiring(attributes, NOT_DONE_SECONDS), condition))
        except ConditionFailedError as error:
            raise ConcurrentUpdateError("Another call goes on with it.") from error
        return len(proposals) - len(kept)

    def put(self, entry: Entry, previous: StoredEntry | None) -> StoredEntry:
        """Write an entry, or raise `ConcurrentUpdateError` if it is not (or no longer) as it was read.

        An entry that is over and of another containment is kept as a past one.
        """
        return self._put(entry, previous, self._past(entry, previous))

    def begin(self, entry: Entry, previous: StoredEntry, evidence: Any, settings: QuarantineSettings) -> StoredEntry:
        """Write an entry that is about to be acted on, together with what was described of its target.

        One transaction: nothing is begun while the switch is off, nor above the rate.

        Raises
        ------
        StoppedError, RateLimitError, ConcurrentUpdateError
            Nothing was written.
        """
        key = self._key("rate")
        for _ in range(_TRIES):
            if self.stopped():
                raise StoppedError("It was stopped by hand.")
            counted = self._table.get(key) or {}
            now = self._clock()
            times = still_counting(list(counted.get("times", [])), now)
            if refusal := about_rate(times, now, settings):
                raise RateLimitError(refusal)
            count = Put(
                key,
                {"times": [*times, now], "version": int(counted.get("version", 0)) + 1},
                (equals("version", counted.get("version")),),
            )
            running = Check(self._key("switch"), (absent("stopped_at"),))
            kept = [] if evidence is None else [self._evidence(entry, evidence)]
            try:
                return self._put(entry, previous, [count, running, *kept])
            except ConditionFailedError:
                continue  # Another action was counted, or the switch was turned.
        raise ConcurrentUpdateError("Other actions are being begun at the same time.")

    def evidence(self, entry: Entry) -> Any:
        """Return what was described of a target before it was changed; None where nothing was kept."""
        item = self._table.get(self._key(f"evidence/{entry.id}/{entry.token}"))
        return json.loads(zlib.decompress(item["described"])) if item else None

    def stopped(self) -> bool:
        """Whether the switch is off."""
        return "stopped_at" in (self._table.get(self._key("switch")) or {})

    def switch(self, *, stopped: bool) -> None:
        """Turn the switch."""
        self._table.write(Put(self._key("switch"), {"stopped_at": self._clock()} if stopped else {"running": True}))

    def _pages(self, prefix: str) -> Iterator[Any]:
        first = prefix
        while page := self._table.page(self._partition, first, f"{prefix}{_LAST}", PAGE):
            yield from page
            # The next possible sort key.
            first = f"{page[-1]['sk']}\0"

    def _put(self, entry: Entry, previous: StoredEntry | None, beside: list[Action]) -> StoredEntry:
        writer = self._new_token()
        version = previous.version + 1 if previous else 1
        attributes = {"entry": entry.model_dump_json(), "state": entry.state, "version": version, "writer": writer}
        condition = (equals("version", previous.version),) if previous else NEW
        key = self._key(f"entry/{entry.id}")
        seconds = KEPT_SECONDS if entry.state == "released" else NOT_DONE_SECONDS
        put = Put(key, self._expiring(attributes, seconds) if entry.state in INERT else attributes, condition)
        try:
            if beside:
                self._table.transact([put, *beside])
            else:
                self._table.write(put)
        except ConditionFailedError as error:
            stored = self._table.get(key) or {}
            # Ours, whose response was lost.
            if stored.get("writer") == writer:
                return StoredEntry(entry, version)
            if 0 in error.failed:
                raise ConcurrentUpdateError("Another call goes on with it.") from error
            raise
        return StoredEntry(entry, version)

    def _past(self, entry: Entry, before: StoredEntry | None) -> list[Action]:
        if before is None or before.entry.token == entry.token or before.entry.state != "released":
            return []
        key = self._key(f"past/{before.entry.id}/{before.entry.token}")
        return [Put(key, self._expiring({"entry": before.entry.model_dump_json()}))]

    def _evidence(self, entry: Entry, evidence: Any) -> Put:
        key = self._key(f"evidence/{entry.id}/{entry.token}")
        return Put(key, self._expiring({"described": _packed(evidence)}))

    def _expiring(self, attributes: dict[str, Any], seconds: int = KEPT_SECONDS) -> dict[str, Any]:
        return {**attributes, "expires_at": self._clock() // 1000 + seconds}

    def _key(self, sort: str) -> Key:
        return Key(self._partition, sort)


def _stored_entry(item: Any) -> StoredEntry:
    return StoredEntry(Entry.model_validate_json(item["entry"]), int(item["version"]))


def _backlog(item: Any) -> Backlog:
    report_id = item["sk"].removeprefix("rest/")
    listed = json.loads(zlib.decompress(item["proposals"]))
    proposals = tuple(Proposal(kind, target, report_id, reason, refusal) for kind, target, reason, refusal in listed)
    return Backlog(report_id, proposals, int(item["version"]))


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, default=str, sort_keys=True).encode())
