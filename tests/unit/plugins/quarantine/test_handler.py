"""The function as Lambda calls it, with its settings from the environment and the table on moto's DynamoDB."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.contracts.report import EmissionRequest
from alert_responder.errors import DependencyError
from alert_responder.plugin import InvalidRequestError
from alert_responder_plugins.quarantine import handler as module
from tests.fakes.quarantine import ENVIRONMENT, REGION, World, attribute, report


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with mock_aws():
        made = World()
        boto3.client("dynamodb", region_name=REGION).create_table(
            TableName="secops",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
            BillingMode="PAY_PER_REQUEST",
        )
        for name, value in {**ENVIRONMENT, **made.environment, "AWS_DEFAULT_REGION": REGION}.items():
            monkeypatch.setenv(name, value)
        # The caller in moto is a user; on AWS it is the function's role.
        monkeypatch.setattr(module, "_own_arn", lambda: f"arn:aws:sts::{ENVIRONMENT['ACCOUNT_ID']}:assumed-role/q/q")
        for cached in (module._client, module._settings, module._callers):
            cached.cache_clear()
        yield made


def test_a_request_for_snapshots_is_made_once_and_waited_for() -> None:
    """A second request, after an answer that came too late, would create a second set of snapshots."""
    config = module._client("ec2", slow=True).meta.config
    assert config.retries["total_max_attempts"] == 1
    assert config.read_timeout >= 30


def emission(world: World) -> dict[str, Any]:
    request = EmissionRequest(
        report=report(attribute("instance", world.instance, "subject"), attribute("username", "x\ny", "subject")),
        emitter="quarantine",
        emission_id="01KG9Z9Q7R2D4B6C8E0FGHJKMN/quarantine/000001",
        state=None,
    )
    return request.model_dump(mode="json")


def test_functions_contain_list_and_release(world: World, caplog: pytest.LogCaptureFixture) -> None:
    before = world.described()
    answer = module.handler(emission(world), None)
    assert answer
    assert list(answer["state"]["entries"].values()) == ["contained"]
    assert module.handler(emission(world), None) == answer

    listed = module.command({"action": "list"})
    assert [(entry["id"], entry["state"]) for entry in listed["entries"]] == [
        (f"instance/{world.instance}", "contained")
    ]
    released = module.command({"action": "release", "id": f"instance/{world.instance}"})
    assert released["done"], released
    assert world.described() == before
    # Only ids are logged.
    logged = [vars(record) for record in caplog.records]
    assert {line["state"] for line in logged} == {"contained", "released"}
    assert world.instance not in json.dumps(logged, default=str)


def test_internal_networks_are_read_before_anything_is_contained(world: World) -> None:
    wrong = {"pk": {"S": "config"}, "sk": {"S": "settings"}, "version": {"N": "2"}}
    boto3.client("dynamodb", region_name=REGION).put_item(TableName="secops", Item=wrong)
    with pytest.raises(DependencyError, match="config/settings"):
        module.handler(emission(world), None)
    with pytest.raises(DependencyError, match="config/settings"):
        module.command({"action": "release_due"})
    # Operators can always list, stop and release.
    for action in ("list", "stop", "start"):
        assert module.command({"action": action})["done"]


def test_delivery_function_accepts_no_commands(world: World) -> None:
    events: list[dict[str, Any]] = [
        {"report": {}},
        {"action": "stop"},
        {"action": "release", "id": "instance/i-0123456789abcdef0"},
        {"action": "release_due"},
    ]
    for event in events:
        with pytest.raises(InvalidRequestError):
            module.handler(event, None)
    module.handler({**emission(world), "action": "stop"}, None)
    assert not module.command({"action": "list"})["stopped"]

    assert not module.command({"action": "nonsense"})["done"]
    assert not module.command(emission(world))["done"]


def test_undone_containments_and_limits_are_measured(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_ACTIONS_PER_HOUR", "1")
    module._settings.cache_clear()
    request = EmissionRequest(
        report=world.everything(), emitter="quarantine", emission_id="01KG9Z9Q7R2D4B6C8E0FGHJKMN/q/1", state=None
    )
    answer = module.handler(request.model_dump(mode="json"), None)
    assert answer
    assert answer["note"] == "Of the report's targets, 5 were not contained because of a limit."
    world.iam.update_access_key(UserName="mallory", AccessKeyId=world.key, Status="Active")
    module.command({"action": "release_due"})

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    dimensions = {"installation": "secops", "plugin": "quarantine"}
    assert [
        {name: line[name] for name in line if name.startswith("Quarantine")}
        for line in written
        if dimensions.items() <= line.items()
    ] == [{"QuarantineCutOff": [5.0]}, {"QuarantineUndone": [1.0]}]
    assert {line["_aws"]["CloudWatchMetrics"][0]["Namespace"] for line in written} == {"AlertResponder"}


def test_all_items_are_in_one_partition(world: World) -> None:
    module.handler(emission(world), None)
    module.command({"action": "stop"})

    items = boto3.client("dynamodb", region_name=REGION).scan(TableName="secops")["Items"]
    assert {item["pk"]["S"] for item in items} == {"quarantine/quarantine"}
    kinds = {item["sk"]["S"].partition("/")[0] for item in items}
    assert kinds == {"entry", "evidence", "hour", "rate", "switch"}
