"""Look up one attribute."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alert_responder.contracts.inspection import Content, NoteContent
from alert_responder.plugin import Attribute, InspectionAnswer
from alert_responder_plugins.aws_context.client import AwsCalls
from alert_responder_plugins.aws_context.gaps import Gap, gap_note, limit_reason, throttled_reason
from alert_responder_plugins.aws_context.hosts import MAX_HOSTS, Hosts
from alert_responder_plugins.aws_context.identities import Identities
from alert_responder_plugins.aws_context.identity_facts import role_contents, trail_contents, user_contents
from alert_responder_plugins.aws_context.subjects import Subject, subject_of
from alert_responder_plugins.aws_context.tags import TagFilter
from alert_responder_plugins.aws_context.trail import TrailLookup
from alert_responder_plugins.common.accounts import Account, Accounts, Reach

MAX_ACCOUNTS = 5
"""Maximum number of accounts with a user of the same name in an answer, which limits its size."""

_GUESS_PAGES = 1
"""Requests to CloudTrail for a name that is not an IAM user; it may be a session, or unrelated to AWS."""


_LONGEST_REASON = 500
"""Maximum length of the reason of an empty answer [characters]."""

_NOT_CONFIGURED = ", which is not configured."


@dataclass(frozen=True)
class AwsContextInspector:
    """The inspector; wired in `handler`."""

    accounts: Accounts
    regions: Sequence[str]
    hosts: Hosts
    identities: Identities
    tag_filter: TagFilter
    trail: TrailLookup
    seconds: float
    clock: Callable[[], float]
    now: Callable[[], datetime]

    def look_up(self, attribute: Attribute, account: str | None = None) -> InspectionAnswer | None:
        """Look up one attribute; None if it is unknown in the accounts that are asked.

        Calls without an answer are listed in a separate note, and so is an account that may not be asked. If there is
        nothing else and AWS throttled calls, the answer is `throttled`.

        Parameters
        ----------
        account
            The account of the alert; None if it is unknown.
        """
        subject = subject_of(attribute)
        if subject is None:
            return None
        calls = AwsCalls(self.accounts, self.seconds, self.clock)
        if subject.kind == "access_key":
            contents, reach = self._access_key(calls, subject.name), Reach([])
        else:
            reach = self._reach(subject, account)
            contents = self._known(calls, subject, reach)
        if calls.gaps and not contents and (reason := throttled_reason(calls.gaps)):
            return InspectionAnswer(throttled=reason)
        return _answer(contents, calls.gaps, reach)

    def _reach(self, subject: Subject, account: str | None) -> Reach:
        if subject.account is None:
            return self.accounts.reach(account)
        accounts = self.accounts.find(subject.account)
        return Reach([accounts], None if accounts else self.accounts.refusal(subject.account))

    def _known(self, calls: AwsCalls, subject: Subject, reach: Reach) -> list[Content]:
        """Return what the first tier knows that knows anything."""
        return next(filter(None, (self._contents(calls, subject, accounts) for accounts in reach.tiers)), [])

    def _contents(self, calls: AwsCalls, subject: Subject, accounts: Sequence[Account]) -> list[Content]:
        if subject.kind == "user":
            return self._users(calls, accounts, subject)
        if subject.kind in ("role", "session"):
            return [content for account in accounts for content in self._role(calls, account, subject)]
        hosts = self.hosts.find(calls, subject, accounts)
        contents: list[Content] = [content for host in hosts for content in (host.host, host.note)]
        return [*contents, _limit_note("hosts", MAX_HOSTS)] if len(hosts) == MAX_HOSTS else contents

    def _users(self, calls: AwsCalls, accounts: Sequence[Account], subject: Subject) -> list[Content]:
        contents: list[Content] = []
        accounts_found = 0
        for account in accounts:
            of_user = self._user(calls, account, subject)
            contents += of_user
            accounts_found += bool(of_user)
            if accounts_found == MAX_ACCOUNTS:
                return [*contents, _limit_note("accounts", MAX_ACCOUNTS)]
        return contents

    def _user(self, calls: AwsCalls, account: Account, subject: Subject) -> list[Content]:
        facts = self.identities.user(calls, account, subject.name)
        keys = [("Username", subject.name)]
        if facts:
            trail = self.trail.find(calls, self._everywhere(account), keys)
            return [*user_contents(facts, trail, account.id, self.tag_filter, self.now())]
        trail = self.trail.find(calls, self._everywhere(account), keys, _GUESS_PAGES)
        return [*trail_contents(f"Name {subject.name} in CloudTrail", trail, account.id)] if trail.events else []

    def _role(self, calls: AwsCalls, account: Account, subject: Subject) -> list[Content]:
        role = self.identities.role(calls, account, subject.name)
        # Events of the session, or events about the role.
        keys = [("Username", subject.session)] if subject.session else [("ResourceName", role.arn)] if role else []
        trail = self.trail.find(calls, self._everywhere(account), keys)
        if role:
            return [*role_contents(role, trail, account.id)]
        return [*trail_contents(f"Session {subject.session}", trail, account.id)] if trail.events else []

    def _access_key(self, calls: AwsCalls, key_id: str) -> list[Content]:
        owner = calls.call(
            self.accounts.all[0], "sts", self.identities.region, "get_access_key_info", AccessKeyId=key_id
        )
        account_id = owner.data.get("Account")
        if not account_id:
            return []
        accounts = self.accounts.find(str(account_id))
        if not accounts:
            refusal = self.accounts.refusal(str(account_id))
            text = f"The access key belongs to account {account_id}{f'. {refusal}' if refusal else _NOT_CONFIGURED}"
            return [NoteContent(type="note", title="Access key", text=text, data={"account": account_id}, source="AWS")]
        [account] = accounts
        trail = self.trail.find(calls, self._everywhere(account), [("AccessKeyId", key_id)])
        # Temporary keys do not belong to a user; only CloudTrail contains them.
        use = None if key_id.startswith("ASIA") else self.identities.key_use(calls, account, key_id)
        name = (use or {}).get("UserName")
        facts = self.identities.user(calls, account, str(name)) if name else None
        if facts:
            return [*user_contents(facts, trail, account.id, self.tag_filter, self.now())]
        return [*trail_contents("Access key", trail, account.id)]

    def _everywhere(self, account: Account) -> list[tuple[Account, str]]:
        return [(account, region) for region in self.regions]


def _limit_note(what: str, number: int) -> NoteContent:
    text = f"Only the first {number} {what} are included; there may be more."
    return NoteContent(type="note", title="Truncated", text=text, source="AWS")


def _answer(contents: list[Content], gaps: Sequence[Gap], reach: Reach) -> InspectionAnswer | None:
    if gaps:
        contents = [*contents, gap_note(gaps)]
    if reach.refusal and contents:
        contents = [*contents, NoteContent(type="note", title="Account not asked", text=reach.refusal, source="AWS")]
    if contents:
        return InspectionAnswer(contents=tuple(contents), incomplete=limit_reason(gaps))
    # The accounts that are not asked may know it.
    reasons = " ".join(filter(None, (reach.refusal, *reach.others)))
    return InspectionAnswer(unknown=reasons[:_LONGEST_REASON]) if reasons else None
