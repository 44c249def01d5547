"""What could not be asked, in words; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from alert_responder.contracts.inspection import NoteContent

Why = Literal["denied", "throttled", "failed", "time"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A call that gave no answer.

    Attributes
    ----------
    action
        The action of IAM it takes, such as `ec2:DescribeInstances`; the service alone where the time was over.
    detail
        The name of AWS' error; "" where it has none or says no more than `why`.
    """

    why: Why
    action: str
    account: str
    region: str
    detail: str = ""


SHOWN = 50
"""How many gaps the data of a note names."""

_PLACES = 5
"""How many places the text names of each action."""

_WORDS = {
    "denied": "Not allowed, add to the role's policy or turn the region on",
    "throttled": "Refused for the rate",
    "failed": "Failed",
    "time": "Left out, the time was over",
}


def gap_note(gaps: Sequence[Gap]) -> NoteContent:
    """Say what is missing in the answer and why, each action once with where it was missed."""
    lines = []
    for why, words in _WORDS.items():
        missed = [gap for gap in gaps if gap.why == why]
        if missed:
            lines.append(f"{words}: {'; '.join(_by_action(missed))}.")
    data = [
        {"why": gap.why, "action": gap.action, "account": gap.account, "region": gap.region, "error": gap.detail}
        for gap in gaps[:SHOWN]
    ]
    return NoteContent(type="note", title="Not all could be looked up", text=" ".join(lines), data=data, source="AWS")


def throttled_reason(gaps: Iterable[Gap]) -> str | None:
    """Say what AWS refused for the rate; None: nothing."""
    actions = list(dict.fromkeys(gap.action for gap in gaps if gap.why == "throttled"))
    return f"AWS refused for the rate: {', '.join(actions)}."[:500] if actions else None


def _by_action(gaps: Iterable[Gap]) -> list[str]:
    places: dict[str, list[str]] = {}
    for gap in gaps:
        what = f"{gap.action} ({gap.detail})" if gap.why == "failed" and gap.detail else gap.action
        places.setdefault(what, []).append(f"{gap.account} {gap.region}")
    return [f"{what} in {_some(list(dict.fromkeys(found)))}" for what, found in places.items()]


def _some(places: Sequence[str]) -> str:
    left = len(places) - _PLACES
    return ", ".join([*places[:_PLACES], *([f"{left} more"] if left > 0 else [])])
