"""The counters that a new report needs, and a cache of the counters that are full."""

from collections.abc import Callable, Collection, Sequence

from alert_responder.domain.admission import AdmissionLimits, Counter, Overflow, Scope, Surplus, counters, hour_of

REMEMBERED = 10_000
"""Maximum number of counters and detectors in the cache, so that its size is bounded."""


def the_first(counters: Sequence[Counter]) -> Counter:
    """Select the first counter: deterministic, for a single process."""
    return counters[0]


class Admission:
    """Selects the counters of new reports. The conditions on the counters, in the opening transaction, decide.

    The cache contains only facts that stay true: counters never decrease, and the limits of a process never change.

    Parameters
    ----------
    choose
        Selects one of several counters; randomly if many processes count at the same time, so that conflicts are rare.
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
        """Return the counters of a report that opens at an arrival, or the overflow report of its alerts."""
        hour, chosen = hour_of(arrival), list[Counter]()
        if self._limits.per_detector is not None:
            free = self._free("detector", detector, hour)
            if not free:
                return Surplus("detector", detector, hour)
            chosen.append(self._choose(free))
        if self._limits.per_installation is not None:
            free = self._free("installation", "", hour)
            # A detector above its own limit has its own overflow report: only the table knows whether it is above.
            if not free and (not chosen or (detector, hour) in self._within_its_own):
                return Surplus("installation", "", hour)
            chosen.append(self._choose(free or self._parts("installation", "", hour)))
        return tuple(chosen)

    def refused(self, detector: str, full: Collection[Counter]) -> None:
        """Remember the full counters, at least one, among those selected for a detector."""
        if len(self._full) + len(self._within_its_own) > REMEMBERED:
            self._full.clear()
            self._within_its_own.clear()
        self._full.update(full)
        hour = next(counter.hour for counter in full)
        if all(counter.scope == "installation" for counter in full) and not self._free("installation", "", hour):
            self._within_its_own.add((detector, hour))

    def overflow(self, surplus: Surplus) -> Overflow:
        """Describe the overflow report of a limit."""
        limits = self._limits
        limit = limits.per_detector if surplus.scope == "detector" else limits.per_installation
        return Overflow(surplus.scope, limit or 0)

    def _parts(self, scope: Scope, detector: str, hour: int) -> list[Counter]:
        return counters(scope, detector, hour, self.overflow(Surplus(scope, detector, hour)).limit)

    def _free(self, scope: Scope, detector: str, hour: int) -> list[Counter]:
        return [part for part in self._parts(scope, detector, hour) if part not in self._full]
