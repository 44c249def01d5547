"""Accounts are asked once each, and each kind of answer is distinguished."""

import re

import pytest

from alert_responder.domain.directory import AccountFacts
from alert_responder_cli.accounts.lookup import Asker
from alert_responder_cli.accounts.settings import Member
from alert_responder_cli.accounts.status import AccountReport, selected, with_missing_forwarders
from alert_responder_plugins.common import member_roles
from tests.unit.cli.accounts.organisation import REGION, SLOW, Organisation, Roles, facts, member
from tools.paths import ROOT


def asked(
    organisation: Organisation,
    *accounts: AccountFacts,
    regions: tuple[str, ...] = (REGION,),
    named: tuple[str, ...] = (),
) -> list[AccountReport]:
    asker = Asker(organisation, Member("alert-responder", "secret-id"), "alert-responder", regions)
    return with_missing_forwarders(asker.ask(accounts, lambda: None), named)


def one(roles: Roles | str | None, number: int = 1, **changed: str) -> AccountReport:
    account = facts(number, **changed)
    return asked(Organisation(roles={} if roles is None else {account.id: roles}), account)[0]


def test_an_organisation_of_500_accounts_is_asked_with_one_assumerole_each() -> None:
    accounts = [facts(number) for number in range(500)]
    organisation = Organisation(roles={account.id: member() for account in accounts})
    regions = (REGION, "us-east-1")
    done: list[None] = []

    reports = Asker(organisation, Member("alert-responder", "secret-id"), "alert-responder", regions).ask(
        accounts, lambda: done.append(None)
    )

    assert [report.id for report in reports] == [account.id for account in accounts]
    assert organisation.called("AssumeRole") == {account.id: 1 for account in accounts}
    # The two roles, and a forwarder in each region.
    assert organisation.called("GetRole") == {account.id: 4 for account in accounts}
    assert len(done) == 500


def test_an_account_with_current_roles_has_no_problems() -> None:
    report = one(member(actions="access_key principal"))

    assert (report.answers, report.reason, report.problems) == ("yes", None, ())
    assert report.reader is not None
    assert report.responder is not None
    assert (report.reader.state, report.responder.state) == ("current", "current")
    assert (report.actions, report.forwards) == (("access_key", "principal"), (REGION,))


def test_an_account_may_only_let_look() -> None:
    report = one(member(responder=False))

    assert (report.actions, report.problems) == ((), ())
    assert report.responder is not None
    assert report.responder.state == "missing"


@pytest.mark.parametrize(
    ("roles", "words"),
    [
        (None, "does not exist, does not trust your role, or expects another external id"),
        (member("0"), "alert-responder-reader has version 0 instead of 1: update the stack set"),
        (member("2"), "alert-responder-responder has version 2, which this command does not know"),
        (member("\x1b[31m"), "alert-responder-reader has version \x1b[31m instead of 1"),
        ({"alert-responder-reader": {}}, "alert-responder-reader has no version instead of 1"),
        (member(actions="principal", responder=False), "alert-responder-responder is missing, although"),
        (SLOW, "alert-responder-reader could not be read: AWS could not be called (ConnectTimeoutError)."),
        (SLOW, "Whether findings are forwarded from eu-west-1 is unknown"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(roles: Roles | str | None, words: str) -> None:
    assert words in " ".join(one(roles).problems)


@pytest.mark.parametrize("changed", [{"status": "suspended"}, {"status": "closing"}, {"kind": "home"}])
def test_accounts_that_cannot_answer_are_listed_and_not_asked(changed: dict[str, str]) -> None:
    account = facts(1, **changed)
    organisation = Organisation(roles={account.id: member()})

    report = asked(organisation, account)[0]

    assert (report.answers, report.problems) == ("not_asked", ())
    assert report.reason
    assert organisation.calls.total() == 0


def test_stack_sets_leave_out_the_management_account() -> None:
    report = one(None, kind="management")

    assert (report.answers, report.problems) == ("no", ())
    assert report.reason is not None
    assert one(None, kind="delegated_administrator").problems


def test_a_region_that_forwards_nothing_is_a_problem_where_findings_are_forwarded_at_all() -> None:
    here, there = facts(1), facts(2)
    regions = (REGION, "us-east-1")

    def problems(first: Roles, second: Roles, *named: str) -> list[tuple[str, ...]]:
        organisation = Organisation(roles={here.id: first, there.id: second})
        return [report.problems for report in asked(organisation, here, there, regions=regions, named=named)]

    nowhere, sentence = member(regions=()), "No findings are forwarded from {}: deploy modules/forwarder there."
    assert problems(nowhere, nowhere) == [(), ()]
    assert problems(member(), nowhere) == [(), (sentence.format(REGION),)]
    assert problems(member(), member(), "us-east-1") == [(sentence.format("us-east-1"),)] * 2
    assert problems(nowhere, nowhere, *regions) == [(sentence.format("eu-west-1, us-east-1"),)] * 2


def test_a_delegated_administrator_may_forward_for_the_others() -> None:
    administrator, other = facts(1, kind="delegated_administrator"), facts(2)

    def problems(second: Roles, *named: str) -> list[bool]:
        organisation = Organisation(roles={administrator.id: member(regions=("us-east-1",)), other.id: second})
        reports = asked(organisation, administrator, other, regions=(REGION, "us-east-1"), named=named)
        return [bool(report.problems) for report in reports]

    assert problems(member(regions=())) == [False, False]
    assert problems(member(regions=()), "us-east-1") == [False, True]
    assert problems(member(regions=(REGION,))) == [True, False]


def test_accounts_are_chosen_by_id_and_unit() -> None:
    accounts = [
        facts(1, name="b", unit="Root/Workloads/Prod"),
        facts(2, name="a", unit="Root/Workloads/Prod"),
        facts(3, unit="Root/Workloads"),
        facts(4, unit="Root/WorkloadsOld"),
        facts(5, unit=""),
    ]

    def chosen(*ids: int, units: tuple[str, ...] = ()) -> list[int]:
        return [int(account.id) for account in selected(accounts, [f"{each:012}" for each in ids], units)]

    assert chosen() == [5, 3, 2, 1, 4]
    assert chosen(units=("Root/Workloads",)) == [3, 2, 1]
    assert chosen(units=("Root/Workloads/",)) == [3, 2, 1]
    assert chosen(1, 4) == [1, 4]
    assert chosen(1, 4, units=("Root/Workloads",)) == [1]


def test_names_and_version_are_those_of_the_module() -> None:
    module = (ROOT / "modules" / "member" / "main.tf").read_text(encoding="utf-8")

    assert re.findall(r'layout_version = "(.+)"', module) == [member_roles.LAYOUT_VERSION]
    assert f'"{member_roles.MEMBER_TAG}"  = local.layout_version' in module
    assert f'"{member_roles.ACTIONS_TAG}" = join(" ", sort(tolist(var.actions)))' in module
    assert f':role/{member_roles.reader_of("${var.name}")}"' in module
    assert f':role/{member_roles.responder_of("${var.name}")}"' in module
    assert member_roles.name_of(member_roles.reader_of("secops")) == "secops"
    assert [member_roles.name_of(name) for name in ("-reader", "lookup", "")] == [None, None, None]
