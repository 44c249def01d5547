"""The rules by which hypothesis makes up schedules; each step is written down, so that a schedule can be kept.

An example is a row of stories, each on an installation of its own and checked at its end. Most are short: what a rule
of the protocol is for shows itself by two to four events in the right places, and others only hide it. An event has its
moment, when somebody is about to begin a step, and its point, a call of his.
"""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alert_responder.usecases.emit import LEASE_MS
from tests.unit.protocol.actors import TO_THE_END
from tests.unit.protocol.stage import WINDOW_MS
from tests.unit.protocol.world import VALUES, World

STEPS_OF_AN_EXAMPLE = 30
LENGTHS = st.sampled_from([2, 3, 3, 4, 4, 5, 6, 8, 12, STEPS_OF_AN_EXAMPLE])
"""Events of a story."""

STEPS = ["close", "emit", "review", "inspect", "plan"]
STARTS = ["now", None, None, *STEPS, *STEPS]
"""Until when all goes well. Their number has no factor in common with that of the values: each meets each."""

Moment = tuple[str | None, bool]
"""At once; or until everybody has ended, or somebody is about to begin a step: and whether those who have begun stay
suspended."""

NOW: Moment = ("now", True)
MOMENT = st.one_of(
    *[st.just(NOW)] * 3,
    st.tuples(st.sampled_from([None, None, *STEPS]), st.just(True)),
    st.tuples(st.sampled_from([None, *STEPS]), st.booleans()),
)
MEANWHILE = st.one_of(st.none(), MOMENT)
"""What the others do before who was suspended goes on; None when he does not for now."""

WHICH = st.sampled_from([-1, -1, -2, 0])
OLDEST = st.sampled_from([0, 0, 0, 1, -1])
POINT = st.sampled_from(["write", "write", "write 2", "plug-in", "nowhere", 1, 2])
ON = st.sampled_from([*[TO_THE_END] * 4, "write", "write", "write 2", "plug-in", 1, 2])
"""Points of one who goes on, mostly to his end."""

STRIKES = st.sampled_from(["lose", "lose", "crash", "repeat", "gone", "refuse"])
GIVEN_UP = st.sampled_from(["presumed dead", "presumed dead", "buried", "exhausted", "killed", "redriven"])
SELDOM = st.sampled_from([None, None, None, None, "lose", "crash", "repeat", "refuse", "presumed dead"])
TIMES = st.sampled_from([1, 1, 1, 1, 1, 3])
VALUE = st.integers(0, len(VALUES) - 1)
EVENTS = st.lists(st.integers(0, 5), min_size=1, max_size=3)
CHANGES = st.sampled_from(
    [
        *[("wait", milliseconds) for milliseconds in (LEASE_MS + 1, LEASE_MS + 1, 1_000, WINDOW_MS + 1, 2 * WINDOW_MS)],
        *[("plug_in", late, severity) for late in (True, False) for severity in ("urgent", "safe")],
        *[("redrive", -1), ("redrive", 0), ("sweep",)],
    ]
)
"""What changes whoever acts."""

Schedule = list[tuple[Any, ...]]
last: Schedule = []
"""The steps of the story that ran last."""


class Machine(RuleBasedStateMachine):
    """Any interleaving of whatever may act and befall."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self._broken = False
        self._story = self._left = self._length = 0
        self._late = True
        last.clear()

    @initialize(story=st.integers(0, len(STARTS) * len(VALUES) - 1), late=st.booleans(), length=LENGTHS)
    def begin(self, story: int, late: bool, length: int) -> None:
        self._story, self._late, self._length = story, late, length
        self._begin()

    @invariant()
    def each_story_ends_well(self) -> None:
        if self._length == 0:
            return  # It has not begun.
        if self._left == 0:
            self._end()
            self.world = World()
            last.clear()
            self._story += 1
            self._begin()
        self._left -= 1

    @precondition(lambda self: self.world.has_room)
    @rule(moment=MOMENT, value=VALUE, how=ON, fate=SELDOM)
    def arrive(self, moment: Moment, value: int, how: int | str, fate: str | None) -> None:
        self._rush(moment)
        self._do("arrive", value)
        self._do("deliver", [-1])
        self._do("go", -1, how, fate)

    @rule(moment=MOMENT, which=EVENTS, how=ON, fate=SELDOM)
    def deliver(self, moment: Moment, which: list[int], how: int | str, fate: str | None) -> None:
        self._rush(moment)
        self._do("deliver", which)
        self._do("go", -1, how, fate)

    @rule(moment=MOMENT, which=WHICH, how=POINT, strike=STRIKES)
    def strike(self, moment: Moment, which: int, how: int | str, strike: str) -> None:
        self._rush(moment)
        self._do("go", which, how, strike)

    @rule(moment=MOMENT, which=WHICH, how=POINT, overtaken=st.booleans(), times=TIMES, meanwhile=MEANWHILE, on=ON)
    def suspend(
        self,
        moment: Moment,
        which: int,
        how: int | str,
        overtaken: bool,
        times: int,
        meanwhile: Moment | None,
        on: int | str,
    ) -> None:
        for _ in range(times):
            self._rush(moment)
            self._do("go", which, how, "overtaken" if overtaken else None)
            self._go_back(meanwhile, on)

    @rule(moment=MOMENT, which=WHICH, how=POINT, fate=GIVEN_UP, times=TIMES, meanwhile=MEANWHILE, on=ON)
    def give_up(
        self,
        moment: Moment,
        which: int,
        how: int | str,
        fate: str,
        times: int,
        meanwhile: Moment | None,
        on: int | str,
    ) -> None:
        for _ in range(times):
            self._rush(moment)
            self._do("go", which, how, fate)
            self._go_back(meanwhile, on)

    @rule(moment=MOMENT, which=OLDEST, how=ON)
    def go_on(self, moment: Moment, which: int, how: int | str) -> None:
        self._rush(moment)
        self._do("go", which, how, None)

    @rule(moment=MOMENT, change=CHANGES)
    def change(self, moment: Moment, change: tuple[Any, ...]) -> None:
        self._rush(moment)
        self._do(*change)

    @rule(moment=MOMENT, redriven=st.booleans(), which=WHICH, how=POINT, deleted=st.integers(0, 2))
    def expire(self, moment: Moment, redriven: bool, which: int, how: int | str, deleted: int) -> None:
        self._rush(moment)
        self._do("redrive_long_after" if redriven else "much_later")
        self._do("go", which, how, None)
        self._do("delete_expired", deleted)

    def teardown(self) -> None:
        try:
            if not self._broken:
                self._end()
        finally:
            self.world.end()

    def _begin(self) -> None:
        self._left = self._length
        self._do("arrive", self._story % len(VALUES))
        self._do("deliver", [0])
        self._rush((STARTS[self._story % len(STARTS)], False))

    def _end(self) -> None:
        self._do("come_to_rest", self._late is bool(self._story % 2))
        self.world.end()

    def _rush(self, moment: Moment) -> None:
        if moment != NOW:
            self._do("rush", *moment)

    def _go_back(self, meanwhile: Moment | None, on: int | str) -> None:
        if meanwhile:
            self._rush(meanwhile)
            self._do("go_back", on)

    def _do(self, name: str, *arguments: Any) -> None:
        last.append((name, *arguments))
        try:
            getattr(self.world, name)(*arguments)
        except Exception as error:
            self._broken = True
            error.add_note(f"As a schedule: {last}")
            raise


def replay(schedule: Schedule) -> None:
    """Do a schedule again, and check what is left when all is done."""
    world = World()
    try:
        for name, *arguments in schedule:
            getattr(world, name)(*arguments)
        world.come_to_rest()
    finally:
        world.end()
