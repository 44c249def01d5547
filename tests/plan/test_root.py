"""The resources of the root module, with its defaults and with each option."""

import importlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import tftest
from boto3.dynamodb.types import TypeDeserializer
from pydantic import TypeAdapter

from alert_responder.contracts.mapping import FormatMapping
from alert_responder.contracts.plugin import InstallationSettings
from alert_responder.domain.admission import AdmissionLimits
from alert_responder.formats.mapping import MappedFormat
from alert_responder.settings import ReceptorSettings, read_settings
from alert_responder.store import keys
from tests.fakes.event_source_mapping import Settings
from tests.plan import state, tables
from tests.plan.conftest import EXAMPLE_FORMATS, KEY_ARN, OPTIONS
from tests.plan.harness import REGION, Planned, planned
from tests.plan.layers import layers

FUNCTIONS = ("coordinator", "receptor", "runner")
COUNTS = {
    "aws_cloudwatch_dashboard": 1,
    "aws_cloudwatch_event_rule": 2,
    "aws_cloudwatch_event_target": 2,
    "aws_cloudwatch_log_group": 4,
    "aws_cloudwatch_metric_alarm": 8,
    "aws_dynamodb_table": 1,
    "aws_dynamodb_table_item": 1,
    "aws_iam_role": 4,
    "aws_iam_role_policy": 5,
    "aws_kinesis_stream": 1,
    "aws_lambda_event_source_mapping": 1,
    "aws_lambda_function": 3,
    "aws_lambda_layer_version": 1,
    "aws_lambda_permission": 2,
    "aws_s3_bucket": 1,
    "aws_s3_bucket_lifecycle_configuration": 1,
    "aws_s3_bucket_ownership_controls": 1,
    "aws_s3_bucket_policy": 1,
    "aws_s3_bucket_public_access_block": 1,
    "aws_s3_bucket_server_side_encryption_configuration": 1,
    "aws_s3_bucket_versioning": 1,
    "aws_sfn_state_machine": 1,
    "aws_sqs_queue": 1,
    "aws_sqs_queue_policy": 1,
}


def function(made: Planned, key: str) -> dict[str, Any]:
    return made.resources[f'aws_lambda_function.functions["{key}"]']


def test_resources_with_the_defaults(defaults: Planned) -> None:
    assert Counter(address.split(".")[0] for address in defaults.resources) == COUNTS


def test_interface_has_the_layer_of_the_python_package(defaults: Planned) -> None:
    kit = defaults.resources["aws_lambda_layer_version.kit"]

    assert kit["layer_name"].endswith("-kit")
    assert kit["filename"].endswith("/dist/kit.zip")
    assert kit["source_code_hash"]
    assert set(kit["compatible_runtimes"]) >= {"python3.12"}
    handed_over = defaults.written_outputs["interface"]["expression"]["references"]
    assert "aws_lambda_layer_version.kit.arn" in handed_over


def test_only_the_aws_provider_is_used_and_a_plan_does_not_call_aws(
    plan: tftest.TerraformPlanOutput, defaults: Planned
) -> None:
    data = {address.split(".")[1] for address in defaults.written if address.startswith("data.")}

    assert data == {"aws_partition", "aws_region"}
    assert {provider["full_name"] for provider in plan.configuration["provider_config"].values()} == {
        "registry.terraform.io/hashicorp/aws"
    }


def test_names_that_all_regions_share_contain_the_region(defaults: Planned) -> None:
    assert {role["name"] for role in defaults.of_type("aws_iam_role")} == {
        f"alert-responder-{key}-{REGION}" for key in (*FUNCTIONS, "workflow")
    }
    assert defaults.resources["aws_s3_bucket.archive"]["bucket_prefix"] == "alert-responder-"


def test_stream(defaults: Planned) -> None:
    stream = defaults.resources['aws_kinesis_stream.streams["alerts"]']

    assert stream["name"] == "alert-responder"
    assert stream["shard_count"] == 1
    assert stream["retention_period"] == 24
    assert (stream["encryption_type"], stream["kms_key_id"]) == ("KMS", "alias/aws/kinesis")


def test_mapping_gives_up_by_age_and_writes_to_the_archive(defaults: Planned) -> None:
    mapping = defaults.resources['aws_lambda_event_source_mapping.receptor["alerts"]']

    driven = Settings()

    assert mapping["bisect_batch_on_function_error"] is True
    assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    assert mapping["maximum_record_age_in_seconds"] == driven.maximum_age == 6 * 60 * 60
    assert mapping["maximum_retry_attempts"] == -1
    assert mapping["starting_position"] == "TRIM_HORIZON"
    assert (mapping["batch_size"], mapping["maximum_batching_window_in_seconds"]) == (500, 1)
    assert (driven.batch_size, driven.batch_window) == (500, 1)
    assert mapping["parallelization_factor"] == 1
    written = defaults.written["aws_lambda_event_source_mapping.receptor"]["expressions"]
    destination = written["destination_config"][0]["on_failure"][0]["destination_arn"]
    assert "aws_s3_bucket.archive.arn" in destination["references"]


def test_table(defaults: Planned) -> None:
    table = defaults.resources["aws_dynamodb_table.reports"]

    assert (table["hash_key"], table["range_key"]) == ("pk", "sk")
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert table["deletion_protection_enabled"] is True
    assert table["point_in_time_recovery"][0]["enabled"] is True
    # A key that AWS owns.
    assert table["server_side_encryption"][0]["enabled"] is False
    assert table["ttl"][0] == {"attribute_name": "expires_at", "enabled": True}
    indexes = {
        index["name"]: (index["hash_key"], index["range_key"], index["projection_type"])
        for index in table["global_secondary_index"]
    }
    assert indexes == {
        "open_reports": ("open_shard", "pk", "KEYS_ONLY"),
        "reports_by_day": ("day_shard", "report_id", "ALL"),
    }


def settings(made: Planned) -> dict[str, Any]:
    written = made.resources["aws_dynamodb_table_item.settings"]
    assert (written["hash_key"], written["range_key"]) == ("pk", "sk")
    item: dict[str, Any] = json.loads(written["item"])
    return item


def test_settings_are_empty_by_default(defaults: Planned) -> None:
    assert settings(defaults) == {
        "pk": {"S": "config"},
        "sk": {"S": "settings"},
        "internal_domains": {"L": []},
        "internal_networks": {"L": []},
        "version": {"N": "1"},
    }


def test_settings_are_normalised_and_read_by_the_functions(options: Planned) -> None:
    item = {name: TypeDeserializer().deserialize(value) for name, value in settings(options).items()}
    assert item["internal_domains"] == ["acme", "corp.example.com"]
    networks = ["10.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"]
    assert item["internal_networks"] == networks
    key = keys.settings()
    assert (item["pk"], item["sk"]) == (key.pk, key.sk)
    read = InstallationSettings.model_validate(item)
    assert [str(network) for network in read.internal_networks] == networks


def test_archive_is_private_encrypted_and_expires(defaults: Planned) -> None:
    assert defaults.resources["aws_s3_bucket.archive"]["force_destroy"] is False
    access = defaults.resources["aws_s3_bucket_public_access_block.archive"]
    assert all(
        access[name]
        for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    )
    encryption = defaults.resources["aws_s3_bucket_server_side_encryption_configuration.archive"]["rule"][0]
    assert encryption["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "AES256"
    rules = {rule["id"]: rule for rule in defaults.resources["aws_s3_bucket_lifecycle_configuration.archive"]["rule"]}
    assert rules["everything"]["expiration"][0]["days"] == 365
    assert rules["everything"]["abort_incomplete_multipart_upload"][0]["days_after_initiation"] == 1
    assert rules["everything"]["noncurrent_version_expiration"][0]["noncurrent_days"] == 30
    assert rules["snapshots"]["filter"][0]["prefix"] == "snapshots/"
    assert rules["snapshots"]["expiration"][0]["days"] == 30


@pytest.mark.parametrize("key", FUNCTIONS)
def test_functions(defaults: Planned, key: str) -> None:
    made = function(defaults, key)

    assert made["function_name"] == f"alert-responder-{key}"
    assert made["runtime"] == "python3.12"
    assert made["architectures"] == ["arm64"]
    assert made["memory_size"] == 1024
    assert made["timeout"] == {"coordinator": 300, "receptor": 300, "runner": 900}[key]
    assert made["reserved_concurrent_executions"] == -1 or made["reserved_concurrent_executions"] is None
    assert made["layers"] == [
        f"arn:aws:lambda:{REGION}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-arm64:37"
    ]
    assert made["source_code_hash"]


@pytest.mark.parametrize("key", FUNCTIONS)
def test_handlers_can_be_imported(defaults: Planned, key: str) -> None:
    module, _, name = function(defaults, key)["handler"].rpartition(".")

    assert callable(getattr(importlib.import_module(module), name))


@pytest.mark.parametrize("key", FUNCTIONS)
def test_log_group_and_policy_come_before_the_function(defaults: Planned, key: str) -> None:
    group = defaults.resources[f'aws_cloudwatch_log_group.functions["{key}"]']

    assert group["name"] == f"/aws/lambda/alert-responder-{key}"
    assert group["retention_in_days"] == 365
    assert set(defaults.written["aws_lambda_function.functions"]["depends_on"]) == {
        "aws_cloudwatch_log_group.functions",
        "aws_dynamodb_table_item.formats",
        "aws_iam_role_policy.functions",
    }


def test_policies_come_before_the_resources_that_need_them(defaults: Planned) -> None:
    written = defaults.written

    assert "aws_iam_role_policy.functions" in written["aws_lambda_event_source_mapping.receptor"]["depends_on"]
    assert set(written["aws_sfn_state_machine.rounds"]["depends_on"]) == {
        "aws_iam_role_policy.workflow",
        "aws_iam_role_policy.workflow_logs_and_key",
    }
    assert "aws_lambda_permission.sweeps" in written["aws_cloudwatch_event_target.sweep"]["depends_on"]
    assert "aws_lambda_permission.sweeps" in written["aws_cloudwatch_event_target.dead_round"]["depends_on"]
    interface = defaults.written_outputs["interface"]
    assert interface["depends_on"] == ["aws_dynamodb_table_item.settings"]


def test_workflow(defaults: Planned) -> None:
    machine = defaults.resources["aws_sfn_state_machine.rounds"]

    assert (machine["name"], machine["type"]) == ("alert-responder", "STANDARD")
    assert machine["logging_configuration"][0]["include_execution_data"] is False
    assert machine["logging_configuration"][0]["level"] == "ERROR"


def test_sweeper_is_called_by_schedule_and_by_failed_rounds(defaults: Planned) -> None:
    assert defaults.resources['aws_cloudwatch_event_rule.sweeps["sweep"]']["schedule_expression"] == "rate(5 minutes)"
    assert json.loads(defaults.resources["aws_cloudwatch_event_target.sweep"]["input"]) == {"step": "sweep"}
    transformer = defaults.resources["aws_cloudwatch_event_target.dead_round"]["input_transformer"][0]
    assert transformer["input_paths"] == {"execution": "$.detail.name"}
    assert json.loads(transformer["input_template"]) == {"step": "sweep", "execution": "<execution>"}
    for target in ("sweep", "dead_round"):
        expressions = defaults.written[f"aws_cloudwatch_event_target.{target}"]["expressions"]
        assert "aws_sqs_queue.dead_letters.arn" in expressions["dead_letter_config"][0]["arn"]["references"]


def test_outputs(defaults: Planned) -> None:
    assert set(defaults.written_outputs) == {
        "alarm_names",
        "alert_stream_arn",
        "alert_stream_name",
        "archive_bucket_name",
        "dashboard_name",
        "interface",
        "kms_key_policy_json",
        "name",
        "producer_policy_json",
        "report_table_name",
        "runner_role_name",
        "verified_stream_arn",
        "workflow_arn",
    }


def test_options_reach_their_resources(options: Planned) -> None:
    stream = options.resources['aws_kinesis_stream.streams["alerts"]']
    assert stream["name"] == "secops"
    assert stream["stream_mode_details"] == [{"stream_mode": "ON_DEMAND"}]
    assert stream["shard_count"] is None
    assert stream["retention_period"] == 48
    mapping = options.resources['aws_lambda_event_source_mapping.receptor["alerts"]']
    assert (mapping["batch_size"], mapping["maximum_batching_window_in_seconds"]) == (100, 5)
    assert mapping["parallelization_factor"] == 10
    assert options.resources["aws_dynamodb_table.reports"]["deletion_protection_enabled"] is False
    assert options.resources["aws_s3_bucket.archive"]["force_destroy"] is True
    rules = options.resources["aws_s3_bucket_lifecycle_configuration.archive"]["rule"]
    assert [rule["expiration"][0]["days"] for rule in rules] == [10, 10]
    assert {group["retention_in_days"] for group in options.of_type("aws_cloudwatch_log_group")} == {30}


def test_the_verified_stream_has_everything_that_the_alert_stream_has(defaults: Planned, options: Planned) -> None:
    for kind, name in (("aws_kinesis_stream", "streams"), ("aws_lambda_event_source_mapping", "receptor")):
        alerts, verified = (dict(options.resources[f'{kind}.{name}["{key}"]']) for key in ("alerts", "verified"))
        assert (alerts.pop("name", None), verified.pop("name", None)) in {("secops", "secops.verified"), (None, None)}
        assert alerts == verified
        assert len(defaults.of_type(kind)) == 1


def test_function_options(options: Planned) -> None:
    for function in options.of_type("aws_lambda_function"):
        assert function["architectures"] == ["x86_64"]
        assert function["layers"] == OPTIONS["lambda_layer_arns"]
        assert function["filename"] is None
        assert function.get("source_code_hash") is None
        assert (function["s3_bucket"], function["s3_key"]) == ("releases", "alert_responder.zip")
        assert function["s3_object_version"] == "7"
    assert options.resources['aws_lambda_function.functions["runner"]']["reserved_concurrent_executions"] == 25
    assert options.resources['aws_lambda_function.functions["coordinator"]']["reserved_concurrent_executions"] == 30


def test_boundary_alarm_actions_and_tags_are_everywhere(options: Planned) -> None:
    assert {role["permissions_boundary"] for role in options.of_type("aws_iam_role")} == {
        OPTIONS["permissions_boundary_arn"]
    }
    for alarm in options.of_type("aws_cloudwatch_metric_alarm"):
        assert alarm["alarm_actions"] == alarm["ok_actions"] == OPTIONS["alarm_actions"]
    for address, values in options.resources.items():
        assert values.get("tags", OPTIONS["tags"]) == OPTIONS["tags"], address


def test_key_encrypts_every_store(encrypted: Planned) -> None:
    assert encrypted.resources['aws_kinesis_stream.streams["alerts"]']["kms_key_id"] == KEY_ARN
    assert encrypted.resources["aws_dynamodb_table.reports"]["server_side_encryption"][0]["kms_key_arn"] == KEY_ARN
    rule = encrypted.resources["aws_s3_bucket_server_side_encryption_configuration.archive"]["rule"][0]
    assert rule["bucket_key_enabled"] is True
    assert rule["apply_server_side_encryption_by_default"][0] == {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": KEY_ARN,
    }
    assert {group["kms_key_id"] for group in encrypted.of_type("aws_cloudwatch_log_group")} == {KEY_ARN}
    assert {function["kms_key_arn"] for function in encrypted.of_type("aws_lambda_function")} == {KEY_ARN}
    machine = encrypted.resources["aws_sfn_state_machine.rounds"]["encryption_configuration"][0]
    assert (machine["kms_key_id"], machine["type"]) == (KEY_ARN, "CUSTOMER_MANAGED_KMS_KEY")
    assert encrypted.resources["aws_sqs_queue.dead_letters"]["kms_master_key_id"] == KEY_ARN


def test_layer_is_published_in_each_region(code: Path, terraform_environment: dict[str, str]) -> None:
    china, gov = "aws-cn", "aws-us-gov"
    partitions = {"eu-west-1": "aws", "cn-north-1": china, "us-gov-west-1": gov, "us-gov-east-1": gov}
    without = {"cn-northwest-1": china, "us-iso-east-1": "aws-iso"} | dict.fromkeys(
        ("ap-east-2", "ap-southeast-6", "ca-west-1", "eu-nowhere-1"), "aws"
    )
    found = layers(code / "layers", partitions | without, terraform_environment)

    name = "layer:AWSLambdaPowertoolsPythonV3-python312-arm64"
    assert found == {
        "eu-west-1": [f"arn:aws:lambda:eu-west-1:017000801446:{name}:37"],
        "cn-north-1": [f"arn:aws-cn:lambda:cn-north-1:498634801083:{name}:37"],
        "us-gov-west-1": [f"arn:aws-us-gov:lambda:us-gov-west-1:165093116878:{name}:27"],
        "us-gov-east-1": [f"arn:aws-us-gov:lambda:us-gov-east-1:165087284144:{name}:27"],
        **{region: [] for region in without},
    }


def test_region_without_a_public_layer_uses_the_given_layers(plan: tftest.TerraformPlanOutput) -> None:
    assert not function(planned(plan, "own_layer"), "runner")["layers"]


def test_links_to_pages_have_the_chosen_type(known: Planned, known_presigned: Planned) -> None:
    for made, links in ((known, "console"), (known_presigned, "presigned")):
        variables = function(made, "runner")["environment"][0]["variables"]
        assert variables["REPORT_LINK_TYPE"] == links
        assert variables["ARCHIVE_CONSOLE_URL"] == (
            f"https://{REGION}.console.aws.amazon.com/s3/object/{state.BUCKET}"
            f"?region={REGION}&bucketType=general&prefix="
        )


@pytest.mark.parametrize("case", ["lowest", "highest"])
def test_ends_of_the_ranges_are_accepted(plan: tftest.TerraformPlanOutput, case: str) -> None:
    made = planned(plan, case)

    # AWS allows 64 characters for names of roles, and 37 for the prefix of a bucket.
    assert max(len(role["name"]) for role in made.of_type("aws_iam_role")) <= 64
    assert len(made.resources["aws_s3_bucket.archive"]["bucket_prefix"]) <= 37


@pytest.mark.parametrize("key", FUNCTIONS)
def test_environment_of_each_function_fits_into_4_kb(known: Planned, key: str) -> None:
    variables: dict[str, str] = function(known, key)["environment"][0]["variables"]

    assert all(variables.values())
    # Reserve for longer values: 8 names of at most 64 characters, and 4 numbers of at most 10.
    assert sum(len(name) + len(value) for name, value in variables.items()) + 8 * 64 + 4 * 10 < 4096


def test_limits_of_new_reports_reach_the_receptor(known: Planned, known_presigned: Planned) -> None:
    names = ("MAX_NEW_REPORTS_PER_DETECTOR", "MAX_NEW_REPORTS_PER_INSTALLATION")
    limited, unlimited = (
        function(made, "receptor")["environment"][0]["variables"] for made in (known, known_presigned)
    )

    assert [limited[name] for name in names] == ["500", "2000"] == list(map(str, AdmissionLimits()))
    assert [unlimited[name] for name in names] == ["none", "none"]
    assert [read_settings(ReceptorSettings, made).max_new_reports_per_detector for made in (limited, unlimited)] == [
        500,
        "none",
    ]


def test_no_arn_contains_a_fixed_partition() -> None:
    for path in (*tables.ROOT.glob("*.tf"), *tables.ROOT.glob("modules/*/*.tf"), *_templates()):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            # Examples in messages and descriptions, and patterns that fit every partition, may.
            excused = line.lstrip().startswith(("#", "- `", "error_message", "condition"))
            assert excused or "arn:aws" not in line.replace("arn:aws[a-z-]*:", ""), f"{path.name}:{number}"


def _templates() -> list[Path]:
    return sorted((tables.ROOT / "templates").iterdir())


def test_formats_are_written_before_the_receptor_reads_them(
    known: Planned, defaults: Planned, options: Planned
) -> None:
    """The item has the expressions unchanged."""
    address = "aws_dynamodb_table_item.formats[0]"
    item = json.loads(options.resources[address]["item"])

    assert address not in defaults.resources
    assert function(known, "receptor")["environment"][0]["variables"]["FORMATS"] == "none"
    assert (item["pk"], item["sk"]) == ({"S": keys.formats().pk}, {"S": keys.formats().sk})
    mapping, *others = TypeAdapter(list[FormatMapping]).validate_json(item["mappings"]["S"])
    assert others == TypeAdapter(list[FormatMapping]).validate_python(EXAMPLE_FORMATS)
    assert MappedFormat(mapping).recognises({"threat": {"rule": "r"}, "type": "it's (a] threat"})
    assert "aws_dynamodb_table_item.formats" in defaults.written["aws_lambda_function.functions"]["depends_on"]
