"""Whether what is contained still is: somebody else may have undone it."""

from alert_responder_plugins.quarantine.actions import ActionFailedError, Actions
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.journal import StoredEntry
from alert_responder_plugins.quarantine.model import Entry, Kind, Part
from alert_responder_plugins.quarantine.settings import QuarantineSettings

_GROWING: frozenset[Kind] = frozenset({"instance"})
"""Kinds whose targets may get further parts, such as a network interface that is attached later."""


class UnverifiableError(Exception):
    """It cannot be known: AWS did not answer."""


class Verifier:
    """Compares what is contained with how it should be."""

    def __init__(self, settings: QuarantineSettings, actions: Actions, executor: Executor) -> None:
        self._settings = settings
        self._actions = actions
        self._executor = executor

    def check(self, stored: StoredEntry) -> Entry | None:
        """Look at one containment, and write down if somebody has undone it, or if it is in force again.

        With `reapply` it is contained again at once.

        Returns
        -------
        Entry or None
            As it is now; None if it is in force, and was before.

        Raises
        ------
        UnverifiableError
            It cannot be known.
        ConcurrentUpdateError
            Another call is at it.
        """
        entry = stored.entry
        parts, void = self._undone(entry)
        if not parts and void is None:
            return self._executor.put(stored, "contained", refusal=None).entry if entry.state == "undone" else None
        if self._settings.reapply and parts and not self._settings.dry_run:
            return self._again(stored, parts)
        refusal = void or f"Somebody else has undone it: {', '.join(part.name for part in parts)}."
        return self._marked(stored, refusal)

    def _undone(self, entry: Entry) -> tuple[tuple[Part, ...], str | None]:
        action = self._actions.get(entry.kind)
        if action is None or entry.kind not in self._settings.kinds:
            raise UnverifiableError
        try:
            current = action.look(entry.target)
        except ActionFailedError as error:
            raise UnverifiableError from error
        wanted = {part.name: part.after for part in entry.parts}
        undone = (
            part
            for part in current.parts
            if (part.name in wanted and part.before != wanted[part.name])
            or (part.name not in wanted and entry.kind in _GROWING)
        )
        # What is gone needs nothing: then there are no parts.
        return tuple(undone), current.void

    def _again(self, stored: StoredEntry, parts: tuple[Part, ...]) -> Entry:
        _, refusal = self._executor.judge(stored.entry.kind, stored.entry.target)
        if refusal:
            return self._marked(stored, f"Somebody else has undone it, and it is not contained again. {refusal}")
        return self._executor.reapply(stored, parts)

    def _marked(self, stored: StoredEntry, refusal: str) -> Entry:
        if (stored.entry.state, stored.entry.refusal) == ("undone", refusal):
            return stored.entry
        return self._executor.put(stored, "undone", refusal=refusal).entry
