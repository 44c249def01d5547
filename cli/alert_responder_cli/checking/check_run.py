"""Send the cases to a plug-in one after the other, and collect the problems."""

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
from alert_responder_cli.checking.cases import WITHOUT_STATE, Case
from alert_responder_cli.checking.results import Kind, Level, Problem, Result, Times
from alert_responder_cli.checking.rules import differences, judge, judge_batch, judge_unexpected_answer
from alert_responder_cli.checking.target import Target
from alert_responder_cli.errors import CommandError
from alert_responder_cli.terminal.counts import count

UNSEEN: dict[Kind, tuple[str, ...]] = {
    "inspector": (
        "whether its answers are correct, and whether it respects the quota of its source",
        "which data it sends outside the account",
    ),
    "reviewer": ("whether its policy is good: use 'alert-responder backtest' to try it on stored reports",),
    "emitter": (
        "what the receiver displays, and whether hostile text is harmless there: look at it",
        "whether the repeated delivery notified the receiver twice: only the answers were compared",
        "how it handles a receiver that fails, or whose answer is lost",
    ),
}
"""What cannot be checked from requests and answers alone."""

_SLOW_SHARE = 0.5
"""Share of the limit from which a call is reported as slow."""


_WANTED = {
    "repeated": "the same answer as before",
    "state": "an answer: it returned this state before",
    "unknown-fields": "an answer: later versions may add fields",
    "hostile": "an answer: alerts may contain any text",
    "spelling": "an answer: the value is canonical, however the alert spells it",
}


@dataclass
class _Collector:
    problems: list[Problem] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)
    states: dict[str, Any] = field(default_factory=dict)
    by_task: dict[str, Any] = field(default_factory=dict)
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
    """Send all cases and check the answers.

    Parameters
    ----------
    limit
        Time limit of an answer [s].
    clock
        A monotonic clock [s].
    received
        Returns the number of requests that the receiver got so far; None: unknown.
    on_progress
        Called with the name of each case before it is sent.
    own_types
        Additional known attribute types.

    Raises
    ------
    CommandError
        The plug-in cannot be called at all.
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
        if case.expected == "batch":
            found.problems += judge_batch(case.name, event, body, found.by_task, own_types)
            continue
        judged = judge(kind, case.name, event, body, own_types)
        found.problems += judged.problems
        found.documents[case.name] = judged.document
        if case.sample_of:
            found.by_task[event["task_id"]] = judged.document
        found.states[case.name] = _state_left(event, judged.document)
        if case.expected == "same":
            _compare(case, found)
            if received and received() > before:
                what = f"A repeated delivery sent the receiver {count(received() - before, 'more request')}."
                found.say("repeated", "remark", case, what, "", "no request: emission_id is the same")
        if case.name == WITHOUT_STATE and received and received() > before:
            what = f"A resolved report without state sent the receiver {count(received() - before, 'request')}."
            found.say("state", "remark", case, what, "", "no request: no one was notified of the incident")
    unseen = UNSEEN[kind] if received is None else tuple(line for line in UNSEEN[kind] if "twice" not in line)
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
    """Put the state that the emitter returned into the event."""
    return {**case.event, "state": states.get(case.state_of)} if case.state_of else case.event


def _state_left(event: Any, document: Any) -> Any:
    """Return the state for the next request to an emitter: null keeps the previous one."""
    answered = document.get("state") if isinstance(document, dict) else None
    return event.get("state") if answered is None else answered


def _judge_failure(case: Case, error: PluginError, found: _Collector) -> None:
    match error:
        case PluginUnreachableError():
            raise CommandError(error.reason) from error
        case PluginTimeoutError():
            found.say("time", "fault", case, error.reason)
        case PluginThrottledError():
            found.say("throttled", "fault", case, error.reason, "", "an answer: increase its concurrency")
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
        found.say("time", "remark", case, f"{which} took {took:.1f} s.", "", f"less than {limit:.0f} s")


def _compare(case: Case, found: _Collector) -> None:
    if case.like not in found.documents:
        return
    places = list(differences(found.documents[case.like], found.documents[case.name]))
    if not places:
        return
    shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
    what = f"The answer differs from that of case '{case.like}' in: {shown}."
    found.say(case.check, "remark", case, what, places[0], "the same answer")


def _once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problems))
