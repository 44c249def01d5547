"""Every input rejects values outside its range, with a message that states the allowed values."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.plan import tables
from tests.plan.conftest import INTERFACE, KEY_ARN, REQUIRED
from tests.plan.harness import Case, Configuration, arn
from tests.plan.inputs import refusals


class Refused(NamedTuple):
    """Rejected variables and a part of the message; `module` is "" or the kind of plug-in."""

    module: str
    variables: dict[str, Any]
    message: str


def outside(name: str, lowest: int, highest: int, message: str, module: str = "") -> list[Refused]:
    return refused(name, message, lowest - 1, highest + 1, lowest + 0.5, module=module)


def refused(name: str, message: str, *values: Any, module: str = "") -> list[Refused]:
    return [Refused(module, {name: value}, message) for value in values]


NO_FUNCTION = (
    "lookup",
    "arn:aws:lambda:eu-west-1:123456789012:lookup",
    "arn:aws:lambda:eu-west-1:123456789012:function:lookup:v1:v2",
    "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:x/invocations",
)

FORMAT = {"name": "edr", "match": "threat", "detector": "'edr'", "rule_id": "threat.rule"}
COUNTS = (
    "deliveries_failed",
    "function_errors",
    "function_throttles",
    "inspections_failed",
    "inspections_throttled",
    "rejected_alerts",
    "reviews_failed",
    "stream_throttles",
)

REFUSED = [
    *outside(
        "aggregation_window_seconds", 1, 604800, "aggregation_window_seconds must be a whole number of seconds from 1"
    ),
    *refused(
        "alarm_actions", "alarm_actions must contain at most 5 ARNs", [arn("sns", f"topic-{i}") for i in range(6)]
    ),
    *refused("alarm_actions", "alarm_actions must contain full ARNs", ["alarms"], ["arn:aws:sns"]),
    *outside("batch_size", 1, 10000, "batch_size must be a whole number from 1 to 10000"),
    *outside("batch_window_seconds", 0, 300, "batch_window_seconds must be a whole number of seconds from 0 to 300"),
    *refused(
        "coordinator_reserved_concurrency",
        "coordinator_reserved_concurrency must be null or a whole number of at",
        0,
        -1,
        1.5,
    ),
    *refused("custom_formats", "custom_formats must have at most 50 formats with different names", [FORMAT, FORMAT]),
    *refused(
        "custom_formats",
        "custom_formats[].name must have 1 to 64 lower-case letters, digits",
        [FORMAT | {"name": "E D R"}],
    ),
    *refused(
        "custom_formats",
        "Expressions in custom_formats must have 1 to 1000 characters. Use",
        [FORMAT | {"match": ""}],
        [FORMAT | {"status": ""}],
        [FORMAT | {"finding_id": "a" * 1001}],
    ),
    *refused(
        "custom_formats",
        "custom_formats is too large. A format may have 100 attributes, a key",
        [FORMAT | {"attributes": [{"type": "ipaddr", "value": "a"}] * 101}],
        [FORMAT | {"attributes": [{"type": "ipaddr", "value": "a", "key": "k" * 257}]}],
        [FORMAT | {"name": f"f{i}", "attributes": [{"type": "ipaddr", "value": "a" * 1000}] * 8} for i in range(50)],
        # Fewer characters than bytes.
        [FORMAT | {"name": f"f{i}", "attributes": [{"type": "ipaddr", "value": "ä" * 1000}] * 4} for i in range(50)],
    ),
    *refused(
        "custom_formats",
        "Types and contexts of attributes in custom_formats must have 1 to 32",
        [FORMAT | {"attributes": [{"type": "IP", "value": "a"}]}],
        [FORMAT | {"attributes": [{"type": "ipaddr", "value": "a", "context": ["Re mote"]}]}],
    ),
    *outside("inspection_concurrency", 1, 40, "inspection_concurrency must be a whole number from 1 to 40"),
    *outside(
        "inspection_delay_seconds", 0, 3600, "inspection_delay_seconds must be a whole number of seconds from 0 to"
    ),
    *outside(
        "inspection_timeout_seconds", 1, 840, "inspection_timeout_seconds must be a whole number of seconds from 1"
    ),
    *refused(
        "internal_domains", "internal_domains must contain at most 500 domains", [f"d{i}.test" for i in range(501)]
    ),
    *refused(
        "internal_domains",
        "internal_domains must contain domains such as corp.example.com",
        [""],
        ["*.corp.test"],
        [".corp.test"],
        ["corp.test."],
        ["corp..test"],
        ["-a.test"],
        ["corp test"],
        ["https://corp.test"],
        ["b\u00fccher.test"],
        ["a" * 64],
        [".".join(["a" * 60] * 5)],
    ),
    *refused("internal_domains", "internal_domains must not contain IP addresses", ["10.0.0.1"], ["ok.test", "7"]),
    *refused(
        "internal_networks", "internal_networks must contain at most 200 CIDRs", [f"10.0.{i}.0/24" for i in range(201)]
    ),
    *refused(
        "internal_networks",
        "internal_networks must contain CIDRs with a prefix length",
        [""],
        ["10.0.0.1"],
        ["10.0.0.0/33"],
        ["10.0.0/8"],
        ["2001:db8::/129"],
        ["10.0.0.0-10.0.0.9"],
        ["10.0.0.0/8", "corp.test"],
    ),
    *refused(
        "kms_key",
        "kms_key.arn must be the ARN of a KMS key",
        {"arn": arn("kms", "alias/alerts")},
        {"arn": "1234abcd-12ab-34cd-56ef-1234567890ab"},
    ),
    *refused("lambda_architecture", "lambda_architecture must be arm64 or x86_64", "arm", "ARM64"),
    *refused(
        "lambda_layer_arns",
        "lambda_layer_arns must contain at most 4 layers: plug-ins get a further one",
        [arn("lambda", f"layer:{i}:1") for i in range(5)],
    ),
    *refused(
        "lambda_layer_arns", "lambda_layer_arns must contain ARNs of layer versions", [arn("lambda", "layer:tools")]
    ),
    *refused(
        "lambda_package",
        "lambda_package must have both s3_bucket and s3_key, or neither",
        {"s3_bucket": "x"},
        {"s3_key": "x.zip"},
    ),
    *refused(
        "lambda_package",
        "lambda_package must not have both filename and s3_bucket",
        {"filename": "x.zip", "s3_bucket": "x", "s3_key": "x.zip"},
    ),
    *refused(
        "lambda_package", "lambda_package must not have s3_object_version without s3_key", {"s3_object_version": "1"}
    ),
    *refused(
        "log_retention_days", "log_retention_days must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180,", 0, 2, 364, 3654
    ),
    *outside("max_inspection_depth", 0, 5, "max_inspection_depth must be a whole number from 0 to 5"),
    *outside("max_inspections_per_report", 1, 500, "max_inspections_per_report must be a whole number from 1 to 500"),
    *[
        Refused(
            "",
            {"max_new_reports_per_hour": {"per_detector": None, "per_installation": None, name: value}},
            "per_detector and per_installation of max_new_reports_per_hour must be",
        )
        for name in ("per_detector", "per_installation")
        for value in (0, -5, 2.5, 1000001)
    ],
    *refused("max_new_reports_per_hour", 'attribute "per_installation" is required', {"per_detector": 5}),
    *refused("max_new_reports_per_hour", "object required", 500),
    *[
        case
        for name in COUNTS
        for case in refused(
            "monitoring", "Counts in monitoring must be whole numbers from 1 to 1000000", {name: 0}, {name: 1.5}
        )
    ],
    *refused(
        "monitoring", "Counts in monitoring must be whole numbers from 1 to 1000000", {"rejected_alerts": 1000001}
    ),
    *refused(
        "monitoring",
        "monitoring.iterator_age_seconds must be a whole number from 60 to 21600",
        *({"iterator_age_seconds": seconds} for seconds in (59, 21601, 60.5)),
    ),
    *refused("name", "name must have 3 to 36 characters", "ab", "a" * 37),
    *refused("name", "name must contain only lower-case letters", "Sec", "1sec", "sec-", "s--ec", "se_c", "se.c"),
    *refused(
        "name", "name must not begin with sthree- or amzn-s3-demo-, which S3 reserves", "sthree-a", "amzn-s3-demo-a"
    ),
    *outside("parallelization_factor", 1, 10, "parallelization_factor must be a whole number from 1 to 10"),
    *refused(
        "permissions_boundary_arn",
        "permissions_boundary_arn must be the ARN of an IAM policy",
        "boundary",
        arn("iam", "role/boundary", region=""),
    ),
    *refused(
        "previous_kms_key_arns",
        "previous_kms_key_arns must contain at most 5 ARNs of KMS keys",
        [KEY_ARN] * 6,
        [arn("kms", "alias/old")],
    ),
    *refused(
        "administrator_accounts",
        "administrator_accounts must contain at most 20 account ids of 12 digits",
        ["11112222333"],
        ["arn:aws:iam::111122223333:root"],
        [f"{number:012d}" for number in range(21)],
    ),
    *refused(
        "producer_account_ids",
        "producer_account_ids must contain at most 20 account ids of 12 digits",
        ["444455556666x"],
        [f"{number:012d}" for number in range(21)],
    ),
    *refused("report_link_type", "report_link_type must be console, none or presigned", "s3", ""),
    *outside("report_retention_days", 2, 3650, "report_retention_days must be a whole number of days from 2 to 3650"),
    *refused(
        "runner_reserved_concurrency", "runner_reserved_concurrency must be null or a whole number of at", 0, -1, 1.5
    ),
    *refused("stream_mode", "stream_mode must be PROVISIONED or ON_DEMAND", "provisioned", ""),
    *outside(
        "stream_retention_hours", 24, 8760, "stream_retention_hours must be a whole number of hours from 24 to 8760"
    ),
    *outside("stream_shard_count", 1, 200, "stream_shard_count must be a whole number from 1 to 200"),
    *outside(
        "update_interval_seconds", 0, 86400, "update_interval_seconds must be a whole number of seconds from 0 to"
    ),
    *[
        case
        for module in REQUIRED
        for case in (
            *refused("function_arn", "function_arn must be the ARN of a Lambda function", *NO_FUNCTION, module=module),
        )
    ],
    *[
        case
        for module in ("emitter", "inspector")
        for case in (
            *refused(
                "name",
                "name must have 1 to 40 lower-case letters, digits and single hyphens",
                "",
                "A",
                "a_b",
                "-a",
                "a" * 41,
                "a/b",
                module=module,
            ),
            *refused(
                "detectors",
                "detectors must contain at most 50 names of 1 to 256 characters",
                [""],
                ["d" * 257],
                [f"d{i}" for i in range(51)],
                module=module,
            ),
        )
    ],
    *refused(
        "attribute_types",
        "attribute_types must contain at most 50 types of 1 to 64 lower-case",
        ["IPADDR"],
        [""],
        [f"t{i}" for i in range(51)],
        module="inspector",
    ),
    *outside("batch_size", 1, 100, "batch_size must be a whole number from 1 to 100", "inspector"),
    *refused(
        "batch_types",
        "batch_types must be null or contain 1 to 50 types of 1 to 64",
        [],
        ["IPADDR"],
        [f"t{i}" for i in range(51)],
        module="inspector",
    ),
    *outside(
        "cache_empty_seconds",
        0,
        2592000,
        "cache_empty_seconds must be a whole number of seconds from 0 to",
        "inspector",
    ),
    *outside(
        "cache_seconds", 0, 2592000, "cache_seconds must be a whole number of seconds from 0 to 2592000", "inspector"
    ),
    *refused(
        "contexts",
        "contexts must contain only additional, client, file, local, object,",
        ["remote", "x"],
        module="inspector",
    ),
    *outside("max_per_day", 1, 10000000, "max_per_day must be null or a whole number from 1 to 10000000", "inspector"),
    *outside("max_per_minute", 1, 10000, "max_per_minute must be null or a whole number from 1 to 10000", "inspector"),
    *refused(
        "labels",
        "labels must contain at most 50 labels of 1 to 64 lower-case letters,",
        ["Network"],
        [""],
        ["-a"],
        ["a b"],
        ["a" * 65],
        [f"l{i}" for i in range(51)],
        module="emitter",
    ),
    *refused(
        "severities", "severities must contain only safe, unclassified and urgent", ["urgent", "high"], module="emitter"
    ),
]

FUNCTIONS = ("aws_lambda_function.functions",)
# These validations depend on several values, and so fail only during the plan.
REFUSED_WHILE_PLANNING = [
    *[
        Refused(
            module,
            {"function_arn": arn("lambda", "function:x", region="us-east-1")},
            "function_arn must be in eu-west-1, the region of AlertResponder.",
        )
        for module in REQUIRED
    ],
    Refused(
        "inspector",
        {"attribute_types": ["ipaddr", "url"], "batch_size": 10, "batch_types": ["domain", "email", "url"]},
        "batch_types must contain only types that attribute_types contains, because",
    ),
    Refused(
        "",
        {"report_retention_days": 8, "aggregation_window_seconds": 604800, "stream_retention_hours": 25},
        "report_retention_days must be at least 10:",
    ),
    Refused(
        "",
        {"report_retention_days": 365, "stream_retention_hours": 8760},
        "report_retention_days must be at least 367:",
    ),
]

# Errors of resources, and of an input that depends on the region: Terraform does not name their module. All are in one
# region without a public layer, since each region has its own provider, which takes seconds to start.
ELSEWHERE = "cn-northwest-1"
REFUSED_BY_RESOURCES = {
    "kms_key": Case(variables={"kms_key": {"arn": KEY_ARN}}, region=ELSEWHERE, targets=FUNCTIONS),
    "producers": Case(
        variables={"producer_account_ids": ["444455556666"]},
        region=ELSEWHERE,
        targets=("aws_kinesis_resource_policy.producers",),
    ),
    "environment": Case(
        "modules/aws-context",
        {
            "alert_responder": INTERFACE,
            "role_arns": [
                arn("iam", f"role/security/operations/alert-responder-reader-{n}", region="", account=f"{n:012d}")
                for n in range(50)
            ],
        },
        region=ELSEWHERE,
    ),
    "layers": Case(
        "modules/plugin-function",
        {
            "alert_responder": INTERFACE,
            "kind": "inspector",
            "name": "layered",
            "description": "Has too many layers.",
            "handler": "layered.handler",
            "layer_arns": [arn("lambda", f"layer:l{number}:1") for number in range(4)],
        },
        region=ELSEWHERE,
    ),
    "policy": Case(
        "modules/policy",
        {"alert_responder": INTERFACE, "policy": {"rules": [{"name": "x", "severity": "high"}]}},
        region=ELSEWHERE,
        targets=("aws_dynamodb_table_item.policy",),
    ),
    "zip": Case(variables={"lambda_package": {"filename": "nowhere.zip"}}, region=ELSEWHERE, targets=FUNCTIONS),
}
MESSAGES = [
    f"kms_key must be in {ELSEWHERE}, the region of this installation.",
    "producer_account_ids requires kms_key: other accounts cannot use the key",
    "The settings of inspector aws-context are too long: Lambda allows 4,096 bytes of environment variables, and",
    "inspector layered has 6 layers, and Lambda allows 5: those of AlertResponder (2) and those in layer_arns.",
    'policy is invalid:\n- rules[0].severity (x) must be one of safe, unclassified, urgent; got "high"',
    "There is no file nowhere.zip for lambda_package. Run `make package`",
    f"AWS is not known to publish a Powertools layer in {ELSEWHERE} (partition aws-cn). Set lambda_layer_arns",
]


def _cases(refused: list[Refused]) -> dict[str, Case]:
    return {
        f"case_{number}": Case(
            f"modules/{case.module}" if case.module else "", REQUIRED.get(case.module, {}) | case.variables
        )
        for number, case in enumerate(refused)
    }


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    """Terraform's messages by case; it reports all errors together."""
    return refusals(code / "refused", _cases(REFUSED), terraform_environment)


@pytest.fixture(scope="module")
def plan_messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    return refusals(code / "refused-while-planning", _cases(REFUSED_WHILE_PLANNING), terraform_environment)


@pytest.fixture(scope="module")
def resource_messages(code: Path, terraform_environment: dict[str, str]) -> str:
    messages = Configuration(code / "refused-by-resources", REFUSED_BY_RESOURCES, terraform_environment).refusals()
    return "\n".join(messages.values())


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=lambda number: f"{REFUSED[number].module}-{number}")
def test_invalid_value_is_rejected_with_the_allowed_values(messages: dict[str, str], number: int) -> None:
    assert REFUSED[number].message in messages[f"case_{number}"], REFUSED[number].variables


@pytest.mark.parametrize("number", range(len(REFUSED_WHILE_PLANNING)))
def test_invalid_value_is_rejected_during_the_plan(plan_messages: dict[str, str], number: int) -> None:
    case = REFUSED_WHILE_PLANNING[number]

    assert case.message in plan_messages[f"case_{number}"], case.variables


@pytest.mark.parametrize("message", MESSAGES)
def test_resources_reject_invalid_values_with_the_reason(resource_messages: str, message: str) -> None:
    assert message in resource_messages


@pytest.mark.parametrize("module", ["", *REQUIRED])
def test_every_validation_has_a_case(
    messages: dict[str, str], plan_messages: dict[str, str], resource_messages: str, module: str
) -> None:
    folder = tables.ROOT / "modules" / module if module else tables.ROOT
    answers = [messages[f"case_{number}"] for number, case in enumerate(REFUSED) if case.module == module]
    answers += [
        plan_messages[f"case_{number}"] for number, case in enumerate(REFUSED_WHILE_PLANNING) if case.module == module
    ]
    answers += [] if module else [resource_messages]
    for name, variable in tables.blocks(folder, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            # What Terraform puts in between ${ and } may be anything.
            pattern = ".+?".join(map(re.escape, re.split(r"\$\{.*?\}", text)))
            assert any(re.search(pattern, answer) for answer in answers), f"no case of {name} has the message: {text}"
