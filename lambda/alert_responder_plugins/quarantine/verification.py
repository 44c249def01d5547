"""Whether what is contained still is: somebody else may have undone it."""

from alert_responder_plugins.quarantine.actions import ActionFailedError, Actions
from alert_responder_plugins.quarantine.executor import Acting
from alert_responder_plugins.quarantine.journal import Held
from alert_responder_plugins.quarantine.model import Entry, Kind, Part
from alert_responder_plugins.quarantine.settings import QuarantineSettings

_GROWING: frozenset[Kind] = frozenset({"instance"})
"""Kinds whose targets may get further parts, such as a network interface that is attached later."""


class UnseenError(Exception):
    """It cannot be known: AWS did not answer."""


class Watching:
    """Compares what is contained with how it should be."""

    def __init__(self, settings: QuarantineSettings, actions: Actions, acting: Acting) -> None:
        self._settings = settings
        self._actions = actions
        self._acting = acting

    def check(self, held: Held) -> Entry | None:
        """Look at one containment, and write down if somebody has undone it, or if it is in force again.

        With `reapply` it is contained again at once.

        Returns
        -------
        Entry or None
            As it is now; None if it is in force, and was before.

        Raises
        ------
        UnseenError
            It cannot be known.
        MovedError
            Another call is at it.
        """
        entry = held.entry
        parts, void = self._undone(entry)
        if not parts and void is None:
            return self._acting.put(held, "contained", refusal=None).entry if entry.state == "undone" else None
        if self._settings.reapply and parts and not self._settings.dry_run:
            return self._again(held, parts)
        refusal = void or f"Somebody else has undone it: {', '.join(part.name for part in parts)}."
        return self._marked(held, refusal)

    def _undone(self, entry: Entry) -> tuple[tuple[Part, ...], str | None]:
        action = self._actions.get(entry.kind)
        if action is None or entry.kind not in self._settings.kinds:
            raise UnseenError
        try:
            sight = action.look(entry.target)
        except ActionFailedError as error:
            raise UnseenError from error
        wanted = {part.name: part.after for part in entry.parts}
        undone = (
            part
            for part in sight.parts
            if (part.name in wanted and part.before != wanted[part.name])
            or (part.name not in wanted and entry.kind in _GROWING)
        )
        # What is gone needs nothing: then there are no parts.
        return tuple(undone), sight.void

    def _again(self, held: Held, parts: tuple[Part, ...]) -> Entry:
        _, refusal = self._acting.judge(held.entry.kind, held.entry.target)
        if refusal:
            return self._marked(held, f"Somebody else has undone it, and it is not contained again. {refusal}")
        return self._acting.reapply(held, parts)

    def _marked(self, held: Held, refusal: str) -> Entry:
        if (held.entry.state, held.entry.refusal) == ("undone", refusal):
            return held.entry
        return self._acting.put(held, "undone", refusal=refusal).entry
