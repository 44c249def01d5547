"""Decide in which account and region a target is, and whether anything there may be contained. Pure.

Everything that is not explicitly allowed is refused, with the reason.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from alert_responder.contracts.report import AlertOrigin, Report, ReportedAttribute
from alert_responder.domain.attributes import identity
from alert_responder.domain.directory import Directory
from alert_responder_plugins.common.member_roles import ACTIONS_TAG, LAYOUT_VERSION, MEMBER_TAG
from alert_responder_plugins.common.members import INACTIVE
from alert_responder_plugins.quarantine.exemptions import root_of
from alert_responder_plugins.quarantine.model import Kind, Location
from alert_responder_plugins.quarantine.settings import QuarantineSettings

GLOBAL: Final = "global"
"""Region of targets that are in no region, or whose name alone leads to it."""

UNKNOWN: Final = "unknown"
"""Account or region of a target that is refused because it is not known."""

HOME_PROTECTED: Final = "The target is in the home account, which is protected while members is set."
NO_MEMBERS: Final = "Member accounts are not configured."
NO_DIRECTORY: Final = "The directory of accounts is missing."

_REGIONLESS: frozenset[Kind] = frozenset({"access_key", "bucket", "principal"})
_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_SPECIAL = {
    "management": "is the management account, which is protected",
    "delegated_administrator": "is a delegated administrator, which is protected",
    "home": "is the home account, which is protected",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A target that an attribute names; `account` and `region` are those of an ARN, None if the value has none."""

    kind: Kind
    target: str
    account: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class _Naming:
    origin: AlertOrigin | None
    contexts: frozenset[str]


class Whereabouts:
    """Where the targets of one report are, according to the alerts that name them."""

    def __init__(self, report: Report, settings: QuarantineSettings) -> None:
        self._settings = settings
        self._by_id = {attribute.id: attribute for attribute in report.attributes}
        self._naming: dict[str, list[_Naming]] = {}
        for alert in report.alerts:
            for attribute in alert.attributes:
                naming = _Naming(alert.origin, frozenset(attribute.context))
                self._naming.setdefault(identity(attribute), []).append(naming)

    def locate(self, named: Named, attribute: ReportedAttribute) -> tuple[Location, str | None]:
        """Return where a target is, and why that is not certain enough; None if it is.

        All verified alerts that name the attribute must be about one account, and one region unless the kind has none.
        If the value has an account, one of them must be about it, and the others do not count: an account can prevent
        nothing in another one. Claims of other alerts do not count, unless `allow_unverified_accounts` is true and
        no verified alert names it. An attribute of an inspector is where the one is from which it was found.
        """
        root = root_of(attribute.id, self._by_id)
        # Alerts can only give a context to what they name themselves: a claim adds none to a verified alert.
        contexts = self._settings.contexts_of(named.kind) if root == attribute.id else None
        trusted = self._trusted(root)
        if named.account:
            trusted = [each for each in trusted if each.origin and each.origin.account == named.account] or trusted
        origins = [each.origin for each in trusted if each.origin]
        account = named.account or _only([each.account for each in origins], _ACCOUNT)
        regionless = named.kind in _REGIONLESS
        region = GLOBAL if regionless else named.region or _only([each.region for each in origins], _REGION)
        location = Location(named.kind, named.target, account or UNKNOWN, region or UNKNOWN)
        if not self._naming.get(root):
            return location, "No listed alert names it, so that its account is unknown."
        if not trusted:
            return location, "Its account is only claimed: no alert that names it came by the verified stream."
        if contexts is not None and not any(contexts & each.contexts for each in trusted):
            return location, "No verified alert names it in a context in which it is contained."
        return location, _about_origins(origins, location)

    def _trusted(self, root: str) -> Sequence[_Naming]:
        naming = self._naming.get(root, [])
        verified = [each for each in naming if each.origin and each.origin.verified]
        if verified or not self._settings.allow_unverified_accounts:
            return verified
        return [each for each in naming if each.origin] if all(each.origin for each in naming) else []


def about_account(account: str, settings: QuarantineSettings, directory: Directory | None, now: int) -> str | None:
    """Return why nothing is contained in an account; None if it is an active member of the organisation.

    Parameters
    ----------
    now
        Milliseconds since the epoch.
    """
    if settings.members is None:
        return NO_MEMBERS
    if account == settings.account_id:
        return HOME_PROTECTED
    if directory is None:
        return NO_DIRECTORY
    if directory.is_stale(now):
        return "The directory of accounts is older than 24 hours."
    expected = settings.members.organization_id
    if expected is not None and directory.organization_id not in (None, expected):
        return "The directory of accounts is of another organisation."
    facts = directory.find(account)
    if facts is None:
        return f"Account {account} is not in the directory." if account != UNKNOWN else "Its account is unknown."
    if facts.status != "active":
        return f"Account {account} {INACTIVE.get(facts.status, 'is not active')}."
    if facts.kind != "member":
        return f"Account {account} {_SPECIAL.get(facts.kind, 'is not a member')}."
    return None


def about_departure(account: str, directory: Directory | None, now: int) -> str | None:
    """Return why an account certainly is not an active one of the organisation; None if it may be."""
    if directory is None or directory.is_stale(now):
        return None
    facts = directory.find(account)
    if facts is None:
        return f"Account {account} is not in the directory."
    return None if facts.status == "active" else f"Account {account} {INACTIVE[facts.status]}."


def about_role(tags: Mapping[str, str], kind: Kind) -> str | None:
    """Return why an account does not allow a kind of target, according to its responder role's tags; None if it does.

    Parameters
    ----------
    tags
        Of the role that acts.
    """
    version = tags.get(MEMBER_TAG)
    if version is None:
        return f"The account's responder role has no tag {MEMBER_TAG}."
    if version != LAYOUT_VERSION:
        return "The account's roles have another version: update modules/member there, or this installation."
    if kind not in tags.get(ACTIONS_TAG, "").split(" "):
        return f"The account does not allow the kind {kind}."
    return None


def _about_origins(origins: Sequence[AlertOrigin], location: Location) -> str | None:
    accounts = {each.account for each in origins}
    if len(accounts) != 1:
        return "Alerts about different accounts name it."
    if any(each.named for each in origins):
        return "The alert names another account than the one that sent it."
    (account,) = accounts
    if account is None or not _ACCOUNT.fullmatch(account):
        return "The alert's account is unknown."
    if account != location.account:
        return f"Its ARN is in account {location.account}, and the alert is about account {account}."
    if location.region == GLOBAL:
        return None
    regions = {each.region for each in origins}
    if len(regions) != 1:
        return "Alerts about different regions name it."
    (region,) = regions
    if region is None or not _REGION.fullmatch(region):
        return "The alert's region is unknown."
    if region != location.region:
        return f"Its ARN is in region {location.region}, and the alert is about region {region}."
    return None


def _only(values: Sequence[str | None], pattern: re.Pattern[str]) -> str | None:
    found = set(values)
    value = found.pop() if len(found) == 1 else None
    return value if value is not None and pattern.fullmatch(value) else None
