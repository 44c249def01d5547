"""Commands of operators and of the schedule: JSON objects with `action`.

    {"action": "list"}                                                with "account": entries of this account only
    {"action": "approve", "id": "<kind>/<target>", "proof": {...}}    proof: returned by `approval.sign`
    {"action": "release", "id": "<kind>/<target>", "force": false}
    {"action": "release_due"}                                         sent by the schedule
    {"action": "stop"}, {"action": "start"}                           prevents new actions in between

The id of a target in a member account is `<account>/<region>/<kind>/<target>`. Every answer contains `done`, and
`reason` if that is false.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from alert_responder.contracts.base import describe_faults
from alert_responder_plugins.quarantine.approval import Callers, NotProvenError, Proof, may_approve, statement
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.housekeeping import Housekeeping, HousekeepingResult
from alert_responder_plugins.quarantine.journal import ConcurrentUpdateError, Journal, StoredEntry
from alert_responder_plugins.quarantine.model import INERT, Entry
from alert_responder_plugins.quarantine.release import Releaser
from alert_responder_plugins.quarantine.settings import QuarantineSettings

MAX_SHOWN = 500
"""Maximum number of listed entries, unless more are in force: an answer of Lambda has at most 6 MB."""

_ID_PATTERN = r"^(?:(?:[0-9]{12}|unknown)/[a-z0-9-]{1,32}/)?[a-z_]{1,32}/[!-~]+$"
_Id = Annotated[str, Field(min_length=3, max_length=750, pattern=_ID_PATTERN)]


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _ListCommand(_Command):
    action: Literal["list"]
    account: Annotated[str | None, Field(pattern=r"^[0-9]{12}$")] = None


class _SimpleCommand(_Command):
    action: Literal["release_due", "start", "stop"]


class _ApproveCommand(_Command):
    action: Literal["approve"]
    id: _Id
    proof: Proof


class _ReleaseCommand(_Command):
    action: Literal["release"]
    id: _Id
    force: bool = False


_AnyCommand = _ListCommand | _SimpleCommand | _ApproveCommand | _ReleaseCommand
_COMMAND: TypeAdapter[_AnyCommand] = TypeAdapter(Annotated[_AnyCommand, Field(discriminator="action")])


class Commands:
    """Carries out commands; invalid ones are answered with a reason."""

    def __init__(
        self,
        settings: QuarantineSettings,
        journal: Journal,
        executor: Executor,
        releaser: Releaser,
        housekeeping: Housekeeping,
        callers: Callers,
    ) -> None:
        self._settings = settings
        self._home = settings.account_id
        self._journal = journal
        self._executor = executor
        self._releaser = releaser
        self._housekeeping = housekeeping
        self._callers = callers

    def do(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out one command."""
        try:
            command = _COMMAND.validate_python(dict(event))
        except ValidationError as error:
            return _not_done(f"invalid command: {describe_faults(error, 'command')[0]}")
        if isinstance(command, _ListCommand):
            return self._list(command.account)
        if isinstance(command, _SimpleCommand):
            return self._simple(command.action)
        stored = self._journal.get(command.id)
        if stored is None:
            return _not_done("The entry does not exist; list returns all entries.")
        try:
            if isinstance(command, _ApproveCommand):
                return self._approve(stored, command.proof)
            return _done([self._releaser.release(stored, None, force=command.force)], released=True)
        except ConcurrentUpdateError as error:
            return _not_done(str(error))

    def _list(self, account: str | None) -> dict[str, Any]:
        every = (stored.entry for stored in self._journal.all())
        shown, left_out = _newest(each for each in every if account in (None, each.account or self._home))
        more = {"stopped": self._journal.stopped(), "label": self._settings.label}
        entries = [{"account": self._home, "region": self._settings.region, **_shown(entry)} for entry in shown]
        return {"done": True, "entries": entries, **more, "left_out": left_out}

    def _simple(self, action: str) -> dict[str, Any]:
        if action == "release_due":
            return _housekeeping_answer(self._housekeeping.run())
        self._journal.switch(stopped=action == "stop")
        return {"done": True}

    def _approve(self, stored: StoredEntry, proof: Proof) -> dict[str, Any]:
        entry = stored.entry
        if entry.state != "waiting":
            return _not_done(f"The entry is not waiting for approval; its state is {entry.state}.", entry)
        if self._housekeeping.lapsed(entry):
            return _not_done("The time limit for the approval has passed.", entry)
        what = statement(self._settings.label, entry.id, entry.token)
        try:
            caller = self._callers.identify(proof, what)
        except NotProvenError as error:
            return _not_done(str(error), entry)
        if refusal := may_approve(caller, entry, self._settings):
            return _not_done(refusal, entry)
        # The signature is kept until the action begins, when it is verified again.
        update = {"state": "queued", "approved_by": caller.arn, "refusal": None, "proof": proof.model_dump()}
        entry = self._executor.resume(self._journal.put(entry.model_copy(update=update), stored))
        return _done([entry]) if entry.state == "contained" else _not_done(entry.refusal or entry.state, entry)


def _newest(entries: Iterable[Entry]) -> tuple[list[Entry], int]:
    """Return the entries to list, the newest first, and the number of those left out.

    All entries in force or waiting are listed, and as many of the others as there is room for.
    """
    active: list[Entry] = []
    newest: list[tuple[int, str, Entry]] = []
    count = 0
    for entry in entries:
        count += 1
        if entry.state not in INERT:
            active.append(entry)
        else:
            heapq.heappush(newest, (entry.created_at, entry.id, entry))
            if len(newest) > MAX_SHOWN:
                heapq.heappop(newest)
    active.sort(key=lambda entry: (-entry.created_at, entry.id))
    others = [entry for _, _, entry in sorted(newest, key=lambda each: (-each[0], each[1]))]
    shown = [*active, *others[: max(MAX_SHOWN - len(active), 0)]]
    return shown, count - len(shown)


def _housekeeping_answer(result: HousekeepingResult) -> dict[str, Any]:
    counts = {"undone": result.undone, "failed": result.failed, "cut_off": result.cut_off, "unseen": result.unseen}
    return {**_done(result.entries), **counts}


def _done(entries: Sequence[Entry], *, released: bool = False) -> dict[str, Any]:
    shown = [_shown(entry) for entry in entries]
    if released and entries[0].state not in ("released", "refused", "planned"):
        return {"done": False, "reason": entries[0].refusal, "entries": shown}
    return {"done": True, "entries": shown}


def _not_done(reason: str, *entries: Entry) -> dict[str, Any]:
    return {"done": False, "reason": reason, "entries": [_shown(entry) for entry in entries]}


def _shown(entry: Entry) -> dict[str, Any]:
    shown = entry.model_dump(mode="json", exclude={"lease_until", "proof"}, exclude_none=True)
    if not entry.account:
        del shown["account"], shown["region"]
    return {"id": entry.id, **shown}
