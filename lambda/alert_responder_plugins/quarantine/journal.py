"""The journal of containments: what was changed, its previous state, and which call is processing it.

Everything is stored in the partition `quarantine/<name>` of AlertResponder's table: one entry per target, descriptions
of targets before they were changed, past entries, the times of the last actions, the number of new entries per hour,
the backlog, and the switch that stops new actions.
"""

import json
import secrets
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alert_responder.errors import ConditionFailedError
from alert_responder.store.table import NEW, Action, Check, Key, Put, Table, Update, absent, absent_or_below, equals
from alert_responder_plugins.common.errors import PluginFaultError
from alert_responder_plugins.quarantine.guards import about_rate
from alert_responder_plugins.quarantine.model import INERT, Entry, Location, Proposal
from alert_responder_plugins.quarantine.rate import HOUR, Rate
from alert_responder_plugins.quarantine.settings import QuarantineSettings

KEPT_SECONDS = 400 * 86_400
"""How long entries of targets that were released are kept [s]; entries in force are kept until they are released."""

NOT_DONE_SECONDS = 7 * 86_400
"""How long entries that were not carried out are kept [s]: an author of alerts can cause many of them."""

MAX_NEW_OF_REPORT, MAX_NEW = 20, 100
"""Maximum number of new entries within an hour, per report and in total; refused ones are counted separately."""

MAX_BACKLOG_BYTES = 300_000
"""Maximum size of a report's compressed backlog [bytes]; an item is limited to 400 KB."""

MAX_NEW_IN_ACCOUNT = 30
"""Maximum number of new entries within an hour in one account, unless more actions may begin there; only if the
quarantine acts in several. An account whose alerts an attacker causes does not use up `MAX_NEW` then."""

PAGE = 100
"""Number of entries read at a time."""

_LAST = "\uffff"
_MAX_ATTEMPTS = 8


class StoppedError(PluginFaultError):
    """The quarantine is stopped."""


class RateLimitError(PluginFaultError):
    """The maximum number of actions per hour is reached."""


class ConcurrentUpdateError(PluginFaultError):
    """Another call changed the entry meanwhile, and continues with it."""


class StoredEntry:
    """An entry in the journal, with its version."""

    __slots__ = ("entry", "version")

    def __init__(self, entry: Entry, version: int) -> None:
        self.entry = entry
        self.version = version


class Backlog:
    """Targets of a report for which a call had no time, with their version."""

    __slots__ = ("proposals", "report_id", "version")

    def __init__(self, report_id: str, proposals: tuple[Proposal, ...], version: int) -> None:
        self.report_id = report_id
        self.proposals = proposals
        self.version = version


class Journal:
    """The journal of one quarantine.

    Every write of an entry is conditional on the version that was read: of two concurrent calls, one continues and the
    other gets `ConcurrentUpdateError`. A write whose response was lost is recognised by its writer.

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
        """Return the entry with this id."""
        item = self._table.get(self._key(f"entry/{id_}"))
        return _stored_entry(item) if item else None

    def all(self) -> Iterator[StoredEntry]:
        """Yield all entries by id; they are read in pages."""
        return map(_stored_entry, self._pages("entry/"))

    def admits(self, entry: Entry, settings: QuarantineSettings) -> bool:
        """Count a new entry; return False if a limit of new entries within an hour is reached.

        Targets that cannot be contained have separate limits, so that they do not displace others, and are not counted
        by account: anybody can claim one.
        """
        kind, hour = "nothing" if entry.state == "refused" else "action", self._clock() // HOUR
        limits = {kind: MAX_NEW, f"{kind}/{entry.report_id}": MAX_NEW_OF_REPORT}
        if settings.members and kind == "action":
            most = max(MAX_NEW_IN_ACCOUNT, settings.max_actions_per_hour_in_account or 0)
            limits[f"{kind}/{entry.account or settings.account_id}"] = most
        count = Update(
            self._key(f"hour/{hour}"),
            assign={"expires_at": (hour + 2) * HOUR // 1000},
            add=dict.fromkeys(limits, 1),
            condition=tuple(absent_or_below(name, most) for name, most in limits.items()),
        )
        try:
            self._table.write(count)
        except ConditionFailedError:
            return False
        return True

    def backlogs(self) -> Iterator[Backlog]:
        """Yield the backlogs by report; they are read in pages."""
        for item in self._pages("rest/"):
            if item["count"]:
                yield _backlog(item)

    def keep_backlog(self, report_id: str, proposals: Sequence[Proposal], previous: Backlog | None = None) -> int:
        """Store the targets of a report for which a call had no time, or record that none are left.

        Returns
        -------
        int
            Number of targets that did not fit into an item.

        Raises
        ------
        ConcurrentUpdateError
            Another call has written the backlog since `previous` was read.
        """
        key = self._key(f"rest/{report_id}")
        version = previous.version if previous else int((self._table.get(key) or {"version": 0})["version"])
        if not proposals and not version:
            return 0
        kept = list(proposals)
        while len(packed := _packed(list(map(_listed, kept)))) > MAX_BACKLOG_BYTES:
            del kept[len(kept) * 3 // 4 :]
        attributes = {"proposals": packed, "count": len(kept), "version": version + 1}
        condition = (equals("version", version),) if previous else ()
        try:
            self._table.write(Put(key, self._expiring(attributes, NOT_DONE_SECONDS), condition))
        except ConditionFailedError as error:
            raise ConcurrentUpdateError("Another call is processing the entry.") from error
        return len(proposals) - len(kept)

    def put(self, entry: Entry, previous: StoredEntry | None) -> StoredEntry:
        """Write an entry, or raise `ConcurrentUpdateError` if it has changed since it was read.

        A released entry of an earlier containment is kept as a past entry.
        """
        return self._put(entry, previous, self._past(entry, previous))

    def begin(self, entry: Entry, previous: StoredEntry, evidence: Any, settings: QuarantineSettings) -> StoredEntry:
        """Write an entry whose action begins, together with the description of its target.

        This is one transaction: no action begins while the quarantine is stopped, or above the maximum rate.

        Raises
        ------
        StoppedError, RateLimitError, ConcurrentUpdateError
            Nothing was written.
        """
        key = self._key("rate")
        for _ in range(_MAX_ATTEMPTS):
            if self.stopped():
                raise StoppedError("The quarantine is stopped.")
            counted = self._table.get(key) or {}
            now = self._clock()
            rate = Rate.read(counted, now)
            account = entry.account or settings.account_id
            if refusal := about_rate(rate, account, settings):
                raise RateLimitError(refusal)
            count = Put(
                key,
                {**rate.with_action(account).stored(), "version": int(counted.get("version", 0)) + 1},
                (equals("version", counted.get("version")),),
            )
            running = Check(self._key("switch"), (absent("stopped_at"),))
            kept = [] if evidence is None else [self._evidence(entry, evidence)]
            try:
                return self._put(entry, previous, [count, running, *kept])
            except ConditionFailedError:
                continue  # Another action began, or the quarantine was stopped.
        raise ConcurrentUpdateError("Too many actions are beginning at the same time; try again.")

    def evidence(self, entry: Entry) -> Any:
        """Return the description of a target before it was changed, or None."""
        item = self._table.get(self._key(f"evidence/{entry.id}/{entry.token}"))
        return json.loads(zlib.decompress(item["described"])) if item else None

    def stopped(self) -> bool:
        """Whether the quarantine is stopped."""
        return "stopped_at" in (self._table.get(self._key("switch")) or {})

    def switch(self, *, stopped: bool) -> None:
        """Stop or start the quarantine."""
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
        # A released target must not be contained again for the same report.
        seconds = KEPT_SECONDS if entry.released_for else NOT_DONE_SECONDS
        put = Put(key, self._expiring(attributes, seconds) if entry.state in INERT else attributes, condition)
        try:
            if beside:
                self._table.transact([put, *beside])
            else:
                self._table.write(put)
        except ConditionFailedError as error:
            stored = self._table.get(key) or {}
            # Written by this call, whose response was lost.
            if stored.get("writer") == writer:
                return StoredEntry(entry, version)
            if 0 in error.failed:
                raise ConcurrentUpdateError("Another call is processing the entry.") from error
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
    proposals = tuple(
        Proposal(Location(kind, target, *place), report_id, reason, refusal)
        # Backlogs of an earlier version have no place.
        for kind, target, reason, refusal, *place in listed
    )
    return Backlog(report_id, proposals, int(item["version"]))


def _listed(proposal: Proposal) -> list[str | None]:
    where = proposal.location
    return [where.kind, where.target, proposal.reason, proposal.refusal, where.account, where.region]


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, default=str, sort_keys=True).encode())
