"""An attached plug-in has an entry in the registry, and the right to be called."""

import json
from typing import Any

import pytest
import tftest
from boto3.dynamodb.types import TypeDeserializer

from alert_responder.contracts.plugin import EmitterPlugin, InspectorPlugin
from tests import documents
from tests.plan.conftest import FUNCTION_ARN, INTERFACE, REQUIRED
from tests.plan.harness import Planned, planned, statements


def item(plan: tftest.TerraformPlanOutput, case: str) -> dict[str, Any]:
    entry = planned(plan, case).resources["aws_dynamodb_table_item.this"]
    assert (entry["table_name"], entry["hash_key"], entry["range_key"]) == (INTERFACE["table_name"], "pk", "sk")
    found: dict[str, Any] = json.loads(entry["item"])
    return found


def policy(plan: tftest.TerraformPlanOutput, case: str) -> dict[str, Any]:
    return planned(plan, case).resources["aws_iam_role_policy.this"]


@pytest.mark.parametrize("kind", REQUIRED)
def test_a_plug_in_has_two_resources(plan: tftest.TerraformPlanOutput, kind: str) -> None:
    assert set(planned(plan, kind).resources) == {"aws_dynamodb_table_item.this", "aws_iam_role_policy.this"}


@pytest.mark.parametrize(
    ("kind", "role", "name"),
    [
        ("emitter", "runner_role_name", "emitter-pager"),
        ("inspector", "runner_role_name", "inspector-whois"),
        ("reviewer", "coordinator_role_name", "reviewer"),
    ],
)
def test_function_with_its_versions_may_be_called(
    plan: tftest.TerraformPlanOutput, kind: str, role: str, name: str
) -> None:
    made = policy(plan, kind)
    (statement,) = statements(made["policy"])

    assert (made["role"], made["name"]) == (INTERFACE[role], name)
    assert (statement["Effect"], statement["Action"]) == ("Allow", ["lambda:InvokeFunction"])
    assert statement["Resource"] == [FUNCTION_ARN, f"{FUNCTION_ARN}:*"]


@pytest.mark.parametrize(
    ("case", "qualifier"),
    [
        ("emitter_alias", "live"),
        ("inspector_alias", "live"),
        ("inspector_latest", "$LATEST"),
        ("inspector_version", "7"),
        ("reviewer_alias", "live"),
    ],
)
def test_only_a_named_version_or_alias_may_be_called(
    plan: tftest.TerraformPlanOutput, case: str, qualifier: str
) -> None:
    (statement,) = statements(policy(plan, case)["policy"])

    assert statement["Resource"] == [f"{FUNCTION_ARN}:{qualifier}"]
    assert item(plan, case)["arn"] == {"S": f"{FUNCTION_ARN}:{qualifier}"}


def test_entries_without_filters(plan: tftest.TerraformPlanOutput) -> None:
    nothing: dict[str, list[Any]] = {"L": []}
    common = {"arn": {"S": FUNCTION_ARN}, "enabled": {"BOOL": True}, "version": {"N": "1"}}

    assert item(plan, "emitter") == common | {
        "pk": {"S": "plugin/emitter"},
        "sk": {"S": "pager"},
        "detectors": nothing,
        "labels": nothing,
        "severities": nothing,
    }
    assert item(plan, "inspector") == common | {
        "pk": {"S": "plugin/inspector"},
        "sk": {"S": "whois"},
        "attribute_types": nothing,
        "cache_seconds": {"N": "0"},
        "contexts": nothing,
        "detectors": nothing,
    }
    assert item(plan, "reviewer") == common | {"pk": {"S": "plugin/reviewer"}, "sk": {"S": "reviewer"}}


def test_an_emitters_entry_is_read_by_the_functions(plan: tftest.TerraformPlanOutput) -> None:
    found = {name: TypeDeserializer().deserialize(value) for name, value in item(plan, "emitter_filtered").items()}
    read = EmitterPlugin.model_validate({**found, "name": found["sk"]})
    assert (read.labels, read.severities) == (("a-1", "team_b"), ("safe", "urgent"))


def test_filters_are_sorted_and_without_repetition(plan: tftest.TerraformPlanOutput) -> None:
    inspector, emitter = item(plan, "inspector_filtered"), item(plan, "emitter_filtered")

    assert inspector["attribute_types"] == {"L": [{"S": "domain"}, {"S": "ipaddr"}]}
    assert inspector["cache_empty_seconds"] == {"N": "600"}
    assert inspector["cache_seconds"] == {"N": "2592000"}
    assert inspector["contexts"] == {"L": [{"S": "remote"}, {"S": "server"}]}
    assert inspector["detectors"] == emitter["detectors"] == {"L": [{"S": "a"}, {"S": "b"}]}
    assert inspector["per_account"] == {"BOOL": True}
    assert inspector["enabled"] == emitter["enabled"] == {"BOOL": False}
    assert emitter["labels"] == {"L": [{"S": "a-1"}, {"S": "team_b"}]}
    assert emitter["severities"] == {"L": [{"S": "safe"}, {"S": "urgent"}]}


def test_an_external_inspector_receives_only_what_its_entry_allows(plan: tftest.TerraformPlanOutput) -> None:
    nothing, internal = item(plan, "inspector_external"), item(plan, "inspector_filtered")

    names = ("allow_identities", "allow_internal", "allow_query")
    assert nothing["external"] == {"M": {name: {"BOOL": False} for name in names}}
    assert internal["external"] == {"M": {name: {"BOOL": name != "allow_identities"} for name in names}}


def test_quotas_reach_the_registry(plan: tftest.TerraformPlanOutput) -> None:
    assert item(plan, "inspector_external")["max_per_minute"] == {"N": "1"}
    assert item(plan, "inspector_filtered")["max_per_minute"] == {"N": "10000"}
    assert item(plan, "inspector_batched")["max_per_day"] == {"N": "10000000"}


def test_batches_reach_the_registry(plan: tftest.TerraformPlanOutput) -> None:
    batched, single = item(plan, "inspector_batched"), item(plan, "inspector_filtered")

    assert batched["batch_size"] == {"N": "100"}
    assert batched["batch_types"] == {"L": [{"S": "domain"}, {"S": "ipaddr"}]}
    assert not {"batch_size", "batch_types"} & single.keys(), "an entry without batches is as before"


@pytest.mark.parametrize("case", ["inspector", "inspector_filtered", "inspector_external", "inspector_batched"])
def test_entries_are_read_by_the_functions(plan: tftest.TerraformPlanOutput, case: str) -> None:
    found = {name: TypeDeserializer().deserialize(value) for name, value in item(plan, case).items()}
    read = InspectorPlugin.model_validate({**found, "name": found["sk"]})

    found_values = (read.external is not None, read.max_per_minute, read.max_per_day, read.batch_size, read.batch_types)
    assert (
        found_values
        == {
            "inspector": (False, 0, 0, 1, None),
            "inspector_filtered": (True, 10000, 0, 1, None),
            "inspector_external": (True, 1, 0, 1, None),
            "inspector_batched": (False, 0, 10000000, 100, ("domain", "ipaddr")),
        }[case]
    )


def test_a_role_has_room_for_the_documented_number_of_plug_ins(
    plan: tftest.TerraformPlanOutput, known_encrypted: Planned
) -> None:
    own = {made["name"]: made["policy"] for made in known_encrypted.of_type("aws_iam_role_policy")}["runner"]
    # With a long region, and a function name of 20 characters.
    longer = 2 * (len("arn:aws:lambda:ap-southeast-2:111122223333:function:") + 20 - len(FUNCTION_ARN))
    each = len(policy(plan, "inspector")["policy"]) + longer

    assert (documents.ROLE_CHARACTERS - len(own)) // each >= documents.PLUG_INS_OF_A_ROLE
