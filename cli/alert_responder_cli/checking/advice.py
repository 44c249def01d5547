"""What to do about a check that found much of the same: beginners meet these before anything else."""

import re
from collections.abc import Sequence

from alert_responder_cli.checking.cases import Case
from alert_responder_cli.checking.results import Result

_SETTING = re.compile(r"KeyError: '(?P<name>[A-Z][A-Z0-9_]+)'")
_MOST = 6


def same_failure(result: Result) -> str | None:
    """Give the one failure that every request met; None: some were answered, or failed otherwise."""
    failures = {problem.what for problem in result.problems if problem.level == "fault"}
    return next(iter(failures)) if result.times.first is None and len(failures) == 1 else None


def advice(result: Result, cases: Sequence[Case]) -> list[str]:
    """Say in sentences what to try; nothing where the problems speak for themselves."""
    settings = sorted({found["name"] for problem in result.problems if (found := _SETTING.search(problem.what))})
    missing = [
        f"{name} may be a setting of the function: set it in the environment, as on Lambda." for name in settings
    ]
    return [*missing[:1], *_types(result, cases)]


def _types(result: Result, cases: Sequence[Case]) -> list[str]:
    """Where an inspector answers for some types and fails for others: it may be attached for the former alone."""
    asked = {case.name: case.sample_of for case in cases if case.sample_of}
    failing = {asked[each.case] for each in result.problems if each.check == "answer" and each.case in asked}
    answered = [type_ for type_ in dict.fromkeys(asked.values()) if type_ not in failing]
    if not failing or not answered:
        return []
    listed = sorted(failing)
    failed = ", ".join(listed[:_MOST]) + (f" and {len(listed) - _MOST} more" if len(listed) > _MOST else "")
    options = " ".join(f"--type {type_}" for type_ in answered)
    return [
        f"It answers for {', '.join(answered)}, and fails for {failed}.",
        f"If it is attached for the types it answers alone, check it with {options}.",
    ]
