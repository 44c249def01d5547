"""Describe the calls without an answer. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from alert_responder.contracts.inspection import NoteContent

Why = Literal["denied", "throttled", "failed", "time"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A call without an answer.

    Attributes
    ----------
    action
        IAM action of the call, such as `ec2:DescribeInstances`; only the service if the time limit was reached.
    detail
        Error code; "" if there is none or it adds nothing to `why`.
    """

    why: Why
    action: str
    account: str
    region: str
    detail: str = ""


MAX_SHOWN = 50
"""Maximum number of gaps in the data of a note."""

_MAX_LOCATIONS = 5
"""Maximum number of locations per action in the text."""

_WORDS = {
    "denied": "Access denied (add the action to the role's policy, or enable the region)",
    "throttled": "Throttled",
    "failed": "Failed",
    "time": "Not called, because the time limit was reached",
}


def gap_note(gaps: Sequence[Gap]) -> NoteContent:
    """Write a note with the missing actions, their reasons and locations."""
    lines = []
    for why, words in _WORDS.items():
        missed = [gap for gap in gaps if gap.why == why]
        if missed:
            lines.append(f"{words}: {'; '.join(_by_action(missed))}.")
    data = [
        {"why": gap.why, "action": gap.action, "account": gap.account, "region": gap.region, "error": gap.detail}
        for gap in gaps[:MAX_SHOWN]
    ]
    return NoteContent(type="note", title="Incomplete lookup", text=" ".join(lines), data=data, source="AWS")


def throttled_reason(gaps: Iterable[Gap]) -> str | None:
    """Return the actions that AWS throttled as a sentence, or None."""
    actions = list(dict.fromkeys(gap.action for gap in gaps if gap.why == "throttled"))
    return f"AWS throttled {', '.join(actions)}."[:500] if actions else None


def limit_reason(gaps: Iterable[Gap]) -> str | None:
    """Return the actions without an answer because AWS throttled them or time was over as a sentence, or None."""
    missed: dict[str, None] = dict.fromkeys(gap.action for gap in gaps if gap.why in ("throttled", "time"))
    return (
        f"Throttled, or not called because the time limit was reached: {', '.join(missed)}."[:500] if missed else None
    )


def _by_action(gaps: Iterable[Gap]) -> list[str]:
    locations: dict[str, list[str]] = {}
    for gap in gaps:
        what = f"{gap.action} ({gap.detail})" if gap.why == "failed" and gap.detail else gap.action
        locations.setdefault(what, []).append(f"{gap.account} {gap.region}")
    return [f"{what} in {_some(list(dict.fromkeys(where)))}" for what, where in locations.items()]


def _some(locations: Sequence[str]) -> str:
    left = len(locations) - _MAX_LOCATIONS
    return ", ".join([*locations[:_MAX_LOCATIONS], *([f"{left} more"] if left > 0 else [])])
