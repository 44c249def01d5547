"""Divide tasks by the account of their alert. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence

from alert_responder.plugin import InspectionTask
from alert_responder_plugins.logs.summary import SourceAnswer

_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)


def by_account(places: Iterable[int], tasks: Sequence[InspectionTask]) -> Mapping[str | None, list[int]]:
    """Return the places of tasks by the account of their alert; None if it is not known."""
    found: dict[str | None, list[int]] = {}
    for place in places:
        account = tasks[place].alert.account
        found.setdefault(account if account and _ACCOUNT.fullmatch(account) else None, []).append(place)
    return found


def not_asked(source: str, places: Iterable[int], reason: str | None = None) -> list[tuple[int, SourceAnswer]]:
    """Answer tasks about which a source is not asked; without a reason, because their account is not known."""
    why = reason or "not asked, because the account of the alert is not known."
    return [(place, SourceAnswer(source, kind="no_data", reason=why)) for place in places]


def name_in(source: str, account: str) -> str:
    """Return the name of a source that is asked about one account: answers say so where they come from."""
    return f"{source} ({account})"
