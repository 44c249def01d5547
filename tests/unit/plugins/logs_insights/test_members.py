"""Log groups in the account of each alert, which is verified against the directory."""

from collections.abc import Sequence
from typing import Any

import pytest

from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.plugin import InspectionTask
from alert_responder_plugins.common.members import Members, MemberSettings
from alert_responder_plugins.logs.lookup import MAX_QUERIES
from alert_responder_plugins.logs_insights.custom_queries import CustomQuery
from alert_responder_plugins.logs_insights.dialects import CLOUDTRAIL
from tests.fakes.logs_insights import RecordedLogsInsights, client_error
from tests.unit.plugins.athena.builders import task
from tests.unit.plugins.logs_insights.builders import GB, HOME, MEMBER, arn, inspector, source

OTHER, SUSPENDED, FOREIGN = "777788889999", "888899990000", "999900001111"
CLUSTERS = source("clusters", CLOUDTRAIL, arn("/eks", "*"))
ROWS = [{"q_user_name": "alice", "q_times": 3, "q_first_at": 1795774000000, "q_last_at": 1795774000000}]
KNOWN = {MEMBER: "active", OTHER: "active", SUSPENDED: "suspended"}


def members(**settings: Any) -> Members:
    facts = [
        {"id": key, "name": "", "status": status, "kind": "member", "unit": "Root/A"} for key, status in KNOWN.items()
    ]
    directory = Directory(accounts=tuple(AccountFacts.model_validate(each) for each in facts), read_at=0)
    return Members(MemberSettings.model_validate({"member_role_name": "reader", **settings}), "aws", lambda: directory)


def tasks(*accounts: str | None) -> list[InspectionTask]:
    made = [task("username", "alice", number) for number in range(len(accounts))]
    return [
        each.model_copy(update={"alert": each.alert.model_copy(update={"account": account})})
        for each, account in zip(made, accounts, strict=True)
    ]


def asked(client: RecordedLogsInsights) -> list[list[str]]:
    return [request["logGroupIdentifiers"] for request in client.requests]


def test_each_account_is_asked_about_its_own_alerts() -> None:
    """The alerts of two accounts are about a user of the same name."""
    client, assumed = RecordedLogsInsights({"userIdentity": ROWS}), list[str]()
    made = inspector(client, sources=(CLUSTERS,), assumed=assumed, members=members())
    for _ in range(2):
        answers = made.look_up(tasks(MEMBER, OTHER, MEMBER))
    assert asked(client) == [[arn("/eks", MEMBER)], [arn("/eks", OTHER)]] * 2
    assert assumed == [f"arn:aws:iam::{account}:role/reader" for account in (MEMBER, OTHER)]
    titles = [answer.contents[1].title for answer in answers.values() if answer]  # type: ignore[union-attr]
    assert titles == [f"Logs: clusters ({account})" for account in (MEMBER, OTHER, MEMBER)]


@pytest.mark.parametrize(
    ("account", "settings", "reason"),
    [
        (None, {}, "the account of the alert is not known"),
        (SUSPENDED, {}, "it is suspended"),
        (FOREIGN, {}, "it is not in the directory of the organisation"),
        (OTHER, {"member_accounts": (MEMBER,)}, "neither accounts nor organizational_units include it"),
        (OTHER, {"member_units": ("Root/B",)}, "neither accounts nor organizational_units include it"),
    ],
)
def test_an_account_that_may_not_be_asked_costs_nothing(
    account: str | None, settings: dict[str, Any], reason: str
) -> None:
    client, assumed = RecordedLogsInsights(), list[str]()
    made = inspector(client, sources=(CLUSTERS,), assumed=assumed, members=members(**settings))
    [answer] = made.look_up(tasks(account)).values()
    assert answer is not None
    assert answer.unknown
    assert reason in answer.unknown
    assert (client.calls, assumed) == ([], [])


def test_the_home_account_is_asked_without_a_role() -> None:
    client, assumed = RecordedLogsInsights(), list[str]()
    inspector(client, sources=(CLUSTERS,), assumed=assumed, members=members()).look_up(tasks(HOME))
    assert (asked(client), assumed) == ([[arn("/eks", HOME)]], [])


def test_other_sources_answer_if_the_role_of_an_account_cannot_be_assumed() -> None:
    client = RecordedLogsInsights({"userIdentity": ROWS})
    sources = (CLUSTERS, source("trail", CLOUDTRAIL))
    made = inspector(client, sources=sources, error=client_error("AccessDenied", "no", "AssumeRole"), members=members())
    [answer] = made.look_up(tasks(MEMBER)).values()
    assert answer is not None
    assert [content.type for content in answer.contents] == ["user", "note", "note"]
    assert f"the source clusters ({MEMBER})" in answer.contents[2].text  # type: ignore[union-attr]


def test_log_groups_with_an_account_are_asked_about_every_alert() -> None:
    client, assumed = RecordedLogsInsights(), list[str]()
    trail = source("trail", CLOUDTRAIL, arn("trail", MEMBER), arn("local", "*"))
    inspector(client, sources=(trail,), assumed=assumed, members=members()).look_up(tasks(OTHER, None))
    assert asked(client) == [[arn("trail", MEMBER)], [arn("local", OTHER)]]


def test_a_log_group_of_an_account_that_may_not_be_asked_fails_with_the_reason() -> None:
    client = RecordedLogsInsights()
    trail = source("trail", CLOUDTRAIL, arn("trail", MEMBER))
    made = inspector(client, sources=(trail,), members=members(member_accounts=(OTHER,)))
    [answer] = made.look_up(tasks(OTHER)).values()
    assert answer is not None
    assert answer.failed
    assert f"Account {MEMBER} is not asked" in answer.failed
    assert client.calls == []


def test_claimed_accounts_keep_to_the_limits_of_queries_and_bytes() -> None:
    """One report whose alerts name many accounts."""
    accounts = [f"{number:012d}" for number in range(50)]
    known = Directory(
        accounts=tuple(
            AccountFacts.model_validate({"id": each, "name": "", "status": "active", "kind": "member"})
            for each in accounts
        ),
        read_at=0,
    )
    many = Members(MemberSettings.model_validate({"member_role_name": "reader"}), "aws", lambda: known)
    for daily, expected in ((500 * GB, MAX_QUERIES), (30 * GB, 3)):
        client = RecordedLogsInsights(scanned=10.0 * GB)
        answers = inspector(client, sources=(CLUSTERS,), daily=daily, members=many).look_up(tasks(*accounts))
        assert len(client.queries) == expected
        assert sum(bool(answer and answer.throttled) for answer in answers.values()) == 50 - expected


def test_custom_queries_are_asked_in_the_account_of_the_alert() -> None:
    client = RecordedLogsInsights()
    groups: Sequence[Any] = source("vpn", CLOUDTRAIL, arn("vpn", "*")).of_alert
    query = CustomQuery(
        "vpn", (), "filter who in :values | stats count(*) by who as value", frozenset({"username"}), tuple(groups)
    )
    inspector(client, sources=(), queries=(query,), members=members()).look_up(tasks(MEMBER, None))
    assert asked(client) == [[arn("vpn", MEMBER)]]
