"""How the alerts of a report share its lookups, so that no alert uses up those of the others.

Three rules apply together:

- **Waves.** The alerts that are planned for the first time in a Plan are a wave; if the Plan is retried, those that
  arrived since are another one. A wave, with the waves before it, may use three quarters of the lookups that are left
  when it begins. The last quarter is reserved for later alerts.
- **Shares.** While several alerts compete in a round, half of the round's lookups is divided equally among them. Each
  share is kept until the round ends, because inspectors may find more attributes. The other half goes to the alerts
  that want more.
- **Turns.** Lookups are given in turns, in the order of the caller.

Lookups beyond a share are deferred to the next round. Lookups beyond the limit of a wave are over budget.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alert_responder.domain.identifiers import first_wave, plan_of, round_of

RESERVE = 4
"""The reserve for later alerts is the number of lookups left when a wave begins, divided by this."""


class Spent(NamedTuple):
    """A lookup that counts against the budget.

    Attributes
    ----------
    alert
        The alert to which it is charged.
    wave
        The wave in which it was first planned.
    owner
        Sequence number of the Plan that handed it out last.
    is_open
        Whether it has no outcome yet; it may still find attributes.
    """

    alert: str
    wave: int
    owner: int
    is_open: bool = False


class Shares(NamedTuple):
    """Positions of the wanted lookups: those to plan now, those for the next round, and those over budget.

    Attributes
    ----------
    wave
        The wave of the lookups to plan now.
    """

    now: tuple[int, ...]
    deferred: tuple[int, ...]
    over: tuple[int, ...]
    wave: int


def share(wanted: Sequence[str], spent: Sequence[Spent], seen: Mapping[str, int], budget: int, plan: int) -> Shares:
    """Divide the lookups of a report.

    Parameters
    ----------
    wanted
        The alert of each wanted lookup, in the order of turns.
    spent
        The lookups so far, including those of this Plan.
    seen
        Alerts that wanted lookups before and may have got none, with the first wave in which they wanted them.
    budget
        Maximum number of lookups in all rounds of the report [1 or more].
    plan
        Sequence number of the current Plan.

    Returns
    -------
    Shares
        Calling again in the same Plan, with the planned lookups in `spent`, returns no more lookups to plan now.
    """
    wave = _wave(wanted, spent, seen, plan)
    waves = _waves(wanted, spent, seen, wave)
    room = _Room(waves, spent, budget)
    portions = _Portions(wanted, spent, waves, room, plan)
    now: list[int] = []
    left: list[int] = []
    for position, alert in enumerate(wanted):
        fits = room.has(waves[alert]) and portions.allow(alert)
        if fits:
            room.take(waves[alert])
            portions.take(alert)
        (now if fits else left).append(position)
    deferred: list[int] = []
    over: list[int] = []
    for position in left:
        fits = room.has(waves[wanted[position]])
        if fits:
            room.take(waves[wanted[position]])
        (deferred if fits else over).append(position)
    return Shares(tuple(now), tuple(deferred), tuple(over), wave)


def _wave(wanted: Iterable[str], spent: Sequence[Spent], seen: Mapping[str, int], plan: int) -> int:
    """Return the wave that a Plan begins, or continues if no alert is new."""
    of_this_plan = [wave for wave in (*(one.wave for one in spent), *seen.values()) if plan_of(wave) == plan]
    if not of_this_plan:
        return first_wave(plan)
    newcomers = set(wanted) - {one.alert for one in spent} - set(seen)
    last = max(of_this_plan)
    return last + 1 if newcomers and plan_of(last + 1) == plan else last


def _waves(wanted: Iterable[str], spent: Iterable[Spent], seen: Mapping[str, int], wave: int) -> dict[str, int]:
    """Return each alert's wave: the one in which it was first planned."""
    waves = {alert: min(seen.get(alert, wave), wave) for alert in wanted}
    for one in spent:
        waves[one.alert] = min(waves.get(one.alert, seen.get(one.alert, one.wave)), one.wave)
    return waves


class _Room:
    """The lookups that each wave, with the waves before it, may still use."""

    def __init__(self, waves: Mapping[str, int], spent: Sequence[Spent], budget: int) -> None:
        self._order = sorted(set(waves.values()))
        self._place = {wave: place for place, wave in enumerate(self._order)}
        self.bounds = {
            wave: budget - max(0, budget - sum(one.wave < wave for one in spent)) // RESERVE for wave in self._order
        }
        used = Counter(waves[one.alert] for one in spent)
        self._left: list[int] = []
        total = 0
        for wave in self._order:
            total += used[wave]
            self._left.append(self.bounds[wave] - total)

    @property
    def left(self) -> dict[int, int]:
        """Number of lookups left for each wave and the waves before it, by wave."""
        return dict(zip(self._order, self._left, strict=True))

    def has(self, wave: int) -> bool:
        """Check whether a wave may use one more lookup, which also counts against later waves."""
        return min(self._left[self._place[wave] :]) > 0

    def take(self, wave: int) -> None:
        """Use one lookup."""
        for place in range(self._place[wave], len(self._left)):
            self._left[place] -= 1


class _Portions:
    """The share of each competing alert in the lookups of a round.

    Each wave has a separate limit: the alerts of all waves up to it share the lookups that these may use.
    """

    def __init__(
        self, wanted: Sequence[str], spent: Sequence[Spent], waves: Mapping[str, int], room: _Room, plan: int
    ) -> None:
        round_ = round_of(plan)
        earlier = [waves[one.alert] for one in spent if round_of(plan_of(one.wave)) < round_]
        self._waves = waves
        self._made = Counter(one.alert for one in spent if round_of(plan_of(one.wave)) >= round_)
        # As it was when the round began: lookups given in this round must not change which alerts compete in it.
        open_ = {wave for wave, bound in room.bounds.items() if sum(before <= wave for before in earlier) < bound}
        # An alert with lookups in this round, or with open ones of a round that died, may need more for attributes that
        # they find.
        under_way = {one.alert for one in spent if one.is_open or round_of(one.owner) >= round_}
        competing = under_way | {alert for alert in wanted if waves[alert] in open_}
        self._portions: dict[int, int | None] = {}
        self._extra: dict[int, int] = {}
        self._without: dict[int, set[str]] = {}
        for wave, left in room.left.items():
            made = [count for alert, count in self._made.items() if waves[alert] <= wave]
            usable = max(0, left + sum(made))
            alerts = [alert for alert in competing if waves[alert] <= wave]
            portion = max(1, (usable - usable // 2) // max(1, len(alerts)))
            self._portions[wave] = portion if len(alerts) > 1 else None
            self._extra[wave] = usable // 2 - sum(max(0, count - portion) for count in made)
            if usable < len(alerts):
                # Not one for each: those that had the fewest come first, or a flood would take the last of them, one in
                # each round that dies. At least one is made, since the alerts that can use one are among these.
                had = Counter(one.alert for one in spent)
                able = {alert for alert in wanted if room.has(waves[alert])} | under_way
                claims = sorted((alert for alert in alerts if alert in able), key=lambda alert: (had[alert], alert))
                self._without[wave] = set(alerts) - set(claims[:usable])
                self._extra[wave] = 0

    def allow(self, alert: str) -> bool:
        """Check whether an alert may have one more lookup in this round."""
        return all(self._extra[wave] > 0 for wave in self._exceeded(alert))

    def take(self, alert: str) -> None:
        """Give an alert one more lookup."""
        for wave in self._exceeded(alert):
            self._extra[wave] -= 1
        self._made[alert] += 1

    def _exceeded(self, alert: str) -> list[int]:
        """Return the waves in which an alert has used its share; an alert without competition has no share."""
        return [
            wave
            for wave, portion in self._portions.items()
            if wave >= self._waves[alert]
            and portion is not None
            and (self._made[alert] >= portion or alert in self._without.get(wave, ()))
        ]
