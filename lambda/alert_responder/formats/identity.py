"""When findings from several products or regions are the same incident.

docs/decisions/0046-families-of-duplicates.md explains each rule. In doubt, two findings are two incidents: an extra
report is a nuisance, but an alert in the wrong report may be missed.
"""

import re
from datetime import UTC, datetime
from typing import NamedTuple

from alert_responder.formats.extraction import hashed_key

_ACCOUNT = re.compile(r"[0-9]{12}")
_LONGEST = 512
"""Longest readable key [characters]; longer keys are hashed."""


class Identity(NamedTuple):
    """The three fields of an alert that identify the incident."""

    detector: str
    rule_id: str
    alert_key: str


def is_about_principal(rule: str) -> bool:
    """Check whether findings of a GuardDuty type are about a user or role, which has no region."""
    return ":IAMUser/" in rule


def principal_key(rule: str, account: str | None, principal: str | None, first_seen: datetime | None) -> str | None:
    """Return the key of a GuardDuty finding about a user or role: the same for all products and regions.

    GuardDuty analyses calls in each region, and calls to global services in all of them: one call becomes findings in
    several regions with different ids. They have the account, the type, the principal and the first time in common,
    which do not change when a finding is updated. Access key, session, address and call do change.

    Parameters
    ----------
    rule
        The finding type.
    account, principal, first_seen
        The account, the name of the user or role, and `eventFirstSeen`.

    Returns
    -------
    str or None
        None if the finding is about something else, or lacks one of these fields. Its key is then its id.
    """
    if is_about_principal(rule) and account and _ACCOUNT.fullmatch(account) and principal and first_seen:
        return readable_key(account, principal, first_seen.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return None


def in_account(key: str, account: str | None) -> str:
    """Prefix a key that is unique only within an account with the account, unless the key contains it.

    Examples
    --------
    >>> in_account("finding-1", "111122223333"), in_account("arn:aws:s3::111122223333:a", "111122223333")
    ('111122223333/finding-1', 'arn:aws:s3::111122223333:a')
    """
    return readable_key(account, key) if account and account not in key else key


def readable_key(*parts: str) -> str:
    """Join the parts of a key with slashes, or hash them if the result is long. At most one may contain a slash."""
    joined = "/".join(parts)
    return joined if len(joined) <= _LONGEST else hashed_key(*parts)
