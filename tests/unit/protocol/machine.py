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
BAD = ["lose", "crash", "repeat", "gone", "refuse", "presumed dead", "buried", "overtaken", "overtaken"]
FATE = st.sampled_from([None] * 5 + BAD)
UNTIL = st.sampled_from([None, None, "close", "emit", "review", "inspect", "plan"])
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
        last.clear()

    @initialize(value=VALUE, until=UNTIL)
    def begin(self, value: int, until: str | None) -> None:
        self._do("arrive", value)
        self._do("deliver", [0])
        self._do("rush", until, False)

    @precondition(lambda self: self.world.has_room)
    @rule(value=VALUE, delivered=st.sampled_from([True, True, False]), how=HOW, fate=FATE)
    def arrive(self, value: int, delivered: bool, how: int | str, fate: str | None) -> None:
        self._do("arrive", value)
        if delivered:
            self._do("deliver", [-1])
            self._do("go", -1, how, fate)

    @rule(which=EVENTS, how=HOW, fate=FATE)
    def deliver(self, which: list[int], how: int | str, fate: str | None) -> None:
        self._do("deliver", which)
        self._do("go", -1, how, fate)

    @rule(which=WHICH, how=HOW, fate=FATE)
    def go(self, which: int, how: int | str, fate: str | None) -> None:
        self._do("go", which, how, fate)

    @rule(until=UNTIL, how=st.sampled_from(POINTS), fate=st.sampled_from(BAD))
    def rush_to_a_bad_end(self, until: str | None, how: int | str, fate: str) -> None:
        self._do("rush", until, True)
        self._do("go", -1, how, fate)

    @rule(until=UNTIL, hold=st.sampled_from([True, True, False]))
    def rush(self, until: str | None, hold: bool) -> None:
        self._do("rush", until, hold)

    @rule(how=HOW, fate=FATE)
    def sweep(self, how: int | str, fate: str | None) -> None:
        self._do("sweep")
        self._do("go", -1, how, fate)

    @rule(how=FAILURES, which=WHICH)
    def fail(self, how: str, which: int) -> None:
        self._do(how, which)

    @rule(change=CHANGES)
    def change(self, change: tuple[Any, ...]) -> None:
        self._do(*change)

    def teardown(self) -> None:
        try:
            if not self._broken:
                self._do("come_to_rest")
        finally:
            self.world.end()

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
