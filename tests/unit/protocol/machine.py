"""The rules by which hypothesis makes up schedules; each step is written down, so that a schedule can be kept."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from alert_responder.usecases.emit import LEASE_MS
from tests.unit.protocol.actors import TO_THE_END
from tests.unit.protocol.stage import WINDOW_MS
from tests.unit.protocol.world import World

WHICH = st.sampled_from([-1, 0, -2, 1, 2])
POINTS = ["write", "write 2", "plug-in", 1, 2]
HOW = st.sampled_from([TO_THE_END, *POINTS, 0])
BAD = ["lose", "crash", "repeat", "gone", "refuse", "presumed dead", "buried", "overtaken"]
LIKELY = st.lists(st.sampled_from(BAD), min_size=1, max_size=2)
"""The bad ends of one example: few, since one fault often hides what another would have brought about."""

FATE = st.sampled_from([None, None, None, 0, 1])
BAD_END = st.integers(0, 3)
"""A bad end by its number among those of the example."""

STEPS = ["close", "emit", "review", "inspect", "plan"]
UNTIL = st.sampled_from([None, "often", "often", *STEPS])
"""Until everybody has ended, until the step that the example is often about, or until another."""

TIMES = st.sampled_from([1, 1, 1, 3])
VALUE = st.integers(0, 2)
EVENTS = st.lists(st.integers(0, 5), min_size=1, max_size=3)
FAILURES = st.sampled_from(["exhaust", "kill", "redrive", "bury"])
CHANGES = st.sampled_from(
    [
        *[("wait", milliseconds) for milliseconds in (LEASE_MS + 1, LEASE_MS + 1, 1_000, WINDOW_MS + 1, 2 * WINDOW_MS)],
        ("much_later",),
        *[("plug_in", late, severity) for late in (True, False) for severity in ("urgent", "safe")],
        *[("delete_expired", which) for which in range(3)],
    ]
)
"""What changes whoever acts."""

Schedule = list[tuple[Any, ...]]
last: Schedule = []
"""The steps of the machine that ran last."""


class Machine(RuleBasedStateMachine):
    """Any interleaving of whatever may act and befall."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self._broken = False
        self._likely: list[str] = []
        self._often = ""
        last.clear()

    @initialize(value=VALUE, until=UNTIL, often=st.sampled_from(STEPS), likely=LIKELY)
    def begin(self, value: int, until: str | None, often: str, likely: list[str]) -> None:
        self._often, self._likely = often, likely
        self._do("arrive", value)
        self._do("deliver", [0])
        self._rush(until, hold=False)

    @precondition(lambda self: self.world.has_room)
    @rule(value=VALUE, delivered=st.sampled_from([True, True, False]), how=HOW, fate=FATE)
    def arrive(self, value: int, delivered: bool, how: int | str, fate: int | None) -> None:
        self._do("arrive", value)
        if delivered:
            self._do("deliver", [-1])
            self._go(-1, how, fate)

    @rule(which=EVENTS, how=HOW, fate=FATE)
    def deliver(self, which: list[int], how: int | str, fate: int | None) -> None:
        self._do("deliver", which)
        self._go(-1, how, fate)

    @rule(which=WHICH, how=HOW, fate=FATE)
    def go(self, which: int, how: int | str, fate: int | None) -> None:
        self._go(which, how, fate)

    @rule(until=UNTIL, hold=st.booleans(), which=st.sampled_from([-1, -2]), how=HOW, fate=BAD_END, times=TIMES)
    def rush_to_a_bad_end(
        self, until: str | None, hold: bool, which: int, how: int | str, fate: int, times: int
    ) -> None:
        for _ in range(times):
            self._rush(until, hold=hold)
            self._go(which, how, fate)

    @rule(until=UNTIL, how=HOW, failure=FAILURES, times=TIMES)
    def rush_to_a_failure(self, until: str | None, how: int | str, failure: str, times: int) -> None:
        for _ in range(times):
            self._rush(until, hold=True)
            self._go(-1, how, None)
            self._do(failure, -1)

    @rule(until=UNTIL, hold=st.sampled_from([True, True, False]))
    def rush(self, until: str | None, hold: bool) -> None:
        self._rush(until, hold=hold)

    @rule(which=WHICH, how=HOW, fate=FATE)
    def haunt(self, which: int, how: int | str, fate: int | None) -> None:
        self._do("haunt", which, how, self._fate(fate))

    @rule(how=HOW, fate=FATE)
    def sweep(self, how: int | str, fate: int | None) -> None:
        self._do("sweep")
        self._go(-1, how, fate)

    @rule(how=FAILURES, which=WHICH)
    def fail(self, how: str, which: int) -> None:
        self._do(how, which)

    @rule(until=UNTIL, which=WHICH, how=st.sampled_from(POINTS), deleted=st.integers(0, 2))
    def redrive_long_after(self, until: str | None, which: int, how: int | str, deleted: int) -> None:
        self._rush(until, hold=True)
        self._do("redrive_long_after")
        self._do("go", which, how, None)
        self._do("delete_expired", deleted)

    @rule(change=CHANGES)
    def change(self, change: tuple[Any, ...]) -> None:
        self._do(*change)

    def teardown(self) -> None:
        try:
            if not self._broken:
                self._do("come_to_rest")
        finally:
            self.world.end()

    def _go(self, which: int, how: int | str, fate: int | None) -> None:
        self._do("go", which, how, self._fate(fate))

    def _fate(self, number: int | None) -> str | None:
        return None if number is None else self._likely[number % len(self._likely)]

    def _rush(self, until: str | None, *, hold: bool) -> None:
        self._do("rush", self._often if until == "often" else until, hold)

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
