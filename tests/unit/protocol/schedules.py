"""A schedule for each rule that passes with the rule and fails without it."""

from alert_responder.domain.admission import HOUR_MS
from tests.unit.protocol.actors import TO_THE_END
from tests.unit.protocol.machine import Schedule
from tests.unit.protocol.world import FAR_MS

LEASE = 36_000
WINDOW = 100_001
END = TO_THE_END

ONE: Schedule = [("arrive", 0), ("deliver", [0])]
"""One alert; its receptor has not begun."""

ANOTHER: Schedule = [("arrive", 1), ("deliver", [-1])]
THE_SAME: Schedule = [("arrive", 0), ("deliver", [-1])]
SETTLED: Schedule = [*ONE, ("rush", None, False)]
JOINS: Schedule = [*ANOTHER, ("go", -1, END, None)]
"""Another alert is stored; nothing else happens."""


def at(step: str) -> Schedule:
    """One alert; its round is about to begin a step."""
    return [*ONE, ("rush", step, False)]


DIES: Schedule = [("kill", 0), ("go", -1, 0, "crash")]
MUCH_LATER_REDRIVEN: Schedule = [("wait", FAR_MS), ("redrive", 0)]
"""An execution is redriven after the report has expired: that is possible for 14 days."""

DEEP: Schedule = [("arrive", 2), ("deliver", [0])]
"""One alert whose inspector finds another attribute."""

DEEP_GIVEN_UP: Schedule = [*DEEP, ("rush", "inspect", False), ("go", -1, "write 2", "presumed dead")]
"""The inspector has answered, but its runner is abandoned before it stores the answer, and another begins."""


REFUSED: Schedule = [("go", -1, "plug-in", "refuse")]
"""The inspector cannot be called: no capacity."""

DEADLINE = 130_000
"""Past the deadline of a round's lookups, without the time spent waiting for runners."""

FLOOD: Schedule = [("arrive", 3), ("deliver", [0]), ("go", -1, END, None)]
"""An alert of many attributes is stored."""

DEEP_TOO: Schedule = [("arrive", 2), ("deliver", [-1]), ("go", -1, END, None)]
"""Another alert is stored; its inspector finds another attribute."""


def late(value: int) -> Schedule:
    """An alert is stored just before Review."""
    joins = [("arrive", value), ("deliver", [-1]), ("go", -1, END, None)]
    return [("rush", "review", False), *joins, ("go", 0, END, None)]


THREE_LATE: Schedule = [*ONE, *late(1), *late(1), *late(2)]
"""Three times an alert is stored just before Review."""

FULL: Schedule = [("limit", 1, None), *ONE, ("rush", None, False)]
"""The limit of one new report in the hour is used up."""

OTHER: Schedule = [("arrive", 1, "l"), ("deliver", [-1])]
"""An alert of another key; its receptor has not begun."""

NO_LIMIT: Schedule = [("limit", None, None)]
NEXT_HOUR: Schedule = [("wait", HOUR_MS)]

FOUND: Schedule = [("arrive", 0, "k", "f"), ("deliver", [-1])]
"""An alert of a finding with an id; its receptor has not begun."""

FLOOD_FOUND: Schedule = [("arrive", 3, "k", "f"), ("deliver", [-1])]
"""The same, of many attributes: the report is not complete."""

CHANGED: Schedule = [("arrive", 1, "k", "f"), ("deliver", [-1])]
ANOTHER_FINDING: Schedule = [("arrive", 1, "k", "g"), ("deliver", [-1])]
SAFE: Schedule = [("plug_in", False, "safe")]
URGENT: Schedule = [("plug_in", False, "urgent")]
SUPPRESSED: Schedule = [("suppress", True)]
HEARD: Schedule = [("suppress", False)]
OVER: Schedule = [("arrive", 0, "k", "f", "resolved"), ("deliver", [-1])]
REST: Schedule = [("rush", None, False)]
NEXT_WINDOW: Schedule = [("wait", WINDOW)]

SCHEDULES: dict[str, tuple[str, Schedule]] = {
    "report over the limit": ("more reports than the limit", [*FULL, *OTHER]),
    "admission by the clock": (
        "more reports than the limit",
        [*FULL, ("arrive", 1, "l"), *NEXT_HOUR, ("deliver", [-1])],
    ),
    "overflow decision not stored": (
        "exactly one report",
        [*FULL, *OTHER, ("rush", None, False), *NO_LIMIT, ("deliver", [1])],
    ),
    "overflow decision overwritten": (
        "exactly one report",
        [*FULL, *OTHER, ("go", -1, "write 2", None), *NO_LIMIT, ("deliver", [1]), ("go", -1, END, None)],
    ),
    "no walk back over an overflow report": (
        "exactly one report",
        [*FULL, *OTHER, ("rush", None, False), *NEXT_HOUR, *OTHER, ("rush", None, False), ("deliver", [1])],
    ),
    "alerts after the hour": (
        "after its window",
        [*FULL, ("arrive", 1, "l"), *NEXT_HOUR, ("arrive", 1, "l"), ("deliver", [1, 2])],
    ),
    "window chosen by the clock": ("exactly one report", [*ONE, ("wait", WINDOW), ("deliver", [0])]),
    "no walk back": (
        "exactly one report",
        [*SETTLED, ("wait", WINDOW), *ANOTHER, ("rush", None, False), ("deliver", [0])],
    ),
    "join without checking the state": (
        "lacks alerts",
        [*at("close"), *ANOTHER, ("go", -1, "write", None), ("rush", None, True)],
    ),
    "reopen without a condition": (
        "left to the sweeper",
        [*SETTLED, *ANOTHER, ("go", -1, "write", None), *ANOTHER, ("rush", None, True)],
    ),
    "reopen in any round": (
        "left to the sweeper",
        [*SETTLED, *ANOTHER, ("go", -1, "write", None), *ANOTHER, ("rush", None, True)],
    ),
    "group stored again": ("the revision is not", [*ONE, ("rush", None, False), ("deliver", [0])]),
    "round not started for a stored group": ("left to the sweeper", [*ONE, ("go", -1, "write", "lose")]),
    "Plan in any round": ("a plan that began", [*at("plan"), ("bury", 0), ("go", 0, END, None)]),
    "Inspect in any round": ("a inspect that began", [*at("inspect"), ("bury", 0), ("go", 0, END, None)]),
    "Review in any round": ("the reviewer is called", [*at("review"), ("bury", 0), ("go", 0, END, None)]),
    "publish in any round": (
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
    "claim in any round": ("notified in a round that was over", [*at("emit"), ("bury", 0), ("go", 0, END, None)]),
    "settle in any round": (
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
    "claimed lookups handed out again": (
        "handed out again",
        [*at("inspect"), ("go", -1, "write 2", None), ("exhaust", -1)],
    ),
    "unclaimed lookups closed": ("closed although it was never begun", [*at("inspect"), ("exhaust", -1)]),
    "unclaimed lookups not handed out": ("never begun is not handed out", [*at("inspect"), ("exhaust", -1)]),
    "lookups of the same Plan not handed out again": (
        "never begun is not handed out",
        [*at("plan"), ("go", -1, "write", "lose")],
    ),
    "lookups of a later Plan taken over": (
        "without a fault",
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
    "new lookups only where none exists": (
        "never begun is not handed out",
        [
            *at("plan"),
            ("go", -1, "write", "presumed dead"),
            ("go", -1, "write", None),
            ("go", 0, END, None),
        ],
    ),
    "ledger not read again": (
        "found and not looked up",
        [*DEEP_GIVEN_UP, ("exhaust", -1), ("go", -1, 1, None), ("go", 0, END, None)],
    ),
    "earlier answer not planned": (
        "found and not looked up",
        [*DEEP_GIVEN_UP, ("go", -1, "plug-in", None), ("go", 0, END, None), ("go", -1, 0, "lose")],
    ),
    "the last outcome wins": (
        "the ledger has changed",
        [*at("inspect"), ("go", -1, "write 2", None), ("bury", 0), ("rush", None, True), ("go", 0, END, None)],
    ),
    "review of unplanned alerts": ("published without inspecting", [*at("review"), *JOINS]),
    "review with unclaimed lookups": (
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
    "publication not resumed": ("is not in the archive", [*at("review"), ("go", -1, "write", "lose")]),
    "closed with an unpublished revision": ("lacks alerts", [*at("review"), ("go", -1, "write", "lose"), *JOINS]),
    "unlimited replans": ("more than twice", THREE_LATE),
    "compiled revision returned": ("lacks outcomes", THREE_LATE),
    "deliveries not read again after the reviewer": (
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
    "outcome overwritten": (
        "loses its outcome",
        [
            *at("emit"),
            ("go", 0, "plug-in", None),
            ("bury", 0),
            ("rush", "review", True),
            ("go", -1, "write", None),
            ("go", 0, END, None),
        ],
    ),
    "open deliveries not returned again": ("has no outcome", [*at("review"), ("go", -1, "write", "lose")]),
    "digest over counts": ("got the same twice", [*SETTLED, *THE_SAME]),
    "digest without findings": ("does not have the last state", [*SETTLED, ("plug_in", True, "urgent"), *THE_SAME]),
    "digest compared with the last round": (
        "does not have the last state",
        [*at("emit"), ("go", -2, "plug-in", "gone"), ("rush", None, False), *THE_SAME],
    ),
    "calls with an unknown end ignored": (
        "does not have the last state",
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
    "slow claim": (
        "an earlier call of the delivery",
        [*at("emit"), ("go", -2, "write", None), ("kill", 0), ("wait", LEASE), ("go", 0, 2, None), ("redrive", 0)],
    ),
    "no lease": (
        "an earlier call of the delivery",
        [*at("emit"), ("go", -2, "plug-in", "presumed dead"), ("go", -1, END, None)],
    ),
    "finished delivery claimed": (
        "the delivery had an outcome",
        [*at("emit"), ("go", -2, 1, None), ("kill", 0), ("redrive", 0), ("rush", "close", True), ("go", 0, END, None)],
    ),
    "emitter state read before the claim": (
        "the state that it returned",
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
    "settle with unplanned alerts": ("lacks alerts", [*at("close"), *JOINS]),
    "next round without a condition": (
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
    "delivery ended without checking the attempts": (
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
    "earlier call ignored": (
        "is recorded as failed",
        [*at("emit"), ("go", -2, "write 2", "crash"), ("wait", LEASE), ("go", -1, "plug-in", "gone")],
    ),
    "expired delivery made": (
        "does not get the state",
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
    "lookups without a turn not reopened": ("never ends", [*at("inspect"), *REFUSED]),
    "lookups reopened without limit": (
        "never ends",
        [*at("inspect"), *REFUSED, ("rush", "inspect", False), *REFUSED],
    ),
    "lookups reopened although they may have been made": (
        "handed out again",
        [*at("inspect"), ("go", -1, "write 2", "presumed dead"), *REFUSED],
    ),
    "answer of another lookup stored": (
        "the answer of another one",
        [("plug_in", True, "urgent"), *FLOOD],
    ),
    "lookups asked about without a claim": (
        "that its runner has not claimed",
        [*at("inspect"), ("go", -1, "write", "presumed dead"), ("rush", "review", False), ("go", 0, END, None)],
    ),
    "lookup of a later Plan ended": (
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
    "repeated reopen not recognised": (
        "never begun is not handed out",
        [*at("inspect"), *REFUSED, ("rush", "plan", False), ("go", -1, "write", "repeat")],
    ),
    "settle with lookups left": ("lookups are left although", [*FLOOD, *DEEP_TOO]),
    "remaining lookups not returned again": (
        "lookups are left although",
        [*FLOOD, *DEEP_TOO, ("rush", "review", False), ("go", -1, "write", "lose")],
    ),
    "no reserve": ("never begun is not handed out", [*FLOOD, ("rush", None, False), *DEEP_TOO]),
    "no shares": ("used up the budget", [*FLOOD, *DEEP_TOO]),
    "last lookups to anyone": (
        "used up the budget",
        [
            *DEEP,
            ("rush", "plan", False),
            ("arrive", 3),
            ("deliver", [-1]),
            *[("go", -1, "plug-in", "buried"), ("go_back", END)] * 3,
        ],
    ),
    "deleted lookup recreated": (
        "never expires",
        [
            *at("inspect"),
            ("go", -1, "write 2", None),
            ("kill", 0),
            ("wait", FAR_MS),
            ("delete_expired", 2),
            ("go", 0, END, None),
        ],
    ),
    "repeated takeover not recognised": (
        "never begun is not handed out",
        [*at("inspect"), ("exhaust", 0), ("go", -1, "write", "repeat")],
    ),
    "unchanged findings delivered again": ("an unchanged finding again", [*FOUND, *REST, *NEXT_WINDOW, *FOUND]),
    "worse severity not delivered": (
        "inbox does not have the last state",
        [*SAFE, *FOUND, *REST, *URGENT, *NEXT_WINDOW, *FOUND],
    ),
    "end of a suppression not delivered": (
        "does not have the last state",
        [*FOUND, *REST, *NEXT_WINDOW, *SUPPRESSED, *FOUND, *REST, *NEXT_WINDOW, *HEARD, *FOUND],
    ),
    "breakthrough not delivered": (
        "does not have the last state",
        [*FLOOD_FOUND, *REST, *NEXT_WINDOW, *SUPPRESSED, *FLOOD_FOUND],
    ),
    "suppressed report delivered": ("a suppressed report", [*SUPPRESSED, *FOUND]),
    "findings not compared": ("does not have the last state", [*FOUND, *REST, *NEXT_WINDOW, *CHANGED]),
    "last delivery not compared": (
        "does not have the last state",
        [
            *FOUND,
            *REST,
            *CHANGED,
            ("rush", "emit", False),
            *[("go", -2, "plug-in", "gone")],
            *REST,
            *NEXT_WINDOW,
            *CHANGED,
        ],
    ),
    "findings of the last delivery not compared": (
        "does not have the last state",
        [*SETTLED, *FOUND, *REST, *NEXT_WINDOW, *FOUND],
    ),
    "inherited from an open report": (
        "inherits from one that is open",
        [*FOUND, ("rush", "close", False), *NEXT_WINDOW, *FOUND, *[("go", -1, END, None)] * 6],
    ),
    "inherited from a changed report": (
        "inherits from one that is open",
        [
            *FOUND,
            *REST,
            ("arrive", 1),
            *NEXT_WINDOW,
            *FOUND,
            ("rush", "review", False),
            ("go", -1, "write", None),
            ("deliver", [1]),
            ("go", -1, END, None),
            ("go", 0, END, None),
        ],
    ),
    "inherited state not stored": (
        "an unchanged finding again",
        [*FOUND, *REST, *NEXT_WINDOW, *FOUND, *REST, *NEXT_WINDOW, *FOUND],
    ),
    "news as an update": (
        "as an update of an earlier incident",
        [*FOUND, *REST, *NEXT_WINDOW, *FOUND, *REST, *CHANGED],
    ),
    "incident resolved while a finding is active": (
        "an incident is resolved of which a finding is not",
        [
            *FOUND,
            *REST,
            *ANOTHER_FINDING,
            ("rush", "emit", False),
            ("go", -2, "plug-in", "gone"),
            *REST,
            *NEXT_WINDOW,
            *OVER,
            *REST,
        ],
    ),
    "findings that an emitter lacks forgotten": (
        "pager does not have the last state",
        [
            *SAFE,
            *FOUND,
            *REST,
            *ANOTHER_FINDING,
            *REST,
            *URGENT,
            *NEXT_WINDOW,
            *FOUND,
            *REST,
            *NEXT_WINDOW,
            *ANOTHER_FINDING,
        ],
    ),
    "resolved report delivered to anyone": ("a new incident that is resolved", OVER),
    "resolved although a later report exists": (
        "resolved although a later one exists",
        [
            *FOUND,
            *REST,
            *OVER,
            ("rush", "review", False),
            ("go", -1, "write", None),
            *NEXT_WINDOW,
            *CHANGED,
            ("go", -1, END, None),
            ("go", 0, END, None),
        ],
    ),
    "count without archiving": ("counted and not archived", [("cap", 1, 9), *SETTLED, *ANOTHER]),
    "join without raising the alerts held": ("its head counts", [*SETTLED, *ANOTHER]),
    "more alerts without a round": ("but marked complete", [("cap", 9, 1), *SETTLED, *ANOTHER]),
}

COVERED: dict[str, tuple[str, Schedule]] = {
    "deleted delivery recreated": (
        "Emit does not begin with an expired delivery. A runner that claims one has read it before, and would have to "
        "be suspended from before it expired until DynamoDB has deleted it.",
        [
            *at("emit"),
            *DIES,
            ("go", -1, 0, "crash"),
            *MUCH_LATER_REDRIVEN,
            ("go", -2, "write", None),
            ("delete_expired", 1),
        ],
    ),
    "inherited before the news": (
        "The pager is notified anyway, since the severity is worse than that of the report before. With the old record "
        "it would update the earlier incident.",
        [
            *FOUND,
            *REST,
            *NEXT_WINDOW,
            *FOUND,
            *REST,
            *SAFE,
            *CHANGED,
            *REST,
            *URGENT,
            *NEXT_WINDOW,
            *CHANGED,
        ],
    ),
    "claimed lookups left open": (
        "Review closes claimed lookups before it compiles. Plan closes them a little earlier, so that every lookup "
        "that Plan leaves open has been handed out.",
        [*at("inspect"), ("go", -1, "write 2", None), ("exhaust", -1)],
    ),
    "new lookups taken from later Plans": (
        "Only an abandoned Plan can be so late: its answer is not used, and its execution's Inspect finds the round "
        "over. A later Plan takes over any lower sequence; a runner that already has the lookup does not read "
        "the sequence.",
        [*at("plan"), ("go", -1, "write", None), ("bury", 0), ("rush", "inspect", True), ("go", 0, END, None)],
    ),
    "new lookups over an outcome": (
        "The update keeps the outcome, and every step leaves a lookup with an outcome alone.",
        [*at("plan"), ("go", -1, "write", None), ("bury", 0), ("rush", None, True), ("go", 0, END, None)],
    ),
}
"""Rules that other rules cover: why, and a schedule that reaches the rule and passes without it as well."""
