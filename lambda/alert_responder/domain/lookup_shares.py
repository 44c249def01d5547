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

The budget counts calls. Lookups of a batched inspector share a call: the first one uses it up, and its alert is
charged; the next ones get the remaining places, in turns, whichever alert they belong to. A second budget of
`MAX_LOOKUPS`, under the same rules, then counts every lookup.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

from alert_responder.domain.identifiers import first_wave, plan_of, round_of
from alert_responder.domain.records import MAX_LOOKUPS

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
    shares_call
        Whether it shares the call of another lookup, and uses up none.
    """

    alert: str
    wave: int
    owner: int
    is_open: bool = False
    shares_call: bool = False


class Batches(NamedTuple):
    """Which lookups may share calls.

    Attributes
    ----------
    inspectors
        The batched inspector of each wanted lookup; None if it has a call of its own. Empty: all have.
    sizes
        Lookups in one call, by batched inspector.
    free
        Places that are left in the calls of this Plan, by batched inspector.
    """

    inspectors: Sequence[str | None] = ()
    sizes: Mapping[str, int] = MappingProxyType({})
    free: Mapping[str, int] = MappingProxyType({})


class Shares(NamedTuple):
    """Positions of the wanted lookups: those to plan now, those for the next round, and those over budget.

    Attributes
    ----------
    wave
        The wave of the lookups to plan now.
    sharing
        Those to plan now that share the call of another lookup.
    """

    now: tuple[int, ...]
    deferred: tuple[int, ...]
    over: tuple[int, ...]
    wave: int
    sharing: frozenset[int] = frozenset()


def share(
    wanted: Sequence[str],
    spent: Sequence[Spent],
    seen: Mapping[str, int],
    budget: int,
    plan: int,
    batches: Batches = Batches(),  # noqa: B008 - frozen
) -> Shares:
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
        Maximum number of calls in all rounds of the report [1 or more].
    plan
        Sequence number of the current Plan.
    batches
        Which of the wanted lookups may share calls.

    Returns
    -------
    Shares
        Calling again in the same Plan, with the planned lookups in `spent`, returns no more lookups to plan now.
    """
    wave = _wave(wanted, spent, seen, plan)
    waves = _waves(wanted, spent, seen, wave)
    budgets = [(budget, spent)]
    # Without batches, each lookup is a call, and the budget of calls is the smaller one.
    if any(batches.inspectors) or any(one.shares_call for one in spent):
        budgets.append((MAX_LOOKUPS, [one._replace(shares_call=False) for one in spent]))
    rooms = [_Room(waves, charged, limit) for limit, charged in budgets]
    # For both, or each could keep its last lookup for an alert that the other one excludes.
    able = {alert for alert in wanted if all(room.has(waves[alert]) for room in rooms)}
    calls, *lookups = (
        _Budget(room, _Portions(wanted, charged, waves, room, plan, able), waves)
        for room, (_, charged) in zip(rooms, budgets, strict=True)
    )
    places = _Places(batches, batches.free)
    now: list[int] = []
    sharing: set[int] = set()

    def divide(positions: Iterable[int], *, new_calls: bool) -> list[int]:
        left: list[int] = []
        for position in positions:
            shares = places.has(position)
            needed = lookups if shares else [calls, *lookups]
            if (shares or new_calls) and all(each.allows(wanted[position]) for each in needed):
                for each in needed:
                    each.take(wanted[position])
                places.take(position)
                now.append(position)
                sharing.update([position] if shares else [])
            else:
                left.append(position)
        return left

    left = divide(range(len(wanted)), new_calls=True)
    # Other alerts may have begun calls meanwhile.
    left = divide(left, new_calls=False)
    deferred: list[int] = []
    over: list[int] = []
    places = _Places(batches, {})
    for position in left:
        needed = lookups if places.has(position) else [calls, *lookups]
        fits = all(each.room.has(waves[wanted[position]]) for each in needed)
        if fits:
            for each in needed:
                each.room.take(waves[wanted[position]])
            places.take(position)
        (deferred if fits else over).append(position)
    return Shares(tuple(sorted(now)), tuple(deferred), tuple(over), wave, frozenset(sharing))


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


class _Places:
    """The places in calls of batched inspectors that are left; the first lookup of a call adds the others."""

    def __init__(self, batches: Batches, free: Mapping[str, int]) -> None:
        self._batches = batches
        self._free = Counter(free)

    def has(self, position: int) -> bool:
        """Check whether a wanted lookup gets a place in a call of another one."""
        inspector = self._inspector(position)
        return inspector is not None and self._free[inspector] > 0

    def take(self, position: int) -> None:
        """Give a wanted lookup a place, in a call of another lookup or in a new one."""
        inspector = self._inspector(position)
        if inspector is not None:
            self._free[inspector] += -1 if self._free[inspector] else self._batches.sizes[inspector] - 1

    def _inspector(self, position: int) -> str | None:
        return self._batches.inspectors[position] if self._batches.inspectors else None


class _Budget(NamedTuple):
    """A number of calls or of lookups, with the rules by which alerts share it."""

    room: "_Room"
    portions: "_Portions"
    waves: Mapping[str, int]

    def allows(self, alert: str) -> bool:
        """Check whether an alert may use one more in this round."""
        return self.room.has(self.waves[alert]) and self.portions.allow(alert)

    def take(self, alert: str) -> None:
        """Use one."""
        self.room.take(self.waves[alert])
        self.portions.take(alert)


class _Room:
    """The lookups that each wave, with the waves before it, may still use."""

    def __init__(self, waves: Mapping[str, int], spent: Sequence[Spent], budget: int) -> None:
        self._order = sorted(set(waves.values()))
        self._place = {wave: place for place, wave in enumerate(self._order)}
        charged = [one for one in spent if not one.shares_call]
        self.bounds = {
            wave: budget - max(0, budget - sum(one.wave < wave for one in charged)) // RESERVE for wave in self._order
        }
        used = Counter(waves[one.alert] for one in charged)
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
        self,
        wanted: Sequence[str],
        spent: Sequence[Spent],
        waves: Mapping[str, int],
        room: _Room,
        plan: int,
        able: AbstractSet[str],
    ) -> None:
        round_ = round_of(plan)
        charged = [one for one in spent if not one.shares_call]
        earlier = [waves[one.alert] for one in charged if round_of(plan_of(one.wave)) < round_]
        self._waves = waves
        self._made = Counter(one.alert for one in charged if round_of(plan_of(one.wave)) >= round_)
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
                claims = sorted(
                    (alert for alert in alerts if alert in able | under_way), key=lambda alert: (had[alert], alert)
                )
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
