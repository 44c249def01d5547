"""One lookup, from the attribute to the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from alert_responder.contracts.inspection import Content, NoteContent
from alert_responder.plugin import Attribute, InspectionAnswer
from alert_responder_plugins.aws_context.accounts import Account, Accounts
from alert_responder_plugins.aws_context.client import Asking
from alert_responder_plugins.aws_context.gaps import Gap, gap_note, throttled_reason
from alert_responder_plugins.aws_context.hosts import MAX_HOSTS, Hosts
from alert_responder_plugins.aws_context.identities import Identities
from alert_responder_plugins.aws_context.identity_facts import role_contents, trail_contents, user_contents
from alert_responder_plugins.aws_context.subjects import Subject, subject
from alert_responder_plugins.aws_context.tags import Tagging
from alert_responder_plugins.aws_context.trail import TrailLookup

MAX_ACCOUNTS = 5
"""Most accounts whose users of one name are told of, so that an answer keeps its size."""

_GUESS_PAGES = 1
"""Requests to CloudTrail for a name that is no user's: it may be a session's, or have nothing to do with AWS."""


@dataclass(frozen=True)
class Inspecting:
    """Looks attributes up; see `handler` for what it is made of."""

    accounts: Accounts
    regions: Sequence[str]
    hosts: Hosts
    identities: Identities
    tagging: Tagging
    trail: TrailLookup
    seconds: float
    clock: Callable[[], float]
    now: Callable[[], datetime]

    def look_up(self, attribute: Attribute) -> InspectionAnswer | None:
        """Look one attribute up; None: it is nothing in AWS that is known here.

        What could not be asked stands in a note of its own. Where that is all, and AWS refused for the rate, the answer
        is `throttled`.
        """
        wanted = subject(attribute)
        if wanted is None:
            return None
        asking = Asking(self.accounts, self.seconds, self.clock)
        contents = self._contents(asking, wanted)
        if asking.gaps and not contents and (reason := throttled_reason(asking.gaps)):
            return InspectionAnswer(throttled=reason)
        return _answer(contents, asking.gaps)

    def _contents(self, asking: Asking, wanted: Subject) -> list[Content]:
        if wanted.kind == "user":
            accounts = self.accounts.all if wanted.account is None else self.accounts.find(wanted.account)
            return self._users(asking, accounts, wanted)
        if wanted.kind in ("role", "session"):
            accounts = self.accounts.find(wanted.account or "")
            return [content for account in accounts for content in self._role(asking, account, wanted)]
        if wanted.kind == "access_key":
            return self._access_key(asking, wanted.name)
        hosts = self.hosts.find(asking, wanted)
        contents: list[Content] = [content for host in hosts for content in (host.host, host.note)]
        return [*contents, _first_alone("hosts", MAX_HOSTS)] if len(hosts) == MAX_HOSTS else contents

    def _users(self, asking: Asking, accounts: Sequence[Account], wanted: Subject) -> list[Content]:
        contents: list[Content] = []
        found = 0
        for account in accounts:
            told = self._user(asking, account, wanted)
            contents += told
            found += bool(told)
            if found == MAX_ACCOUNTS:
                return [*contents, _first_alone("accounts", MAX_ACCOUNTS)]
        return contents

    def _user(self, asking: Asking, account: Account, wanted: Subject) -> list[Content]:
        facts = self.identities.user(asking, account, wanted.name)
        keys = [("Username", wanted.name)]
        if facts:
            trail = self.trail.find(asking, self._everywhere(account), keys)
            return [*user_contents(facts, trail, account.id, self.tagging, self.now())]
        trail = self.trail.find(asking, self._everywhere(account), keys, _GUESS_PAGES)
        return [*trail_contents(f"Name {wanted.name} in CloudTrail", trail, account.id)] if trail.events else []

    def _role(self, asking: Asking, account: Account, wanted: Subject) -> list[Content]:
        role = self.identities.role(asking, account, wanted.name)
        # What a session did, or who took on the role.
        keys = [("Username", wanted.session)] if wanted.session else [("ResourceName", role.arn)] if role else []
        trail = self.trail.find(asking, self._everywhere(account), keys)
        if role:
            return [*role_contents(role, trail, account.id)]
        return [*trail_contents(f"Session {wanted.session}", trail, account.id)] if trail.events else []

    def _access_key(self, asking: Asking, key_id: str) -> list[Content]:
        own = self.accounts.all[0]
        owner = asking.ask(own, "sts", self.identities.region, "get_access_key_info", AccessKeyId=key_id)
        account_id = owner.data.get("Account")
        if not account_id:
            return []
        found = self.accounts.find(str(account_id))
        if not found:
            text = f"The access key is of account {account_id}, which is not asked."
            return [NoteContent(type="note", title="Access key", text=text, data={"account": account_id}, source="AWS")]
        [account] = found
        trail = self.trail.find(asking, self._everywhere(account), [("AccessKeyId", key_id)])
        # A temporary key is no user's own: CloudTrail alone knows of it.
        use = None if key_id.startswith("ASIA") else self.identities.key_use(asking, account, key_id)
        name = (use or {}).get("UserName")
        facts = self.identities.user(asking, account, str(name)) if name else None
        if facts:
            return [*user_contents(facts, trail, account.id, self.tagging, self.now())]
        return [*trail_contents("Access key", trail, account.id)]

    def _everywhere(self, account: Account) -> list[tuple[Account, str]]:
        return [(account, region) for region in self.regions]


def _first_alone(what: str, number: int) -> NoteContent:
    text = f"These are the first {number} {what} that have it; what else there may be was not asked."
    return NoteContent(type="note", title="There may be more", text=text, source="AWS")


def _answer(contents: list[Content], gaps: Sequence[Gap]) -> InspectionAnswer | None:
    if gaps:
        contents = [*contents, gap_note(gaps)]
    return InspectionAnswer(contents=tuple(contents)) if contents else None
