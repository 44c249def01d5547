"""`accounts` as a user runs it, on emulated accounts."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.client
import pytest
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.store import keys
from alert_responder.store.directory import write_directory
from alert_responder.store.table import Put
from alert_responder_cli.times import now
from tests.unit.cli.accounts.organisation import Roles, facts, member
from tests.unit.cli.aws_account import REGION, attach, client, make_function, make_installation
from tests.unit.cli.command_runner import answer, run

HOME, SHOP, BANK = "123456789012", "444455556666", "777788889999"
ID = "not-to-be-shown"
GIVEN = ("--member-name", "alert-responder", "--external-id", ID)


@pytest.fixture(autouse=True)
def installation() -> Iterator[None]:
    with mock_aws():
        make_installation("secops")
        yield


def keep(*accounts: AccountFacts, hours_ago: float = 0) -> None:
    table = DynamoDBTable(client("dynamodb"), "secops")
    write_directory(table, Directory(accounts=accounts, read_at=now() - round(hours_ago * 3_600_000)))


def account(id_: str, **changed: Any) -> AccountFacts:
    return facts(1, **changed).model_copy(update={"id": id_})


def make_roles(account_id: str, roles: Roles) -> None:
    """Make roles in another account, which moto enters through any role of it."""
    arn = f"arn:aws:iam::{account_id}:role/admin"
    given = client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    iam: Any = boto3.client(
        "iam",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    for name, tags in roles.items():
        found = [{"Key": key, "Value": value} for key, value in tags.items()]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}", Tags=found)


def test_three_accounts_are_listed_with_what_is_missing() -> None:
    keep(account(SHOP, name="Shop"), account(BANK, name="Bank", unit="Root/Bank"), account(HOME, kind="home"))
    make_roles(SHOP, member(actions="principal", regions=(REGION,)))
    make_roles(BANK, member("0", responder=False, regions=()))

    found = answer("accounts", *GIVEN, code=1)

    assert (found["is_stale"], found["regions"]) == (False, [REGION])
    bank, home, shop = found["accounts"]
    assert {name: shop[name] for name in ("id", "answers", "actions", "forwards", "problems")} == {
        "id": SHOP,
        "answers": "yes",
        "actions": ["principal"],
        "forwards": [REGION],
        "problems": [],
    }
    assert (bank["reader"]["state"], bank["responder"]["state"], bank["forwards_nothing"]) == (
        "outdated",
        "missing",
        [REGION],
    )
    assert (home["answers"], home["reader"]) == ("not_asked", None)

    shown = run("accounts", *GIVEN)
    assert shown.exit_code == 1
    assert "3 accounts: 2 answer, 0 do not, 1 not asked; problems in 1 account." in shown.stdout
    assert f"{BANK}: No findings are forwarded from {REGION}" in shown.stdout
    assert "reader outdated, no responder" in shown.stdout


def test_problems_and_filters_shorten_the_list() -> None:
    keep(account(SHOP, name="Shop"), account(BANK, name="Bank", unit="Root/Bank"))
    make_roles(SHOP, member(regions=()))
    make_roles(BANK, member("0", regions=()))

    def listed(*options: str, code: int) -> list[str]:
        return [each["id"] for each in answer("accounts", *GIVEN, *options, code=code)["accounts"]]

    assert listed("--problems", code=1) == [BANK]
    assert listed("--account", SHOP, code=0) == [SHOP]
    assert listed("--unit", "Root/Bank", code=1) == [BANK]
    assert listed("--account", SHOP, "--problems", code=0) == []


def test_name_and_external_id_come_from_the_attached_plug_ins_and_are_not_shown() -> None:
    keep(account(SHOP))
    make_roles(SHOP, member(regions=()))
    attach(
        "secops", "inspector", "host", make_function("host", MEMBER_ROLE_NAME="alert-responder-reader", EXTERNAL_ID=ID)
    )
    members = json.dumps({"name": "alert-responder", "external_id": ID})
    attach("secops", "emitter", "quarantine", make_function("quarantine", MEMBERS=members))
    attach("secops", "emitter", "pager", make_function("pager", MEMBERS="null"))

    result = run("accounts")

    assert result.exit_code == 0, result.output
    assert ID not in result.output
    assert ID not in json.dumps(answer("accounts"))

    attach("secops", "inspector", "vpn", make_function("vpn", MEMBER_ROLE_NAME="other-reader", EXTERNAL_ID="other-id"))
    result = run("accounts")
    assert result.exit_code == 2
    assert "The plug-ins use different roles in member accounts. Use --member-name" in result.stderr
    assert "other: inspector vpn" in result.stderr
    assert ID not in result.output
    assert "other-id" not in result.output
    assert run("accounts", "--member-name", "alert-responder").exit_code == 0


def test_a_directory_that_is_missing_invalid_or_stale_is_reported() -> None:
    result = run("accounts", *GIVEN)
    assert result.exit_code == 2
    assert "The installation 'secops' has no directory of accounts: attach modules/organization." in result.stderr
    assert "secops-schedule-organization" in result.stderr

    DynamoDBTable(client("dynamodb"), "secops").write(Put(keys.directory(), {"accounts": b"x"}))
    result = run("accounts", *GIVEN)
    assert result.exit_code == 2
    assert "organization/directory: item is invalid" in result.stderr

    keep(account(HOME, kind="home"), hours_ago=25)
    result = run("accounts", *GIVEN)
    assert result.exit_code == 1
    assert "The directory of accounts is stale, and nothing is contained in other accounts" in result.stderr
    assert answer("accounts", *GIVEN, code=1)["is_stale"]


def test_what_owners_write_reaches_no_terminal_unescaped() -> None:
    hostile = "\x1b[31m\u202eevil [bold]x[/bold]"
    keep(account(SHOP, name=hostile, unit=f"Root/{hostile}"))
    make_roles(SHOP, member(regions=()))

    for columns in (40, 240, None):
        result = run("accounts", *GIVEN, columns=columns)
        assert "\x1b" not in result.output
        assert "\u202e" not in result.output
        assert "[bold]" in result.output
    assert run("accounts", *GIVEN, "--json").stdout.isascii()


def test_nobody_is_left_without_a_hint_if_no_account_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(account(SHOP), account(BANK))
    asked: list[str] = []

    def deny(self: Any, operation: str, arguments: Any) -> Any:
        if operation == "AssumeRole":
            asked.append(arguments["RoleArn"])
            raise self.exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, operation)
        return call(self, operation, arguments)

    clients: Any = botocore.client.BaseClient
    call = clients._make_api_call
    monkeypatch.setattr(clients, "_make_api_call", deny)
    result = run("accounts", *GIVEN)

    assert result.exit_code == 1
    assert "No account answers. The roles trust only the principals in reader_principal_arns" in result.stderr
    assert f"{SHOP}, {BANK}: Access denied: the role alert-responder-reader does not exist" in result.stdout
    assert len(asked) == 2


def test_an_invalid_option_is_an_error() -> None:
    keep(account(SHOP))

    for options, words in (
        (("--account", "12"), "--account must have 12 digits"),
        (("--account", "999999999999"), "Account 999999999999 is not in the directory"),
        (("--unit", "ou-abcd-12345678"), "--unit must be a path of names with accounts in or below it, such as"),
        (("--unit", "Root", "--unit", "Root/Nowhere"), "got 'Root/Nowhere'"),
        (("--regions", "eu-west-1,europe"), "--regions must be regions such as eu-west-1,us-east-1, got 'europe'"),
        (("--member-name", "A"), "--member-name must have 1 to 40 lower-case letters"),
        (("--forwarder-name", "x" * 33), "--forwarder-name must have 1 to 32"),
        (("--external-id", "öffentlich"), "--external-id must have 2 to 1224 letters"),
        ((), "No attached plug-in uses the roles of modules/member in other accounts. Use --member-name"),
    ):
        result = run("accounts", *options)

        assert result.exit_code == 2, options
        assert words in result.stderr
        assert "öffentlich" not in result.output
