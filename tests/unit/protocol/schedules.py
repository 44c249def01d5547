"""For each rule a schedule that ends well with it and badly without it."""

from alert_responder.domain.admission import HOUR_MS
from tests.unit.protocol.actors import TO_THE_END
from tests.unit.protocol.machine import Schedule
from tests.unit.protocol.world import FAR_MS

LEASE = 36_000
WINDOW = 100_001
END = TO_THE_END

ONE: Schedule = [("arrive", 0), ("deliver", [0])]
"""One alert, whose receptor has not begun."""

ANOTHER: Schedule = [("arrive", 1), ("deliver", [-1])]
THE_SAME: Schedule = [("arrive", 0), ("deliver", [-1])]
SETTLED: Schedule = [*ONE, ("rush", None, False)]
JOINS: Schedule = [*ANOTHER, ("go", -1, END, None)]
"""Another alert is stored, and nothing else happens."""


def at(step: str) -> Schedule:
    """One alert, whose round is about to begin a step."""
    return [*ONE, ("rush", step, False)]


DIES: Schedule = [("kill", 0), ("go", -1, 0, "crash")]
MUCH_LATER_REDRIVEN: Schedule = [("wait", FAR_MS), ("redrive", 0)]
"""Past the retention of the report: an execution can be redriven for 14 days."""

DEEP: Schedule = [("arrive", 2), ("deliver", [0])]
"""One alert whose inspector finds another attribute."""

DEEP_GIVEN_UP: Schedule = [*DEEP, ("rush", "inspect", False), ("go", -1, "write 2", "presumed dead")]
"""The inspector has answered, but its runner is given up before the answer is stored, and another begins."""


REFUSED: Schedule = [("go", -1, "plug-in", "refuse")]
"""The inspector is not reached for want of capacity."""

DEADLINE = 130_000
"""Past the time that a round's lookups have, but for what its runners were waited for."""

FLOOD: Schedule = [("arrive", 3), ("deliver", [0]), ("go", -1, END, None)]
"""One alert of many attributes is stored."""

DEEP_TOO: Schedule = [("arrive", 2), ("deliver", [-1]), ("go", -1, END, None)]
"""Another alert is stored, whose inspector finds another attribute."""


def late(value: int) -> Schedule:
    """An alert comes just before Review."""
    joins = [("arrive", value), ("deliver", [-1]), ("go", -1, END, None)]
    return [("rush", "review", False), *joins, ("go", 0, END, None)]


THREE_LATE: Schedule = [*ONE, *late(1), *late(1), *late(2)]
"""Three times an alert comes just before Review."""

FULL: Schedule = [("limit", 1, None), *ONE, ("rush", None, False)]
"""One report is all that may open in the hour."""

OTHER: Schedule = [("arrive", 1, "l"), ("deliver", [-1])]
"""An alert of another key, whose receptor has not begun."""

NO_LIMIT: Schedule = [("limit", None, None)]
NEXT_HOUR: Schedule = [("wait", HOUR_MS)]

SCHEDULES: dict[str, tuple[str, Schedule]] = {
    "a report beyond the limit": ("more reports than the limit", [*FULL, *OTHER]),
    "admission by the clock": (
        "more reports than the limit",
        [*FULL, ("arrive", 1, "l"), *NEXT_HOUR, ("deliver", [-1])],
    ),
    "decided again": ("exactly one report", [*FULL, *OTHER, ("rush", None, False), *NO_LIMIT, ("deliver", [1])]),
    "decided over another's decision": (
        "exactly one report",
        [*FULL, *OTHER, ("go", -1, "write 2", None), *NO_LIMIT, ("deliver", [1]), ("go", -1, END, None)],
    ),
    "no walk back over an overflow report": (
        "exactly one report",
        [*FULL, *OTHER, ("rush", None, False), *NEXT_HOUR, *OTHER, ("rush", None, False), ("deliver", [1])],
    ),
    "beyond the hour": (
        "after its window",
        [*FULL, ("arrive", 1, "l"), *NEXT_HOUR, ("arrive", 1, "l"), ("deliver", [1, 2])],
    ),
    "window by the clock": ("exactly one report", [*ONE, ("wait", WINDOW), ("deliver", [0])]),
    "no walk back": (
        "exactly one report",
        [*SETTLED, ("wait", WINDOW), *ANOTHER, ("rush", None, False), ("deliver", [0])],
    ),
    "open join without its state": (
        "lacks alerts",
        [*at("close"), *ANOTHER, ("go", -1, "write", None), ("rush", None, True)],
    ),
    "reopened whatever it is now": (
        "left to the sweeper",
        [*SETTLED, *ANOTHER, ("go", -1, "write", None), *ANOTHER, ("rush", None, True)],
    ),
    "reopened in whatever round": (
        "left to the sweeper",
        [*SETTLED, *ANOTHER, ("go", -1, "write", None), *ANOTHER, ("rush", None, True)],
    ),
    "group stored again": ("the revision is not", [*ONE, ("rush", None, False), ("deliver", [0])]),
    "no ENSURE of what is stored": ("left to the sweeper", [*ONE, ("go", -1, "write", "lose")]),
    "Plan of any round": ("a plan that began", [*at("plan"), ("bury", 0), ("go", 0, END, None)]),
    "Inspect of any round": ("a inspect that began", [*at("inspect"), ("bury", 0), ("go", 0, END, None)]),
    "Review of any round": ("the reviewer is asked", [*at("review"), ("bury", 0), ("go", 0, END, None)]),
    "publishes in any round": (
        "has no outcome",
        [
            *at("review"),
            ("go", -1, "write", None),
            ("bury", 0),
            ("rush", "review", True),
            ("go", -1, "write", None),
            ("go", 0, END, None),
        ],
    ),
    "emits in any round": ("told in a round that was over", [*at("emit"), ("bury", 0), ("go", 0, END, None)]),
    "settles in any round": (
        "has no outcome",
        [
            *at("close"),
            ("plug_in", False, "safe"),
            ("bury", 0),
            ("rush", "emit", True),
            ("kill", 0),
            ("go", -1, 1, "crash"),
            ("go", -1, 1, "crash"),
            ("go", 0, END, None),
        ],
    ),
    "revision read last": ("published without inspecting", [*at("plan"), ("go", -1, 1, None), *JOINS]),
    "claimed tasks handed out again": (
        "handed out again",
        [*at("inspect"), ("go", -1, "write 2", None), ("exhaust", -1)],
    ),
    "unclaimed tasks closed": ("never begun", [*at("inspect"), ("exhaust", -1)]),
    "unclaimed tasks left": ("nobody has begun", [*at("inspect"), ("exhaust", -1)]),
    "tasks of its own sequence closed": ("nobody has begun", [*at("plan"), ("go", -1, "write", "lose")]),
    "tasks of a later sequence taken over": (
        "nothing befell it",
        [
            *DEEP,
            ("rush", "plan", False),
            ("go", -1, 0, "presumed dead"),
            ("rush", "inspect", True),
            ("go", -1, END, None),
            ("rush", "inspect", True),
            ("go", -1, "plug-in", None),
            ("go", 0, END, None),
        ],
    ),
    "new tasks only where there is none": (
        "nobody has begun",
        [
            *at("plan"),
            ("go", -1, "write", "presumed dead"),
            ("go", -1, "write", None),
            ("go", 0, END, None),
        ],
    ),
    "plans by the ledger as it was": (
        "found and not looked up",
        [*DEEP_GIVEN_UP, ("exhaust", -1), ("go", -1, 1, None), ("go", 0, END, None)],
    ),
    "an answer that came first is nobody's": (
        "found and not looked up",
        [*DEEP_GIVEN_UP, ("go", -1, "plug-in", None), ("go", 0, END, None), ("go", -1, 0, "lose")],
    ),
    "the last outcome wins": (
        "the ledger has changed",
        [*at("inspect"), ("go", -1, "write 2", None), ("bury", 0), ("rush", None, True), ("go", 0, END, None)],
    ),
    "reviews what was not planned": ("published without inspecting", [*at("review"), *JOINS]),
    "reviews with unclaimed tasks": (
        "Plan may still hand out",
        [*ONE, *(("rush", "inspect", False), ("exhaust", -1)) * 3],
    ),
    "published twice": (
        "published twice",
        [
            *SETTLED,
            *THE_SAME,
            ("rush", "review", True),
            ("go", -1, "write", "presumed dead"),
            ("go", -1, "write", None),
            ("go", 0, END, None),
        ],
    ),
    "what follows a publication left undone": ("is not in the archive", [*at("review"), ("go", -1, "write", "lose")]),
    "closed with what was not published": ("lacks alerts", [*at("review"), ("go", -1, "write", "lose"), *JOINS]),
    "replans without end": ("more than twice", THREE_LATE),
    "answers the compiled revision": ("lacks outcomes", THREE_LATE),
    "reviews by what was told before the reviewer was asked": (
        "when the reviewer answered",
        [
            *at("emit"),
            ("go", -2, "write 2", "presumed dead"),
            ("exhaust", -1),
            ("rush", None, False),
            *THE_SAME,
            ("rush", "review", True),
            ("go", -1, "plug-in", None),
            ("go", 0, END, None),
        ],
    ),
    "an outcome given over another": (
        "forgotten that an emitter was told",
        [
            *at("emit"),
            ("go", 0, "plug-in", None),
            ("bury", 0),
            ("rush", "review", True),
            ("go", -1, "write", None),
            ("go", 0, END, None),
        ],
    ),
    "answers only new deliveries": ("has no outcome", [*at("review"), ("go", -1, "write", "lose")]),
    "digest over counts": ("told the same twice", [*SETTLED, *THE_SAME]),
    "digest without findings": ("not told the last word", [*SETTLED, ("plug_in", True, "urgent"), *THE_SAME]),
    "compared with the last round": (
        "not told the last word",
        [*at("emit"), ("go", -2, "plug-in", "gone"), ("rush", None, False), *THE_SAME],
    ),
    "taken for told what it was told before": (
        "not told the last word",
        [
            *SETTLED,
            ("plug_in", False, "safe"),
            *THE_SAME,
            ("rush", "emit", False),
            ("go", -2, "plug-in", "lose"),
            ("rush", None, False),
            ("plug_in", False, "urgent"),
            *THE_SAME,
        ],
    ),
    "a lease that began long before the claim": (
        "at the same delivery",
        [*at("emit"), ("go", -2, "write", None), ("kill", 0), ("wait", LEASE), ("go", 0, 2, None), ("redrive", 0)],
    ),
    "no lease": (
        "at the same delivery",
        [*at("emit"), ("go", -2, "plug-in", "presumed dead"), ("go", -1, END, None)],
    ),
    "claims what has an outcome": (
        "the delivery had an outcome",
        [*at("emit"), ("go", -2, 1, None), ("kill", 0), ("redrive", 0), ("rush", "close", True), ("go", 0, END, None)],
    ),
    "state read before the claim": (
        "the state that it answered",
        [
            *at("emit"),
            ("go", -2, "write 2", None),
            ("plug_in", False, "safe"),
            ("bury", 0),
            ("rush", "emit", True),
            ("go", -1, 2, None),
            ("go", 0, END, None),
        ],
    ),
    "settles what was not planned": ("lacks alerts", [*at("close"), *JOINS]),
    "next round over another's": (
        "the list shows round",
        [
            *at("close"),
            *JOINS,
            ("go", 0, "write 2", None),
            ("bury", 0),
            ("rush", None, True),
            *ANOTHER,
            ("rush", None, True),
            ("go", 0, END, None),
        ],
    ),
    "given up without looking again": (
        "is recorded as failed",
        [
            *at("emit"),
            ("go", -2, 0, "presumed dead"),
            ("exhaust", -1),
            ("rush", "close", True),
            ("go", -1, "write", None),
            ("go", 0, "write 2", "crash"),
        ],
    ),
    "an earlier call forgotten": (
        "is recorded as failed",
        [*at("emit"), ("go", -2, "write 2", "crash"), ("wait", LEASE), ("go", -1, "plug-in", "gone")],
    ),
    "a delivery that has expired is made": (
        "not given the state",
        [
            ("arrive", 0),
            ("deliver", [0]),
            ("rush", None, False),
            ("plug_in", True, "safe"),
            ("exhaust", -1),
            ("go", -1, END, None),
            ("arrive", 0),
            ("deliver", [-1]),
            ("go", -1, END, None),
            ("rush", "emit", True),
            ("redrive_long_after",),
            ("go", -1, 2, None),
            ("delete_expired", 2),
            ("rush", None, False),
        ],
    ),
    "what had no turn is lost": ("goes on for ever", [*at("inspect"), *REFUSED]),
    "opened again without end": (
        "goes on for ever",
        [*at("inspect"), *REFUSED, ("rush", "inspect", False), *REFUSED],
    ),
    "opened again although somebody may have asked": (
        "handed out again",
        [*at("inspect"), ("go", -1, "write 2", "presumed dead"), *REFUSED],
    ),
    "ended for a later Plan": (
        "a later Plan has handed out",
        [
            *FLOOD,
            ("rush", "inspect", False),
            ("go", 0, "write 2", "presumed dead"),
            ("exhaust", -1),
            ("rush", "plan", False),
            ("rush", "inspect", True),
            ("wait", DEADLINE),
            ("go", 0, END, None),
        ],
    ),
    "its own lost opening not known again": (
        "nobody has begun",
        [*at("inspect"), *REFUSED, ("rush", "plan", False), ("go", -1, "write", "repeat")],
    ),
    "settles what is deferred": ("the next round was to look up", [*FLOOD, *DEEP_TOO]),
    "what is left forgotten with the first answer": (
        "the next round was to look up",
        [*FLOOD, *DEEP_TOO, ("rush", "review", False), ("go", -1, "write", "lose")],
    ),
    "no reserve": ("nobody has begun", [*FLOOD, ("rush", None, False), *DEEP_TOO]),
    "no shares": ("others took the budget", [*FLOOD, *DEEP_TOO]),
    "a lookup that is gone is answered": (
        "stays for ever",
        [
            *at("inspect"),
            ("go", -1, "write 2", None),
            ("kill", 0),
            ("wait", FAR_MS),
            ("delete_expired", 2),
            ("go", 0, END, None),
        ],
    ),
    "its own lost raise not known again": (
        "nobody has begun",
        [*at("inspect"), ("exhaust", 0), ("go", -1, "write", "repeat")],
    ),
    "counted and not archived": ("counted and not archived", [("cap", 1, 9), *SETTLED, *ANOTHER]),
    "counted and not weighed": ("its head says", [*SETTLED, *ANOTHER]),
    "uncounted and not published": ("said to be complete", [("cap", 9, 1), *SETTLED, *ANOTHER]),
}

COVERED: dict[str, tuple[str, Schedule]] = {
    "a delivery that is gone comes back": (
        "Nobody begins with a delivery that has expired: who claims one has read it before, and would have to stand "
        "still from before it expired until DynamoDB has deleted it.",
        [
            *at("emit"),
            *DIES,
            ("go", -1, 0, "crash"),
            *MUCH_LATER_REDRIVEN,
            ("go", -2, "write", None),
            ("delete_expired", 1),
        ],
    ),
    "claimed tasks left open": (
        "Review closes what is claimed and open before it compiles. Plan closes it a little earlier, so that all that "
        "Plan leaves open is in somebody's hands.",
        [*at("inspect"), ("go", -1, "write 2", None), ("exhaust", -1)],
    ),
    "new tasks taken from later Plans": (
        "Only a Plan that was given up while it ran can come so late: nobody waits for its answer, and its execution's "
        "Inspect finds the round over. A later Plan takes over whatever has a lower sequence; the runner that was sent "
        "for the task does not look at it.",
        [*at("plan"), ("go", -1, "write", None), ("bury", 0), ("rush", "inspect", True), ("go", 0, END, None)],
    ),
    "new tasks over an outcome": (
        "The update does not touch the outcome that is there, and everybody leaves a task alone that has one.",
        [*at("plan"), ("go", -1, "write", None), ("bury", 0), ("rush", None, True), ("go", 0, END, None)],
    ),
}
"""Rules that others make up for: why, and a schedule that comes to the point and ends well without the rule too."""
