"""The rules by which hypothesis generates schedules; each step is recorded, so that a schedule can be stored.

An example is a sequence of stories, each with its own installation and checked at its end. Most are short: two to four
events in the right places show what a rule of the protocol is for, and further events hide it. An event has a moment,
when an actor is about to begin a step, and a point, one of the actor's calls.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alert_responder.domain.admission import HOUR_MS
from alert_responder.usecases.emit import LEASE_MS
from tests.unit.protocol.actors import TO_THE_END
from tests.unit.protocol.stage import WINDOW_MS
from tests.unit.protocol.world import VALUES, World

STEPS_OF_AN_EXAMPLE = 30
LENGTHS = st.sampled_from([2, 3, 3, 4, 4, 5, 6, 8, 12, STEPS_OF_AN_EXAMPLE])
"""Events of a story."""

STEPS = ["close", "emit", "review", "inspect", "plan"]
STARTS = ["now", None, None, *STEPS, *STEPS]
"""Until when no fault occurs. Their number and that of the first alerts are coprime, so that all pairs occur."""


class Moment(NamedTuple):
    """At once, or when all actors have ended or one is about to begin a step; begun actors may stay suspended."""

    until: str | None
    hold: bool


class Place(NamedTuple):
    """An actor at a moment, and how far it continues then."""

    moment: Moment
    which: int
    how: int | str


class Sequel(NamedTuple):
    """What follows at once.

    Attributes
    ----------
    overtaken
        Whether another alert arrives and is stored.
    meanwhile
        What the others do before the actor continues; None: it does not continue yet.
    how
        How far it continues.
    """

    overtaken: bool
    meanwhile: Moment | None
    how: int | str


NOW = Moment("now", True)
MOMENT = st.one_of(
    *[st.just(NOW)] * 3,
    st.builds(Moment, st.sampled_from([None, None, *STEPS]), st.just(True)),
    st.builds(Moment, st.sampled_from([None, *STEPS]), st.booleans()),
)
POINT = st.sampled_from(["write", "write", "write 2", "plug-in", "nowhere", 1, 2])
ON = st.sampled_from([*[TO_THE_END] * 4, "write", "write 2", "plug-in", 1])
"""Points of an actor that continues, mostly to its end."""

PLACE = st.builds(Place, MOMENT, st.sampled_from([-1, -1, -2, 0]), POINT)
PLACES = st.one_of(st.none(), PLACE, PLACE)
"""None: the usual place of the example, since the same place is often hit more than once."""

SEQUEL = st.builds(Sequel, st.sampled_from([False, False, False, True]), st.one_of(st.none(), MOMENT), ON)
TIMES = st.sampled_from([1, 1, 1, 3])

STRIKES = ["lose", "lose", "crash", "repeat", "gone", "refuse"]
ENDS = ["presumed dead", "presumed dead", "buried", "exhausted", "killed", "redriven"]
SELDOM = st.sampled_from([None, None, None, None, None, "lose", "crash", "repeat", "refuse", "presumed dead"])

KEY = st.sampled_from(["k", "k", "k", "l", "m"])
FINDING = st.sampled_from(
    [*[("f", "active")] * 4, *[("", "active")] * 2, ("g", "active"), ("f", "resolved"), ("", "resolved")]
)
"""The detector's id and status of an alert."""

LIMIT = st.sampled_from([None, None, None, 1, 2])
"""Limits of new reports in an hour, when a story begins."""

CAP = st.sampled_from([None, None, None, (1, 3), (2, 6), (25, 4)])
"""Attributes and alerts that a report of the story holds; None: as many as usual."""

SMALL, FLOOD = range(len(VALUES) - 1), len(VALUES) - 1
"""Alerts of one attribute, and the one of many: few stories need it, and each takes long."""

FIRST = [*SMALL, *SMALL, FLOOD]
VALUE = st.sampled_from([*SMALL] * 4 + [FLOOD])
AGAIN = st.one_of(st.none(), st.lists(st.integers(0, 5), min_size=1, max_size=3))
"""Alerts that are delivered again; None: a new one is delivered."""

CHANGES = st.sampled_from(
    [
        *[("wait", milliseconds) for milliseconds in (LEASE_MS + 1, LEASE_MS + 1, 1_000, WINDOW_MS + 1, 2 * WINDOW_MS)],
        *[("plug_in", late, severity) for late in (True, False) for severity in ("urgent", "safe")],
        *[("suppress", suppressed) for suppressed in (True, False)],
        *[("redrive", -1), ("redrive", 0), ("sweep",)],
        *[("limit", 1, None), ("limit", 3, 2), ("limit", None, None), ("wait", HOUR_MS)],
    ]
)
"""Changes of the world, whichever actor runs."""

Schedule = list[tuple[Any, ...]]
last: Schedule = []
"""Steps of the last story."""


class Machine(RuleBasedStateMachine):
    """Any interleaving of actors and faults."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self._broken = False
        self._story = self._left = self._length = 0
        self._late = True
        self._usual_place, self._usual_end = Place(NOW, 0, 0), ""
        self._limit: int | None = None
        self._cap: tuple[int, int] | None = None
        self._first = ("", "active")
        self._epilogue: tuple[bool, Place, int] | None = None
        last.clear()

    @initialize(
        story=st.integers(0, len(STARTS) * len(FIRST) - 1),
        late=st.booleans(),
        length=LENGTHS,
        place=PLACE,
        end=st.sampled_from(ENDS),
        limit=LIMIT,
        cap=CAP,
        first=FINDING,
    )
    def begin(
        self,
        story: int,
        late: bool,
        length: int,
        place: Place,
        end: str,
        limit: int | None,
        cap: tuple[int, int] | None,
        first: tuple[str, str],
    ) -> None:
        self._first = first
        self._story, self._late, self._length = story, late, length
        self._usual_place, self._usual_end, self._limit = place, end, limit
        self._cap = cap
        self._begin()

    @invariant()
    def each_story_ends_well(self) -> None:
        if self._length == 0:
            return  # The story has not begun.
        if self._left == 0:
            self._end()
            self.world = World()
            last.clear()
            self._story += 1
            self._begin()
        self._left -= 1

    @rule(moment=MOMENT, again=AGAIN, value=VALUE, key=KEY, of=FINDING, how=ON, fate=SELDOM)
    def receive(
        self,
        moment: Moment,
        again: list[int] | None,
        value: int,
        key: str,
        of: tuple[str, str],
        how: int | str,
        fate: str | None,
    ) -> None:
        self._rush(moment)
        if again is None and self.world.has_room:
            self._do("arrive", value, key, *of)
        self._do("deliver", again or [-1])
        self._do("go", -1, how, fate)

    @rule(moment=MOMENT, value=st.sampled_from(SMALL), of=FINDING, how=ON, late=st.booleans())
    def next_window(self, moment: Moment, value: int, of: tuple[str, str], how: int | str, late: bool) -> None:
        """Open the next report of the chain, and perhaps store another alert in the last one."""
        self._rush(moment)
        if self.world.has_room:
            if late:
                self._do("arrive", value, "k", *of)
            self._do("wait", WINDOW_MS + 1)
            self._do("arrive", value, "k", *of)
        self._do("deliver", [-1])
        self._do("go", -1, how, None)

    @rule(place=PLACES, sequel=SEQUEL, times=TIMES)
    def suspend(self, place: Place | None, sequel: Sequel, times: int) -> None:
        self._befall(place, None, sequel, times)

    @rule(place=PLACES, strike=st.sampled_from(STRIKES), sequel=SEQUEL, times=TIMES)
    def strike(self, place: Place | None, strike: str, sequel: Sequel, times: int) -> None:
        self._befall(place, strike, sequel, times)

    @rule(place=PLACES, end=st.sampled_from([None, None, *ENDS]), sequel=SEQUEL, times=TIMES)
    def give_up(self, place: Place | None, end: str | None, sequel: Sequel, times: int) -> None:
        self._befall(place, end or self._usual_end, sequel, times)

    @rule(moment=MOMENT, which=st.sampled_from([0, 0, 0, 1, -1]), how=ON)
    def go_on(self, moment: Moment, which: int, how: int | str) -> None:
        self._rush(moment)
        self._do("go", which, how, None)

    @rule(moment=MOMENT, change=CHANGES)
    def change(self, moment: Moment, change: tuple[Any, ...]) -> None:
        self._rush(moment)
        self._do(*change)

    @rule(redriven=st.booleans(), place=PLACE, deleted=st.integers(0, 2))
    def expire(self, redriven: bool, place: Place, deleted: int) -> None:
        """Let this story go on until its reports have expired."""
        self._epilogue = redriven, place, deleted

    def teardown(self) -> None:
        try:
            if not self._broken:
                self._end()
        finally:
            self.world.end()

    def _begin(self) -> None:
        self._left, self._epilogue = self._length, None
        self._do("limit", self._limit, None)
        if self._cap:
            self._do("cap", *self._cap)
        self._do("arrive", FIRST[self._story % len(FIRST)], "k", *self._first)
        self._do("deliver", [0])
        self._rush(Moment(STARTS[self._story % len(STARTS)], hold=False))

    def _end(self) -> None:
        if self._epilogue:
            redriven, place, deleted = self._epilogue
            self._rush(place.moment)
            self._do("redrive_long_after" if redriven else "much_later")
            self._do("go", place.which, place.how, None)
            self._do("delete_expired", deleted)
        self._do("come_to_rest", self._late is bool(self._story % 2))
        self.world.end()

    def _rush(self, moment: Moment) -> None:
        if moment != NOW:
            self._do("rush", *moment)

    def _befall(self, place: Place | None, fate: str | None, sequel: Sequel, times: int) -> None:
        moment, which, how = place or self._usual_place
        for _ in range(times):
            self._rush(moment)
            self._do("go", which, how, fate)
            if sequel.overtaken:
                self._do("overtake")
            if sequel.meanwhile:
                self._rush(sequel.meanwhile)
                self._do("go_back", sequel.how)

    def _do(self, name: str, *arguments: Any) -> None:
        last.append((name, *arguments))
        try:
            getattr(self.world, name)(*arguments)
        except Exception as error:
            self._broken = True
            error.add_note(f"As a schedule: {last}")
            raise


def replay(schedule: Schedule) -> None:
    """Repeat a schedule, and check the result when all actors are done."""
    world = World()
    try:
        for name, *arguments in schedule:
            getattr(world, name)(*arguments)
        world.come_to_rest()
    finally:
        world.end()
