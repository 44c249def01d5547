"""No alert uses up the lookups of others, and the budget is always kept."""

from collections import Counter
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain import lookup_shares
from alert_responder.domain.identifiers import first_wave, plan_of, sequence
from alert_responder.domain.lookup_shares import RESERVE, Batches, Shares, Spent, share

_wants = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 40), min_size=1, max_size=4)
_budgets = st.sampled_from([1, 2, 5, 40, 200])


class Game:
    """A report whose alerts want lookups, planned in several Plans."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.wants: dict[str, int] = {}
        self.spent: list[Spent] = []
        self.seen: dict[str, int] = {}
        self.round, self.iteration = 1, 0

    def come(self, wants: dict[str, int]) -> None:
        """Add alerts, or attributes that were found for them."""
        for alert, wanted in wants.items():
            self.wants[alert] = self.wants.get(alert, 0) + wanted

    def plan(self) -> Counter[str]:
        """Run another Plan in this round; return the number of lookups of each alert."""
        self.iteration += 1
        wanted = self._turns()
        shares = self._share(wanted)
        waiting = {wanted[position] for position in (*shares.deferred, *shares.over)}
        got = Counter(wanted[position] for position in shares.now)
        assert sorted((*shares.now, *shares.deferred, *shares.over)) == list(range(len(wanted)))
        self.spent += [Spent(alert, shares.wave, self._now) for alert in got.elements()]
        for alert, count in got.items():
            self.wants[alert] -= count
        self.seen |= dict.fromkeys(waiting - {one.alert for one in self.spent} - set(self.seen), shares.wave)
        assert self._share(self._turns()).now == (), "planning again added lookups"
        return got

    def deferred(self) -> int:
        """Return how many lookups the next round makes."""
        return len(self._share(self._turns()).deferred)

    def next_round(self) -> None:
        """Begin the next round."""
        self.round, self.iteration = self.round + 1, 0

    def all_rounds(self) -> Counter[str]:
        """Plan once per round until nothing is deferred; return the number of lookups of each alert."""
        got = self.plan()
        for _ in range(20):
            if not self.deferred():
                return got
            self.next_round()
            more = self.plan()
            assert more, "a round for deferred lookups made none"
            got += more
        raise AssertionError("rounds follow each other for ever")

    @property
    def _now(self) -> int:
        return sequence(self.round, self.iteration)

    def _turns(self) -> list[str]:
        most = max(self.wants.values(), default=0)
        return [alert for turn in range(most) for alert, wanted in self.wants.items() if wanted > turn]

    def _share(self, wanted: list[str]) -> Shares:
        return share(wanted, self.spent, self.seen, self.budget, self._now)


@given(budget=_budgets, plans=st.lists(st.tuples(_wants, st.booleans()), min_size=1, max_size=8))
def test_the_budget_is_kept_and_rounds_end(budget: int, plans: list[tuple[dict[str, int], bool]]) -> None:
    game = Game(budget)
    for number, (wants, another_round) in enumerate(plans):
        game.come({f"{alert}{number % 2}": wanted for alert, wanted in wants.items()})
        game.plan()
        if another_round:
            game.next_round()
    game.all_rounds()
    assert 0 < len(game.spent) <= budget
    left = sum(game.wants.values())
    assert not left or len(game.spent) >= budget - budget // RESERVE


@given(
    flood=st.dictionaries(st.integers(0, 400).map(str), st.sampled_from([1, 3, 300]), min_size=1, max_size=300),
    rounds=st.integers(0, 3),
)
def test_an_alert_after_any_flood_has_a_reserve(flood: dict[str, int], rounds: int) -> None:
    game = Game(200)
    game.come(flood)
    game.plan()
    for _ in range(rounds):
        game.next_round()
        game.plan()
    game.come({"late": 10})
    game.next_round()
    assert game.plan()["late"] == 10


def test_an_alert_after_a_flood_in_the_same_round_has_a_reserve() -> None:
    game = Game(200)
    game.come({"flood": 149})
    assert game.plan() == {"flood": 149}
    game.come({"late": 3})
    assert game.plan() == {"late": 3}


def test_a_single_alert_may_use_all_but_the_reserve() -> None:
    game = Game(200)
    game.come({"flood": 1_000})
    assert (game.plan(), game.deferred()) == ({"flood": 150}, 0)
    for wave, most in enumerate([38, 9, 3, 0]):
        game.next_round()
        game.come({f"flood{wave}": 1_000})
        assert game.plan().total() == most


def test_competing_alerts_keep_a_share_for_later_attributes() -> None:
    game = Game(200)
    game.come({"flood": 1_000, "small": 1})
    assert game.plan() == {"flood": 112, "small": 1}
    game.come({"small": 36})
    assert game.plan() == {"small": 36}
    assert game.deferred() == 1
    game.next_round()
    assert (game.plan(), game.deferred()) == ({"flood": 1}, 0)


def test_unused_lookups_go_to_the_waiting_alert_in_the_next_round() -> None:
    game = Game(200)
    game.come({"flood": 1_000, "small": 1})
    game.plan()
    assert game.deferred() == 37
    game.next_round()
    assert (game.plan(), game.deferred()) == ({"flood": 37}, 0)


@pytest.mark.parametrize("alerts", [2, 5, 20, 70])
def test_alerts_with_few_lookups_defer_nothing(alerts: int) -> None:
    """Alerts of one incident usually share their attributes: the first one has nearly all."""
    game = Game(200)
    game.come({"first": 30} | {str(number): 1 for number in range(1, alerts)})
    assert game.plan().total() == 29 + alerts
    assert game.deferred() == 0


def test_more_alerts_than_budget_get_one_lookup_each_in_order() -> None:
    game = Game(40)
    game.come({f"{number:03}": 5 for number in range(100)})
    assert game.all_rounds() == {f"{number:03}": 1 for number in range(30)}
    game.come({"late": 2})
    game.next_round()
    assert game.plan() == {"late": 2}, "the rest of the first wave cannot use its reserve"


def test_two_waves_in_one_round_have_separate_shares() -> None:
    game = Game(200)
    game.come({"first": 1_000, "small": 1})
    game.plan()
    game.next_round()
    game.come({"second": 1_000})
    got = game.plan()
    assert got["second"] >= 10
    assert len(game.spent) <= 200 - (200 - 113) // RESERVE, "a quarter is reserved for a third one"


def test_an_alert_keeps_its_share_after_a_dead_round() -> None:
    game = Game(20)
    game.come({"small": 1, "flood": 24})
    assert game.plan() == {"small": 1, "flood": 11}
    game.next_round()
    game.spent = [one._replace(owner=sequence(2, 1)) for one in game.spent]
    game.plan()
    game.come({"small": 1})
    assert game.plan() == {"small": 1}


def test_a_share_is_limited_by_its_wave() -> None:
    game = Game(20)
    game.come({"small": 1, "flood": 24})
    game.plan()
    game.next_round()
    game.spent = [one._replace(owner=sequence(2, 1)) for one in game.spent]
    game.come({"late": 1})
    assert game.plan() == {"flood": 2, "late": 1}, "three are left for the first wave"
    game.come({"small": 1})
    assert game.plan() == {"small": 1}


def test_alerts_between_two_attempts_of_a_plan_are_a_separate_wave() -> None:
    game = Game(20)
    game.come({"flood": 24})
    assert game.plan() == {"flood": 15}
    game.iteration -= 1
    game.come({"small": 1, "other": 1})
    assert game.plan() == {"small": 1, "other": 1}
    game.iteration -= 1
    assert game.plan() == {}


def test_a_flood_does_not_take_the_last_lookup_in_rounds_that_die() -> None:
    spent = [Spent("quiet", first_wave(sequence(1, 1)), sequence(1, 1), is_open=True)]
    for round_ in range(1, 6):
        plan = sequence(round_, 1)
        shares = share(["flood"] * 24, spent, {}, 20, plan)
        spent += [Spent("flood", shares.wave, plan, is_open=True) for _ in shares.now]
    answered = [one._replace(is_open=False) for one in spent]
    shares = share(["flood"] * 10 + ["quiet"], answered, {}, 20, sequence(5, 2))
    assert 10 in shares.now


class BatchGame(Game):
    """A report whose lookups share calls, except those of alerts in `alone`; `cap` stands for `MAX_LOOKUPS`."""

    def __init__(self, budget: int, size: int, cap: int, alone: str) -> None:
        super().__init__(budget)
        self.size, self.cap, self.alone = size, cap, alone

    def plan(self) -> Counter[str]:
        """Run another Plan; see `Game`."""
        before = list(self.spent)
        self.iteration += 1
        wanted = self._turns()
        shares = self._share(wanted)
        assert sorted((*shares.now, *shares.deferred, *shares.over)) == list(range(len(wanted)))
        assert shares.sharing <= set(shares.now)
        assert not any(wanted[position][0] in self.alone for position in shares.sharing)
        got = Counter(wanted[position] for position in shares.now)
        self.spent += [
            Spent(wanted[position], shares.wave, self._now, shares_call=position in shares.sharing)
            for position in shares.now
        ]
        for alert, count in got.items():
            self.wants[alert] -= count
        waiting = {wanted[position] for position in (*shares.deferred, *shares.over)}
        self.seen |= dict.fromkeys(waiting - {one.alert for one in self.spent} - set(self.seen), shares.wave)
        assert self._share(self._turns()).now == (), "planning again added lookups"
        charged, batched = self.count(self.spent[len(before) :])
        assert batched <= charged * self.size
        return got

    def count(self, spent: list[Spent]) -> tuple[int, int]:
        """Return how many calls were charged for batched lookups, and how many of these there are."""
        batched = [one for one in spent if one.alert[0] not in self.alone]
        return sum(not one.shares_call for one in batched), len(batched)

    def _share(self, wanted: list[str]) -> Shares:
        mine = sum(plan_of(one.wave) == self._now and one.alert[0] not in self.alone for one in self.spent)
        inspectors = [None if alert[0] in self.alone else "b" for alert in wanted]
        batches = Batches(inspectors, {"b": self.size}, {"b": -mine % self.size})
        with patch.object(lookup_shares, "MAX_LOOKUPS", self.cap):
            return share(wanted, self.spent, self.seen, self.budget, self._now, batches)


@given(
    budget=st.sampled_from([1, 2, 5, 40]),
    size=st.sampled_from([2, 3, 10, 100]),
    cap=st.sampled_from([1, 3, 8, 40, 500]),
    alone=st.sampled_from(["", "a", "ab"]),
    plans=st.lists(st.tuples(_wants, st.booleans()), min_size=1, max_size=8),
)
def test_both_budgets_are_kept_and_rounds_end(
    budget: int, size: int, cap: int, alone: str, plans: list[tuple[dict[str, int], bool]]
) -> None:
    cap = max(cap, budget)  # Like MAX_LOOKUPS.
    game = BatchGame(budget, size, cap, alone)
    for number, (wants, another_round) in enumerate(plans):
        game.come({f"{alert}{number % 2}": wanted for alert, wanted in wants.items()})
        game.plan()
        if another_round:
            game.next_round()
    game.all_rounds()
    calls = sum(not one.shares_call for one in game.spent)
    assert 0 < calls <= budget
    assert len(game.spent) <= cap
    left = sum(game.wants.values())
    assert not left or calls >= budget - budget // RESERVE or len(game.spent) >= cap - cap // RESERVE


def test_a_call_is_charged_to_the_alert_that_begins_it() -> None:
    game = BatchGame(8, 10, 500, "")
    game.come({"flood": 500, "two": 2})
    # Of 6 calls each alert keeps one, and the flood gets the 3 others; the rest is deferred.
    assert game.plan() == {"flood": 38, "two": 2}
    assert [one.alert for one in game.spent if not one.shares_call] == ["flood"] * 4


def test_an_alert_after_a_flood_of_batches_has_a_reserve_of_lookups_too() -> None:
    game = BatchGame(200, 100, 500, "")
    game.come({"flood": 1_000})
    assert game.plan() == {"flood": 375}
    game.next_round()
    game.come({"late": 90})
    assert game.plan() == {"late": 90}
