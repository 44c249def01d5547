"""Sources whose rows are restricted to the account of the alert."""

from alert_responder.plugin import InspectionTask
from alert_responder_plugins.athena.dialects import CLOUDTRAIL, VPC_FLOW
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.logs.lookup import MAX_QUERIES
from tests.unit.plugins.athena.builders import PreparedAthena, inspector, task

SHOP, BANK = "444455556666", "777788889999"
FLOWS = Source("flows", "security", "flows", VPC_FLOW, fixed={"region": ("eu-west-1",)}, account="account_id")
TRAIL = Source("cloudtrail", "security", "cloudtrail", CLOUDTRAIL)


def tasks(*accounts: str | None) -> list[InspectionTask]:
    made = [task("ipaddr", "10.0.1.23", number) for number in range(len(accounts))]
    return [
        each.model_copy(update={"alert": each.alert.model_copy(update={"account": account})})
        for each, account in zip(made, accounts, strict=True)
    ]


def test_hosts_with_the_same_private_address_are_kept_apart() -> None:
    client = PreparedAthena()
    inspector(client, sources=(FLOWS,)).look_up(tasks(SHOP, BANK, SHOP))

    assert len(client.queries) == 2
    for sql, account in zip(client.queries, (SHOP, BANK), strict=True):
        assert f"\"region\" IN ('eu-west-1') AND \"account_id\" IN ('{account}')" in sql
    first, second = client.queries
    assert (first.count("'by', 'address:'"), second.count("'by', 'address:'")) == (2, 1)


def test_other_sources_read_the_rows_of_all_accounts() -> None:
    client = PreparedAthena()
    inspector(client, sources=(TRAIL,)).look_up(tasks(SHOP, BANK, None))

    assert len(client.queries) == 1
    assert "account" not in client.queries[0].partition("WHERE")[2]


def test_an_alert_without_a_known_account_is_not_asked_about() -> None:
    client = PreparedAthena()
    answers = inspector(client, sources=(FLOWS,)).look_up(tasks(None, "'; DROP", "\u0661" * 12))

    assert client.queries == []
    for answer in answers.values():
        assert answer is not None
        assert answer.unknown == "flows: not asked, because the account of the alert is not known."


def test_many_accounts_keep_to_the_limit_of_queries() -> None:
    client = PreparedAthena()
    answers = inspector(client, sources=(FLOWS,)).look_up(tasks(*(f"{number:012d}" for number in range(50))))

    assert len(client.queries) == MAX_QUERIES
    assert sum(bool(answer and answer.throttled) for answer in answers.values()) == 50 - MAX_QUERIES
