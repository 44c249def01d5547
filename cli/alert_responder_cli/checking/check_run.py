"""Sends the cases to a plug-in, one after the other, and gathers what is wrong."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from alert_responder.errors import (
    PluginError,
    PluginFailedError,
    PluginThrottledError,
    PluginTimeoutError,
    PluginUnreachableError,
)
from alert_responder_cli.checking.cases import Case
from alert_responder_cli.checking.results import Kind, Level, Problem, Result, Times
from alert_responder_cli.checking.rules import differences, judge, judge_unexpected_answer
from alert_responder_cli.checking.target import Target
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.counts import count

UNSEEN: dict[Kind, tuple[str, ...]] = {
    "inspector": (
        "whether what it says is true, and whether it asks the source more often than it may",
        "what leaves the account with the values it is sent",
    ),
    "reviewer": ("whether its policy is a good one: 'alert-responder backtest' tries it on stored reports",),
    "emitter": (
        "what the receiver shows, and whether hostile words are harmless there: look at it",
        "whether the receiver was told twice by the repeated delivery: only its answers were compared",
        "what it does when the receiver fails, or its answer is lost",
    ),
}
"""What a checker that sees requests and answers alone cannot tell."""

_SLOW_SHARE = 0.5
"""From this share of the limit on a call is remarked as slow."""


_WANTED = {
    "repeated": "the same answer as the time before",
    "state": "an answer: the state is what it answered before",
    "unknown-fields": "an answer: fields it does not know may be added at any time",
    "hostile": "an answer: anything may stand in an alert",
    "spelling": "an answer: the value is canonical, however the alert spells it",
}


@dataclass
class _Collector:
    problems: list[Problem] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def say(self, check: str, level: Level, case: Case, what: str, path: str = "", allowed: str = "") -> None:
        self.problems.append(Problem(check=check, level=level, case=case.name, path=path, what=what, allowed=allowed))


def check(
    kind: Kind,
    target: Target,
    cases: Sequence[Case],
    limit: float,
    clock: Callable[[], float],
    received: Callable[[], int] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
    own_types: Collection[str] = (),
) -> Result:
    """Send all cases and judge what comes back.

    Parameters
    ----------
    limit
        How long AlertResponder waits for an answer [seconds].
    clock
        Any time that only grows [seconds].
    received
        Counts what a receiver has taken so far from this emitter; None: nobody looks.
    advanced
        Is told the name of each case before it is sent.
    own_types
        Types of attributes that are known beside those of AlertResponder.

    Raises
    ------
    CommandError
        When the plug-in cannot be called at all.
    """
    found = _Collector()
    for case in cases:
        on_progress(case.name)
        if case.fresh:
            target.restart()
        before = received() if received else 0
        event = _with_state(case, found.states)
        began = clock()
        try:
            body = target.call(event, limit)
        except PluginError as error:
            _judge_failure(case, error, found)
            continue
        found.seconds.append(clock() - began)
        _judge_time(case, found, limit)
        if case.expected == "failure":
            found.problems += judge_unexpected_answer(kind, case.name, body)
            continue
        judged = judge(kind, case.name, event, body, own_types)
        found.problems += judged.problems
        found.documents[case.name] = judged.document
        found.states[case.name] = _state_left(event, judged.document)
        if case.expected == "same":
            _compare(case, found)
            if received and received() > before:
                what = f"The receiver was told {count(received() - before, 'more time')} by a repeated delivery."
                found.say("repeated", "remark", case, what, "", "nothing more: emission_id is the same")
    unseen = UNSEEN[kind] if received is None else tuple(line for line in UNSEEN[kind] if "told twice" not in line)
    later = found.seconds[1:]
    times = Times(
        limit=limit,
        first=found.seconds[0] if found.seconds else None,
        median=median(later) if later else None,
        longest=max(later) if later else None,
    )
    return Result(
        kind=kind, target=target.name, cases=len(cases), problems=_once(found.problems), times=times, unseen=unseen
    )


def _with_state(case: Case, states: dict[str, Any]) -> Any:
    """Give an emitter back the state it left."""
    return {**case.event, "state": states.get(case.state_of)} if case.state_of else case.event


def _state_left(event: Any, document: Any) -> Any:
    """Tell what an emitter is given the next time: null keeps what it had."""
    answered = document.get("state") if isinstance(document, dict) else None
    return event.get("state") if answered is None else answered


def _judge_failure(case: Case, error: PluginError, found: _Collector) -> None:
    match error:
        case PluginUnreachableError():
            raise CommandError(error.reason) from error
        case PluginTimeoutError():
            found.say("time", "fault", case, error.reason)
        case PluginThrottledError():
            found.say("throttled", "fault", case, error.reason, "", "an answer: give it more concurrency")
        case PluginFailedError() if "Runtime.ExitError" in error.reason:
            level: Level = "remark" if case.expected == "failure" else "fault"
            found.say("crash", level, case, error.reason, "", "an answer, or an exception")
        case _ if case.expected != "failure":
            found.say(case.check, "fault", case, error.reason, "", _WANTED.get(case.check, "an answer"))
        case _:
            pass


def _judge_time(case: Case, found: _Collector, limit: float) -> None:
    took = found.seconds[-1]
    if took > limit * _SLOW_SHARE:
        which = "The first call" if len(found.seconds) == 1 else "A call"
        found.say("time", "remark", case, f"{which} took {took:.1f} s.", "", f"{limit:.0f} s, and then it is given up")


def _compare(case: Case, found: _Collector) -> None:
    if case.like not in found.documents:
        return
    places = list(differences(found.documents[case.like], found.documents[case.name]))
    if not places:
        return
    shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    what = f"The same request was answered otherwise than in case '{case.like}'; it differs in: {shown}."
    found.say(case.check, "remark", case, what, places[0], "the same answer")


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
