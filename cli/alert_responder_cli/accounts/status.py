"""What is right and wrong with an account, from the directory and what its roles answered. Pure.

Names, units and tags are written by the owners of accounts: hostile wherever they are shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import BaseModel

from alert_responder.domain.directory import AccountFacts, AccountKind, AccountStatus
from alert_responder_plugins.common.member_roles import ACTIONS_TAG, LAYOUT_VERSION, MEMBER_TAG, reader_of, responder_of

Answer = Literal["yes", "no", "not_asked"]
RoleState = Literal["current", "outdated", "newer", "missing", "unreadable"]

_UPDATE: Final = "update the stack set, or apply modules/member again"
_WHY_NOT_ASKED: Final = {
    "suspended": "The account is suspended.",
    "closing": "The account is being closed.",
    "home": "AlertResponder runs in this account, and needs no role there.",
}


@dataclass(frozen=True)
class FoundRole:
    """What IAM answered about a role.

    Attributes
    ----------
    exists
        False as well if it could not be read.
    error
        Why it could not be read; None if IAM answered.
    """

    exists: bool
    tags: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None


class MemberRole(BaseModel, frozen=True):
    """A role of `modules/member`.

    Attributes
    ----------
    state
        `current`; `outdated`: of an earlier version, or without one; `newer` than this command knows; `missing`; or
        `unreadable`.
    version
        None if it is not known.
    """

    name: str
    state: RoleState
    version: str | None = None


class AccountReport(BaseModel, frozen=True):
    """An account with what its roles answered.

    Attributes
    ----------
    answers
        Whether the reader role could be assumed; `not_asked` for accounts that are not active, and the home account.
    reason
        Why it does not answer, or was not asked.
    reader, responder
        None if the account does not answer.
    actions
        Kinds of targets that the account allows to contain.
    forwards, forwards_nothing
        Regions with and without a forwarder, among those that were asked about.
    problems
        What to look at, in whole sentences.
    """

    id: str
    name: str
    unit: str
    status: AccountStatus
    kind: AccountKind
    owner: str | None
    environment: str | None
    answers: Answer
    reason: str | None = None
    reader: MemberRole | None = None
    responder: MemberRole | None = None
    actions: tuple[str, ...] = ()
    forwards: tuple[str, ...] = ()
    forwards_nothing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def selected(accounts: Iterable[AccountFacts], ids: Sequence[str], units: Sequence[str]) -> list[AccountFacts]:
    """Return the accounts with these ids, in or below these units, by unit, name and id; empty lists select all."""
    chosen = (
        account
        for account in accounts
        if (not ids or account.id in ids) and (not units or any(map(account.is_in, units)))
    )
    return sorted(chosen, key=lambda account: (account.unit.casefold(), account.name.casefold(), account.id))


def not_asked(account: AccountFacts) -> AccountReport | None:
    """Report an account that is not asked, with the reason; None if it is to be asked."""
    reason = _WHY_NOT_ASKED.get(account.status) or _WHY_NOT_ASKED.get(account.kind)
    return None if reason is None else _report(account, "not_asked", reason)


def unanswered(account: AccountFacts, reason: str) -> AccountReport:
    """Report an account whose reader role could not be assumed."""
    # Service-managed stack sets leave out the management account, and nothing is contained there.
    problems = () if account.kind == "management" else (reason,)
    return _report(account, "no", reason).model_copy(update={"problems": problems})


def answered(
    account: AccountFacts, name: str, reader: FoundRole, responder: FoundRole, forwarders: Mapping[str, FoundRole]
) -> AccountReport:
    """Report an account by its roles.

    Parameters
    ----------
    name
        The `name` of `modules/member`.
    forwarders
        The forwarders' roles by region.
    """
    looks, acts = _member_role(reader_of(name), reader), _member_role(responder_of(name), responder)
    problems = [_role_problem(role, found.error) for role, found in ((looks, reader), (acts, responder))]
    if acts.state == "missing" and _actions(reader):
        problems.append(f"The role {acts.name} is missing, although the account allows actions: {_UPDATE}.")
    problems += [
        f"Whether findings are forwarded from {region} is unknown: {role.error}"
        for region, role in forwarders.items()
        if role.error
    ]
    return _report(account, "yes").model_copy(
        update={
            "reader": looks,
            "responder": acts,
            "actions": _actions(responder),
            "forwards": tuple(region for region, role in forwarders.items() if role.exists),
            "forwards_nothing": tuple(
                region for region, role in forwarders.items() if not role.exists and not role.error
            ),
            "problems": tuple(filter(None, problems)),
        }
    )


def with_missing_forwarders(reports: Sequence[AccountReport], named: Iterable[str]) -> list[AccountReport]:
    """Add the problem of regions that forward nothing.

    It is one in the regions that the user named, and in those from which another of these accounts forwards. A
    delegated administrator does not count: it may forward the findings of all.
    """
    expected = {
        *named,
        *(region for report in reports if report.kind != "delegated_administrator" for region in report.forwards),
    }
    return [
        _with_missing(report, [region for region in report.forwards_nothing if region in expected])
        for report in reports
    ]


def _with_missing(report: AccountReport, regions: Sequence[str]) -> AccountReport:
    if not regions:
        return report
    sentence = f"No findings are forwarded from {', '.join(regions)}: deploy modules/forwarder there."
    return report.model_copy(update={"problems": (*report.problems, sentence)})


def _report(account: AccountFacts, answers: Answer, reason: str | None = None) -> AccountReport:
    return AccountReport(**account.model_dump(), answers=answers, reason=reason)


def _member_role(name: str, found: FoundRole) -> MemberRole:
    version = found.tags.get(MEMBER_TAG)
    if found.error or not found.exists:
        return MemberRole(name=name, state="unreadable" if found.error else "missing")
    if version == LAYOUT_VERSION:
        return MemberRole(name=name, state="current", version=version)
    is_newer = version is not None and version.isascii() and version.isdigit() and int(version) > int(LAYOUT_VERSION)
    return MemberRole(name=name, state="newer" if is_newer else "outdated", version=version)


def _role_problem(role: MemberRole, error: str | None) -> str | None:
    version = "no version" if role.version is None else f"version {role.version}"
    return {
        "outdated": f"The role {role.name} has {version} instead of {LAYOUT_VERSION}: {_UPDATE}.",
        "newer": f"The role {role.name} has {version}, which this command does not know: install a newer command.",
        "unreadable": f"The role {role.name} could not be read: {error}",
    }.get(role.state)


def _actions(role: FoundRole) -> tuple[str, ...]:
    return tuple(sorted(role.tags.get(ACTIONS_TAG, "").split()))
