"""What makes findings one incident where they come several times, in several regions, by several products.

Each rule and what speaks for it: docs/decisions/0046-families-of-duplicates.md. When in doubt two findings are two
incidents: a report too many is a nuisance, an alert in the wrong report may be missed.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from alert_responder.formats.extraction import hashed_key

_ACCOUNT = re.compile(r"[0-9]{12}")
_LONGEST = 512
"""Longest key that is written for people to read [characters]; a longer one is a hash."""


class Identity(NamedTuple):
    """The three of an alert that decide which incident it is of."""

    detector: str
    rule_id: str
    alert_key: str


def is_about_principal(rule: str) -> bool:
    """Tell whether findings of a GuardDuty type are about a user or role, which is in no region."""
    return ":IAMUser/" in rule


def principal_key(rule: str, account: str | None, principal: str | None, first_seen: datetime | None) -> str | None:
    """Return the key of a GuardDuty finding about a user or role, whichever product tells of it and in which region.

    GuardDuty looks at the calls of a principal in each of its regions, those to global services in all of them: one
    call becomes findings in several regions, each with an id of its own. They have the account, the type, the
    principal and the first time in common, none of which later updates of a finding change; access key, session,
    address and call do change.

    Parameters
    ----------
    rule
        The finding type.
    account, principal, first_seen
        The account, the name of user or role, and `eventFirstSeen`.

    Returns
    -------
    str or None
        None: the finding is about something else, or says too little; its id is its key.
    """
    if is_about_principal(rule) and account and _ACCOUNT.fullmatch(account) and principal and first_seen:
        return readable_key(account, principal, first_seen.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return None


def readable_key(*parts: str) -> str:
    """Join the parts of a key by slashes, or hash them where that would be long. At most one may hold a slash."""
    joined = "/".join(parts)
    return joined if len(joined) <= _LONGEST else hashed_key(*parts)
