"""How the lookups of a report are shared among its alerts, so that no alert uses up what others need (protocol: PLAN).

Three rules hold at once:

- **Waves.** All alerts whose first lookup is due in the same Plan are a wave; if it is tried again, those that came
  since are another one. A wave and those before it may use all that is left when it begins, except a quarter: that is
  for the alerts that come later.
- **Shares.** While several alerts compete in a round, half of what the round may use is divided equally among them and
  kept for each until the round ends, for what inspectors find is planned later in the round. The other half goes to
  those who want more.
- **Turns.** Whatever is given is given in turns, in the order of the caller.

What only the shares keep back is deferred: the next round gives it. What the waves keep back is over budget.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from alert_responder.domain.identifiers import first_wave, plan_of, round_of

RESERVE = 4
"""The reserve for later alerts is what is left when a wave begins, divided by this."""


class Spent(NamedTuple):
    """A lookup that counts against the budget.

    Attributes
    ----------
    alert
        The one it was made for.
    wave
        The one in which it was written first.
    owner
        Sequence of the Plan that handed it out last.
    """

    alert: str
    wave: int
    owner: int


class Shares(NamedTuple):
    """Positions of the lookups wanted: those to plan now, those of the next round, and those beyond the budget.

    Attributes
    ----------
    wave
        The wave of those to plan now.
    """

    now: tuple[int, ...]
    deferred: tuple[int, ...]
    over: tuple[int, ...]
    wave: int


def share(wanted: Sequence[str], spent: Sequence[Spent], seen: Mapping[str, int], budget: int, plan: int) -> Shares:
    """Divide the budget of a report.

    Parameters
    ----------
    wanted
        The alert of each lookup that is wanted, in the order of their turns.
    spent
        The lookups made so far, those of this Plan included.
    seen
        Alerts that wanted lookups before and may not have got any, and the first wave in which they did.
    budget
        Lookups of the report in all its rounds [1 or more].
    plan
        Sequence of the Plan that asks.

    Returns
    -------
    Shares
        Asked again in the same Plan with what was given as `spent`, it gives nothing more.
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
    """Number the wave that a Plan begins, or goes on with if no alert is new."""
    of_this_plan = [wave for wave in (*(one.wave for one in spent), *seen.values()) if plan_of(wave) == plan]
    if not of_this_plan:
        return first_wave(plan)
    newcomers = set(wanted) - {one.alert for one in spent} - set(seen)
    last = max(of_this_plan)
    return last + 1 if newcomers and plan_of(last + 1) == plan else last


def _waves(wanted: Iterable[str], spent: Iterable[Spent], seen: Mapping[str, int], wave: int) -> dict[str, int]:
    """Return each alert's wave: the one in which its first lookup was due."""
    waves = {alert: min(seen.get(alert, wave), wave) for alert in wanted}
    for one in spent:
        waves[one.alert] = min(waves.get(one.alert, seen.get(one.alert, one.wave)), one.wave)
    return waves


class _Room:
    """What each wave, with those before it, may still use."""

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
        """What each wave and those before it may still use, by wave."""
        return dict(zip(self._order, self._left, strict=True))

    def has(self, wave: int) -> bool:
        """Whether a wave may use one more: it counts against the later ones too."""
        return min(self._left[self._place[wave] :]) > 0

    def take(self, wave: int) -> None:
        """Use one."""
        for place in range(self._place[wave], len(self._left)):
            self._left[place] -= 1


class _Portions:
    """What each alert that competes in a round may have of what the round may use.

    The waves are bounded one by one: what all waves up to a certain one may use is shared by their alerts.
    """

    def __init__(
        self, wanted: Sequence[str], spent: Sequence[Spent], waves: Mapping[str, int], room: _Room, plan: int
    ) -> None:
        round_ = round_of(plan)
        earlier = [waves[one.alert] for one in spent if round_of(plan_of(one.wave)) < round_]
        self._waves = waves
        self._made = Counter(one.alert for one in spent if round_of(plan_of(one.wave)) >= round_)
        # As it was when the round began: what this round gives must not change who competes in it.
        open_ = {wave for wave, bound in room.bounds.items() if sum(before <= wave for before in earlier) < bound}
        # An alert whose lookups are made in this round, whoever planned them, may find something to look up in turn.
        under_way = {one.alert for one in spent if round_of(one.owner) >= round_}
        competing = under_way | {alert for alert in wanted if waves[alert] in open_}
        self._portions: dict[int, int | None] = {}
        self._extra: dict[int, int] = {}
        for wave, left in room.left.items():
            made = [count for alert, count in self._made.items() if waves[alert] <= wave]
            usable = max(0, left + sum(made))
            alerts = sum(waves[alert] <= wave for alert in competing)
            portion = max(1, (usable - usable // 2) // max(1, alerts))
            self._portions[wave] = portion if alerts > 1 else None
            self._extra[wave] = usable // 2 - sum(max(0, count - portion) for count in made)

    def allow(self, alert: str) -> bool:
        """Whether an alert may have one more in this round."""
        return all(self._extra[wave] > 0 for wave in self._exceeded(alert))

    def take(self, alert: str) -> None:
        """Give it one more."""
        for wave in self._exceeded(alert):
            self._extra[wave] -= 1
        self._made[alert] += 1

    def _exceeded(self, alert: str) -> list[int]:
        """Name the waves of whose portions an alert has all; one that is alone has no portion."""
        return [
            wave
            for wave, portion in self._portions.items()
            if wave >= self._waves[alert] and portion is not None and self._made[alert] >= portion
        ]
