"""Check whether containments are still in force: somebody else may have undone them."""

from alert_responder_plugins.quarantine.actions import ActionFailedError
from alert_responder_plugins.quarantine.executor import Executor
from alert_responder_plugins.quarantine.journal import StoredEntry
from alert_responder_plugins.quarantine.model import Entry, Kind, Part
from alert_responder_plugins.quarantine.places import Places
from alert_responder_plugins.quarantine.settings import QuarantineSettings

_GROWING: frozenset[Kind] = frozenset({"instance"})
"""Kinds whose targets can get further parts, such as a network interface that is attached later."""


class UnverifiableError(Exception):
    """The state is unknown, because AWS did not answer."""


class Verifier:
    """Compares containments with the state of their targets."""

    def __init__(self, settings: QuarantineSettings, places: Places, executor: Executor) -> None:
        self._settings = settings
        self._places = places
        self._executor = executor

    def check(self, stored: StoredEntry) -> Entry | None:
        """Check one containment, and record whether somebody undid it or it is in force again.

        With `reapply` the containment is repeated at once.

        Returns
        -------
        Entry or None
            The changed entry; None if the containment is still in force.

        Raises
        ------
        UnverifiableError
            The state of the target is unknown.
        ConcurrentUpdateError
            Another call is processing the entry.
        """
        entry = stored.entry
        parts, void = self._undone(entry)
        if not parts and void is None:
            return self._executor.put(stored, "contained", refusal=None).entry if entry.state == "undone" else None
        if self._settings.reapply and parts and not self._settings.dry_run:
            return self._repeat(stored, parts)
        refusal = void or f"Somebody else undid the containment: {', '.join(part.name for part in parts)}."
        return self._mark_undone(stored, refusal)

    def _undone(self, entry: Entry) -> tuple[tuple[Part, ...], str | None]:
        if entry.kind not in self._settings.kinds:
            raise UnverifiableError
        try:
            current = self._places.action(entry.location).look(entry.target)
        except ActionFailedError as error:
            self._places.learn(entry.location, error)
            raise UnverifiableError from error
        contained = {part.name: part.after for part in entry.parts}
        undone = (
            part
            for part in current.parts
            if (part.name in contained and part.before != contained[part.name])
            or (part.name not in contained and entry.kind in _GROWING)
        )
        # A target that no longer exists has no parts.
        return tuple(undone), current.void

    def _repeat(self, stored: StoredEntry, parts: tuple[Part, ...]) -> Entry:
        _, refusal = self._executor.judge(stored.entry.location)
        if refusal:
            return self._mark_undone(
                stored, f"Somebody else undid the containment, and the target is not contained again. {refusal}"
            )
        return self._executor.reapply(stored, parts)

    def _mark_undone(self, stored: StoredEntry, refusal: str) -> Entry:
        if (stored.entry.state, stored.entry.refusal) == ("undone", refusal):
            return stored.entry
        return self._executor.put(stored, "undone", refusal=refusal).entry
