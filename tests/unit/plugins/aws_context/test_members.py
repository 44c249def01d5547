"""Lookups in member accounts: the alert's account first, verified against the directory, with one role for each."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.errors import DependencyError
from alert_responder.plugin import InspectionAnswer
from alert_responder_plugins.aws_context.lookup import AwsContextInspector
from alert_responder_plugins.common.members import Members, MemberSettings
from tests.fakes.aws import Recorded, refusal
from tests.unit.plugins.aws_context.builders import NOW, OWN, Clock, an_inspector, attribute, gaps, note

ADDRESS = "10.0.1.23"
SHOP, BANK = "444455556666", "777788889999"


def account(number: int | str, **fields: Any) -> AccountFacts:
    known = {"id": f"{number:0>12}", "name": f"account {number}", "status": "active", "kind": "member"}
    return AccountFacts.model_validate({**known, "unit": "Root/Workloads", **fields})


ORGANISATION = tuple(account(number) for number in range(1, 500))


class Organisation:
    """Replaces `boto3.Session`: an STS that counts, and an EC2 and an IAM in each account.

    Attributes
    ----------
    assumed
        Accounts whose role was assumed, one for each call.
    asked
        Accounts whose EC2 or IAM was called, one for each call.
    clients
        Number of clients made.
    """

    def __init__(self, hosts: Iterable[str] = (), users: Iterable[str] = (), refusing: Iterable[str] = ()) -> None:
        self.assumed: list[str] = []
        self.asked: list[str] = []
        self.clients = 0
        self.external_ids: set[str | None] = set()
        self.key_owner = SHOP
        self._hosts, self._users, self._refusing = set(hosts), set(users), set(refusing)

    def __call__(self) -> "Organisation":
        return self

    def client(self, service: str, *, aws_access_key_id: str = OWN, **_: Any) -> Recorded:
        where = aws_access_key_id
        self.clients += 1
        answers: dict[str, dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
            "sts": {
                "assume_role": self._assume,
                "get_access_key_info": lambda _: {"Account": self.key_owner},
            },
            "ec2": {"describe_network_interfaces": lambda _: self._interfaces(where)},
            "iam": {"get_user": lambda request: self._user(where, request["UserName"]), **_EMPTY},
        }
        return Recorded(service, answers[service])

    def _assume(self, request: dict[str, Any]) -> dict[str, Any]:
        where = request["RoleArn"].split(":")[4]
        assert request["RoleArn"] == f"arn:aws:iam::{where}:role/alert-responder-reader"
        self.assumed.append(where)
        self.external_ids.add(request.get("ExternalId"))
        if where in self._refusing:
            raise refusal("AccessDenied")
        expires = NOW.replace(hour=NOW.hour + 1)
        return {
            "Credentials": {
                "AccessKeyId": f"{where:0>16}",
                "SecretAccessKey": "x",
                "SessionToken": "x",
                "Expiration": expires,
            }
        }

    def _interfaces(self, where: str) -> dict[str, Any]:
        self.asked.append(where[-12:])
        found = [{"NetworkInterfaceId": "eni-0123456789abcdef0", "PrivateIpAddress": ADDRESS}]
        return {"NetworkInterfaces": found if where[-12:] in self._hosts else []}

    def _user(self, where: str, name: str) -> dict[str, Any]:
        self.asked.append(where[-12:])
        if where[-12:] not in self._users:
            raise refusal("NoSuchEntity")
        arn = f"arn:aws:iam::{where[-12:]}:user/{name}"
        return {
            "User": {"Path": "/", "UserName": name, "UserId": "AIDAAAAAAAAAAAAAAAAA", "Arn": arn, "CreateDate": NOW}
        }


_EMPTY: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "list_mfa_devices": lambda _: {"MFADevices": [], "IsTruncated": False},
    "get_login_profile": lambda _: (_ for _ in ()).throw(refusal("NoSuchEntity")),
    "list_access_keys": lambda _: {"AccessKeyMetadata": []},
    "list_groups_for_user": lambda _: {"Groups": []},
    "list_attached_user_policies": lambda _: {"AttachedPolicies": []},
    "list_user_policies": lambda _: {"PolicyNames": []},
    "get_access_key_last_used": lambda _: {
        "UserName": "dave",
        "AccessKeyLastUsed": {"ServiceName": "s3", "Region": "x"},
    },
}


def an_organisation(
    sessions: Organisation,
    accounts: Iterable[AccountFacts] = (*ORGANISATION, account(SHOP), account(BANK, unit="Root/Finance")),
    *,
    directory: Callable[[], Directory | None] | None = None,
    listed: tuple[str, ...] = (),
    units: tuple[str, ...] = (),
    clock: Clock | None = None,
) -> AwsContextInspector:
    known = Directory(accounts=tuple(accounts), read_at=0)
    settings = MemberSettings.model_validate(
        {"member_role_name": "alert-responder-reader", "member_accounts": listed, "member_units": units}
    )
    members = Members(settings, "aws", directory or (lambda: known))
    return an_inspector(sessions, members=members, clock=clock)


def hosts(answer: InspectionAnswer | None) -> list[str]:
    assert answer is not None
    return [content.source.split()[1] for content in answer.contents if content.type == "host" and content.source]


def test_one_role_is_assumed_if_the_account_is_known() -> None:
    """Of 500 accounts, in which many have a host with this address."""
    sessions = Organisation(hosts=[each.id for each in ORGANISATION] + [SHOP])
    lookups = an_organisation(sessions)
    for _ in range(20):
        assert hosts(lookups.look_up(attribute("ipaddr", ADDRESS), SHOP)) == [SHOP]
    assert sessions.assumed == [SHOP]
    assert set(sessions.asked) == {SHOP}
    assert sessions.external_ids == {"x-1"}


def test_each_account_is_asked_about_its_own_host() -> None:
    sessions = Organisation(hosts=[SHOP, BANK])
    lookups = an_organisation(sessions)

    assert [hosts(lookups.look_up(attribute("ipaddr", ADDRESS), where)) for where in (SHOP, BANK)] == [[SHOP], [BANK]]
    assert sessions.assumed == [SHOP, BANK]


def test_500_accounts_need_one_role_each_while_the_sessions_last() -> None:
    sessions, clock = Organisation(), Clock()
    lookups = an_organisation(sessions, clock=clock)
    for _ in range(2):
        for each in ORGANISATION:
            lookups.look_up(attribute("ipaddr", ADDRESS), each.id)
    assert sessions.assumed == [each.id for each in ORGANISATION]
    # Clients of the accounts used last are kept.
    kept, made = ORGANISATION[-50:], sessions.clients
    for each in kept:
        lookups.look_up(attribute("ipaddr", ADDRESS), each.id)
    assert sessions.clients == made
    clock.seconds += 3_600 - 299
    lookups.look_up(attribute("ipaddr", ADDRESS), ORGANISATION[0].id)
    assert sessions.assumed[len(ORGANISATION) :] == [ORGANISATION[0].id]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (SHOP, [SHOP, OWN, BANK]),
        (BANK, [BANK, OWN]),
        (OWN, [OWN, BANK]),
        (None, [OWN, BANK]),
    ],
)
def test_others_are_only_asked_about_what_the_first_does_not_know(first: str | None, expected: list[str]) -> None:
    def asked(**known: list[str]) -> tuple[list[str], InspectionAnswer | None]:
        sessions = Organisation(**known)
        units = ("Root",)
        return sessions.asked, an_organisation(sessions, listed=(BANK,), units=units).look_up(
            attribute("ipaddr", ADDRESS), first
        )

    assert asked() == (expected, None)
    where, answer = asked(hosts=[expected[0], expected[-1]])
    assert (where, hosts(answer)) == ((expected, expected) if first is None else (expected[:1], expected[:1]))
    where, answer = asked(hosts=[expected[-1]])
    assert (where, hosts(answer)) == (expected, [expected[-1]])


def test_without_lists_only_the_home_account_is_asked_for_an_alert_without_account() -> None:
    sessions = Organisation(hosts=[SHOP])

    assert an_organisation(sessions).look_up(attribute("ipaddr", ADDRESS)) is None
    assert (sessions.asked, sessions.assumed) == ([OWN], [])


REFUSED: dict[str, tuple[Callable[[Organisation], AwsContextInspector], str]] = {
    "foreign": (lambda made: an_organisation(made, ORGANISATION), "it is not in the directory of the organisation"),
    "suspended": (lambda made: an_organisation(made, [account(SHOP, status="suspended")]), "it is suspended"),
    "closing": (lambda made: an_organisation(made, [account(SHOP, status="closing")]), "it is being closed"),
    "not listed": (lambda made: an_organisation(made, listed=(BANK,)), "neither accounts nor organizational_units"),
    "in another unit": (
        lambda made: an_organisation(made, units=("Root/Finance", "Root/Work")),
        "neither accounts nor organizational_units",
    ),
    "no directory": (lambda made: an_organisation(made, directory=lambda: None), "directory of accounts is missing"),
    "unreadable": (lambda made: an_organisation(made, directory=unreadable), "directory of accounts could not be read"),
}


def unreadable() -> None:
    raise DependencyError("no answer")


@pytest.mark.parametrize("case", REFUSED)
def test_an_account_that_is_not_an_active_member_is_not_asked(case: str) -> None:
    make, reason = REFUSED[case]
    sessions = Organisation(hosts=[SHOP], users=[SHOP])
    for asked in (attribute("ipaddr", ADDRESS), attribute("arn", f"arn:aws:iam::{SHOP}:user/dave")):
        answer = make(sessions).look_up(asked, SHOP)
        assert answer is not None
        assert reason in (answer.unknown or "")
        assert not answer.contents
    assert SHOP not in (*sessions.assumed, *sessions.asked)


def test_the_answer_of_others_says_that_the_account_is_not_asked() -> None:
    answer = an_organisation(Organisation(hosts=[OWN]), ORGANISATION).look_up(attribute("ipaddr", ADDRESS), SHOP)

    assert hosts(answer) == [OWN]
    assert note(answer, "Account not asked").text.startswith(f"Account {SHOP} is not asked: it is not in the directory")


@pytest.mark.parametrize("claimed", [None, ORGANISATION[0].id, "999988887777"])
def test_listed_accounts_that_are_not_asked_are_named_if_nothing_is_known(claimed: str | None) -> None:
    listed = tuple(f"9{number:011d}" for number in range(50))
    made = an_organisation(Organisation(), [account(1), account(listed[1], status="suspended")], listed=listed)
    answer = made.look_up(attribute("ipaddr", ADDRESS), claimed)

    assert answer is not None
    assert answer.unknown
    assert f"Account {listed[0]} is not asked: it is not in the directory" in answer.unknown
    assert len(answer.unknown) <= 500
    known = an_organisation(Organisation(hosts=[OWN]), [account(1)], listed=listed).look_up(
        attribute("ipaddr", ADDRESS)
    )
    assert known is not None
    assert not any(content.type == "note" and content.title == "Account not asked" for content in known.contents)


def test_a_role_that_cannot_be_assumed_is_named_and_others_answer() -> None:
    sessions = Organisation(hosts=[OWN], refusing=[SHOP])
    answer = an_organisation(sessions).look_up(attribute("ipaddr", ADDRESS), SHOP)

    assert hosts(answer) == [OWN]
    assert gaps(answer) == {("denied", "sts:AssumeRole")}
    assert SHOP in note(answer, "Incomplete lookup").text
    assert sessions.assumed == [SHOP]


@pytest.mark.parametrize("claimed", [SHOP, BANK, OWN, None])
def test_the_account_of_an_arn_or_access_key_counts_whatever_the_alert_claims(claimed: str | None) -> None:
    sessions = Organisation(users=[SHOP, BANK])
    lookups = an_organisation(sessions, listed=(BANK,), units=("Root/Workloads",))
    for asked in (attribute("arn", f"arn:aws:iam::{SHOP}:user/dave"), attribute("accesskey", "AKIAIOSFODNN7EXAMPLE")):
        assert note(lookups.look_up(asked, claimed), "IAM user dave").source == f"AWS {SHOP}"
    assert sessions.assumed == [SHOP]


def test_an_access_key_of_another_organisation_is_not_looked_up() -> None:
    sessions = Organisation()
    sessions.key_owner = "999988887777"
    answer = an_organisation(sessions).look_up(attribute("accesskey", "AKIAIOSFODNN7EXAMPLE"), SHOP)

    assert "999988887777 is not asked: it is not in the directory" in note(answer, "Access key").text
    assert (sessions.assumed, sessions.asked) == ([], [])


def test_a_user_of_the_alerts_account_hides_those_of_others() -> None:
    sessions = Organisation(users=[SHOP, BANK, OWN])
    answer = an_organisation(sessions, listed=(BANK,), units=("Root",)).look_up(attribute("username", "dave"), SHOP)

    assert answer is not None
    assert [each.source for each in answer.contents if each.type == "user"] == [f"AWS {SHOP}"]


@pytest.mark.parametrize("unit", ["Root", "Root/Workloads"])
def test_accounts_below_a_unit_may_be_asked(unit: str) -> None:
    sessions = Organisation(hosts=[SHOP])

    assert hosts(an_organisation(sessions, units=(unit,)).look_up(attribute("ipaddr", ADDRESS), SHOP)) == [SHOP]


@pytest.mark.parametrize("kind", ["management", "delegated_administrator"])
def test_every_kind_of_account_may_be_read(kind: str) -> None:
    sessions = Organisation(hosts=[SHOP])
    made = an_organisation(sessions, [account(SHOP, kind=kind)])

    assert hosts(made.look_up(attribute("ipaddr", ADDRESS), SHOP)) == [SHOP]
