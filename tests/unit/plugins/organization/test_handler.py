"""The function with AWS Organizations and DynamoDB as moto imitates them."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.directory import AccountFacts
from alert_responder.errors import DependencyError
from alert_responder.store import keys
from alert_responder.store.directory import read_directory, write_directory
from alert_responder.store.table import Put, Table
from alert_responder_plugins.common.errors import PluginFaultError, SettingsFaultError
from alert_responder_plugins.organization.handler import handler
from tests.unit.adapters.test_table_contract import create_table

HOME = "111122223333"
ENVIRONMENT = {
    "INSTALLATION": "secops",
    "TABLE_NAME": "table",
    "HOME_ACCOUNT": HOME,
    "LISTED": "false",
    "OWNER_TAGS": '["owner"]',
    "ENVIRONMENT_TAGS": '["environment"]',
    "ORGANIZATIONAL_UNITS": "null",
    "TIME_BUDGET_SECONDS": "100",
}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("dynamodb")
        create_table(client)
        yield DynamoDBTable(client, "table")


def metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    [found] = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    assert found["installation"] == "secops"
    return {name: value for name, value in found.items() if name.startswith("Directory")}


def logged(caplog: pytest.LogCaptureFixture, field: str) -> list[tuple[str, str, Any]]:
    return [(each.levelname, each.message, vars(each)[field]) for each in caplog.records if field in vars(each)]


def test_a_refresh_writes_the_directory(
    table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    organizations = boto3.client("organizations")
    organization = organizations.create_organization(FeatureSet="ALL")["Organization"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Prod")["OrganizationalUnit"]["Id"]
    created = organizations.create_account(AccountName="Payments", Email="x@example.com")["CreateAccountStatus"]
    account = created["AccountId"]
    organizations.move_account(AccountId=account, SourceParentId=root, DestinationParentId=unit)
    audit = organizations.create_account(AccountName="Audit", Email="y@example.com")["CreateAccountStatus"]["AccountId"]
    organizations.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    organizations.register_delegated_administrator(AccountId=audit, ServicePrincipal="guardduty.amazonaws.com")
    home = organizations.create_account(AccountName="Security", Email="z@example.com")["CreateAccountStatus"][
        "AccountId"
    ]
    monkeypatch.setenv("HOME_ACCOUNT", home)
    organizations.tag_resource(ResourceId=account, Tags=[{"Key": "Owner", "Value": "team-pay"}])

    assert handler({}) == {"accounts": 4, "tags_kept": 0}

    found = read_directory(table)
    assert found is not None
    assert found.organization_id == organization["Id"]
    assert found.find(account) == AccountFacts(
        id=account, name="Payments", status="active", kind="member", unit="Root/Prod", owner="team-pay"
    )
    kinds = {each.id: each.kind for each in found.accounts}
    assert kinds == {
        account: "member",
        audit: "delegated_administrator",
        home: "home",
        DEFAULT_ACCOUNT_ID: "management",
    }
    assert metrics(capsys) == {"DirectoryRefreshed": [1.0], "DirectoryGaps": [0.0]}
    assert logged(caplog, "calls") == [("INFO", "directory refreshed", 12)]


def test_a_failed_refresh_keeps_the_directory_and_fails_the_call(
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    table.write(Put(keys.listed_accounts(), {"accounts": json.dumps({HOME: {"name": "Security"}})}))
    monkeypatch.setenv("LISTED", "true")
    assert handler({}) == {"accounts": 1, "tags_kept": 0}
    before = table.get(keys.directory())
    capsys.readouterr()

    monkeypatch.setenv("LISTED", "false")
    with pytest.raises(PluginFaultError):
        handler({})

    assert table.get(keys.directory()) == before
    assert capsys.readouterr().out.count("_aws") == 0
    [(level, message, reason)] = logged(caplog, "reason")
    assert (level, message) == ("ERROR", "directory not refreshed")
    assert reason == "This account belongs to no organisation: set accounts."


def test_a_newer_directory_is_kept(
    table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    table.write(Put(keys.listed_accounts(), {"accounts": json.dumps({HOME: {"name": "Security"}})}))
    monkeypatch.setenv("LISTED", "true")
    handler({})
    directory = read_directory(table)
    assert directory is not None
    # Another call began later, and ended between the read and the write of this one.
    newer = directory.model_copy(update={"read_at": directory.read_at + 200_000})
    write_directory(table, newer)
    monkeypatch.setattr("alert_responder_plugins.organization.handler.read_directory", lambda _: directory)
    capsys.readouterr()
    caplog.clear()

    assert handler({}) == {"accounts": 1, "tags_kept": 0}

    assert read_directory(table) == newer
    assert capsys.readouterr().out.count("_aws") == 0
    assert logged(caplog, "calls") == [("WARNING", "newer directory kept", 0)]


def test_what_is_missing_is_logged_and_counted(
    table: Table,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    boto3.client("organizations").create_organization(FeatureSet="ALL")
    monkeypatch.setenv("HOME_ACCOUNT", DEFAULT_ACCOUNT_ID)
    monkeypatch.setenv("ORGANIZATIONAL_UNITS", '["ou-abcd-12345678"]')
    # An item that cannot be read is replaced.
    table.write(Put(keys.directory(), {"accounts": b"nothing", "read_at": 1}))

    handler({})

    assert metrics(capsys) == {"DirectoryRefreshed": [1.0], "DirectoryGaps": [1.0]}
    assert logged(caplog, "reason") == [
        ("WARNING", "earlier directory not read", "organization/directory: item is invalid"),
        ("WARNING", "directory incomplete", "The organizational unit ou-abcd-12345678 was not found."),
    ]


def test_texts_that_are_cut_off_are_logged_and_counted(
    table: Table, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    table.write(Put(keys.listed_accounts(), {"accounts": json.dumps({HOME: {"name": "Security"}})}))
    monkeypatch.setenv("LISTED", "true")
    monkeypatch.setattr("alert_responder_plugins.organization.handler.write_directory", lambda *_: 24)
    handler({})
    assert metrics(capsys) == {"DirectoryRefreshed": [1.0], "DirectoryGaps": [1.0]}
    [(_, message, reason)] = logged(caplog, "reason")
    assert (message, "24 characters" in reason) == ("directory incomplete", True)


def test_without_an_answer_of_the_table_nothing_is_asked(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_table: Table) -> None:
        raise DependencyError("dynamodb: get_item: ThrottlingException")

    monkeypatch.setattr("alert_responder_plugins.organization.handler.read_directory", fail)
    with pytest.raises(DependencyError):
        handler({})
    assert table.get(keys.directory()) is None


def test_without_its_list_nothing_is_written(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTED", "true")
    with pytest.raises(SettingsFaultError, match="organization/accounts must be an item"):
        handler({})
    assert table.get(keys.directory()) is None
