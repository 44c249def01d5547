"""Which counters a new report needs, and what a process remembers of those that are full."""

from collections.abc import Callable, Collection, Sequence

from alert_responder.domain.admission import AdmissionLimits, Counter, Overflow, Scope, Surplus, counters, hour_of

REMEMBERED = 10_000
"""Counters and detectors remembered, so that a process of many days or detectors stays small."""


def the_first(counters: Sequence[Counter]) -> Counter:
    """Pick the first of several counters: for one who counts alone and wants the same each time."""
    return counters[0]


class Admission:
    """Decides with counters what the table decides in the end: a counter's condition in the transaction that opens.

    It remembers what can only stay true: counters never fall, and a process has the same limits for all its life.

    Parameters
    ----------
    choose
        Picks one of several counters: by chance where many count at once, so that they seldom meet.
    """

    def __init__(
        self,
        limits: AdmissionLimits,
        choose: Callable[[Sequence[Counter]], Counter] = the_first,
    ) -> None:
        self._limits = limits
        self._choose = choose
        self._full: set[Counter] = set()
        self._within_its_own: set[tuple[str, int]] = set()

    def counters(self, detector: str, arrival: int) -> tuple[Counter, ...] | Surplus:
        """Pick the counters that a report opening at an arrival is counted by, or say where its alerts go instead."""
        hour, chosen = hour_of(arrival), list[Counter]()
        if self._limits.per_detector is not None:
            free = self._free("detector", detector, hour)
            if not free:
                return Surplus("detector", detector, hour)
            chosen.append(self._choose(free))
        if self._limits.per_installation is not None:
            free = self._free("installation", "", hour)
            # A detector beyond its own limit has its own overflow report: only the table knows whether it is.
            if not free and (not chosen or (detector, hour) in self._within_its_own):
                return Surplus("installation", "", hour)
            chosen.append(self._choose(free or self._parts("installation", "", hour)))
        return tuple(chosen)

    def refused(self, detector: str, full: Collection[Counter]) -> None:
        """Remember which of the counters picked for a detector were full, at least one."""
        if len(self._full) + len(self._within_its_own) > REMEMBERED:
            self._full.clear()
            self._within_its_own.clear()
        self._full.update(full)
        hour = next(counter.hour for counter in full)
        if all(counter.scope == "installation" for counter in full) and not self._free("installation", "", hour):
            self._within_its_own.add((detector, hour))

    def overflow(self, surplus: Surplus) -> Overflow:
        """Describe the overflow report of alerts beyond a limit."""
        limits = self._limits
        limit = limits.per_detector if surplus.scope == "detector" else limits.per_installation
        return Overflow(surplus.scope, limit or 0)

    def _parts(self, scope: Scope, detector: str, hour: int) -> list[Counter]:
        return counters(scope, detector, hour, self.overflow(Surplus(scope, detector, hour)).limit)

    def _free(self, scope: Scope, detector: str, hour: int) -> list[Counter]:
        return [part for part in self._parts(scope, detector, hour) if part not in self._full]
