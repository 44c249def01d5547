"""Advice on common problems that make many cases of a check fail."""

import re
from collections.abc import Sequence

from alert_responder_cli.checking.cases import Case
from alert_responder_cli.checking.results import Result

_SETTING = re.compile(r"KeyError: '(?P<name>[A-Z][A-Z0-9_]+)'")
_MOST = 6


def same_failure(result: Result) -> str | None:
    """Return the failure if every request failed with the same one, otherwise None."""
    failures = {problem.what for problem in result.problems if problem.level == "fault"}
    return next(iter(failures)) if result.times.first is None and len(failures) == 1 else None


def advice(result: Result, cases: Sequence[Case]) -> list[str]:
    """Return sentences with advice; may be empty."""
    settings = sorted({match["name"] for problem in result.problems if (match := _SETTING.search(problem.what))})
    missing = [
        f"{name} may be a setting of the function: set it as an environment variable, as on Lambda."
        for name in settings
    ]
    return [*missing[:1], *_types(result, cases)]


def _types(result: Result, cases: Sequence[Case]) -> list[str]:
    """Suggest `--type` for an inspector that answers for some types only."""
    asked = {case.name: case.sample_of for case in cases if case.sample_of}
    failing = {asked[each.case] for each in result.problems if each.check == "answer" and each.case in asked}
    answered = [type_ for type_ in dict.fromkeys(asked.values()) if type_ not in failing]
    if not failing or not answered:
        return []
    listed = sorted(failing)
    failed = ", ".join(listed[:_MOST]) + (f" and {len(listed) - _MOST} more" if len(listed) > _MOST else "")
    options = " ".join(f"--type {type_}" for type_ in answered)
    return [
        f"The inspector answers for {', '.join(answered)} and fails for {failed}.",
        f"If it is attached only for the types that it supports, check it with {options}.",
    ]
