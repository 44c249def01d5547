"""One copy of the code for all tests, and the plans that several tests share."""

import json
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.plan import state, tables
from tests.plan.definition import rendered
from tests.plan.harness import REGION, Case, Configuration, Planned, arn, planned
from tools.terraform import copy_module, environment

INTERFACE = {
    "account_id": "111122223333",
    "alert_stream_arn": arn("kinesis", "stream/secops"),
    "coordinator_role_name": f"secops-coordinator-{REGION}",
    "name": "secops",
    "partition": "aws",
    "region": REGION,
    "runner_role_name": f"secops-runner-{REGION}",
    "table_arn": arn("dynamodb", "table/secops"),
    "table_name": "secops",
    "kms_key_arn": None,
    "lambda_architecture": "arm64",
    "layer_arns": [arn("lambda", "layer:tools:3"), arn("lambda", "layer:secops-kit:1")],
    "log_retention_days": 365,
    "permissions_boundary_arn": None,
    "tags": {"team": "security"},
    "verified_stream_arn": None,
}
FUNCTION_ARN = arn("lambda", "function:plug-in", account="444455556666")

EXAMPLE_FORMATS = [
    json.loads(path.read_bytes()) for path in sorted((tables.ROOT / "examples" / "formats").glob("*.json"))
]

# One plan for all options that can be combined, each with a value other than its default.
OPTIONS = {
    "administrator_accounts": ["222222222222"],
    "aggregation_window_seconds": 600,
    "alarm_actions": [arn("sns", "alarms")],
    "batch_size": 100,
    "batch_window_seconds": 5,
    "deletion_protection": False,
    "custom_formats": [
        {
            "name": "edr",
            "match": "threat && type == 'it''s (a] threat'".replace("''", "\\'"),
            "detector": "'edr'",
            "rule_id": "threat.rule",
            "attributes": [{"type": "ipaddr", "value": 'connections[]."peer\'"', "context": ["remote"]}],
        },
        *EXAMPLE_FORMATS,
    ],
    "coordinator_reserved_concurrency": 30,
    "inspection_concurrency": 4,
    "inspection_delay_seconds": 0,
    "inspection_timeout_seconds": 840,
    "internal_domains": ["Corp.Example.com", "acme", "corp.example.com"],
    "internal_networks": ["2001:DB8::1/32", "198.51.100.7/24", "10.0.0.0/8", "::ffff:192.0.2.0/120"],
    "lambda_architecture": "x86_64",
    "lambda_layer_arns": [arn("lambda", "layer:tools:3")],
    "lambda_package": {"s3_bucket": "releases", "s3_key": "alert_responder.zip", "s3_object_version": "7"},
    "log_retention_days": 30,
    "max_inspection_depth": 0,
    "max_inspections_per_report": 20,
    "max_new_reports_per_hour": {"per_detector": 30, "per_installation": None},
    "monitoring": {
        "dashboard": False,
        "deliveries_failed": 2,
        "function_errors": 3,
        "function_throttles": 4,
        "inspections_failed": 5,
        "inspections_throttled": 6,
        "iterator_age_seconds": 60,
        "rejected_alerts": 7,
        "reviews_failed": 8,
        "stream_throttles": 11,
    },
    "name": "secops",
    "parallelization_factor": 10,
    "permissions_boundary_arn": arn("iam", "policy/boundary", region=""),
    "report_link_type": "none",
    "report_retention_days": 10,
    "runner_reserved_concurrency": 25,
    "stream_mode": "ON_DEMAND",
    "stream_retention_hours": 48,
    "tags": {"team": "security"},
    "update_interval_seconds": 60,
    "verified_stream": True,
}
# The accepted ends of the ranges.
LOWEST = {
    "aggregation_window_seconds": 1,
    "batch_size": 1,
    "batch_window_seconds": 0,
    "coordinator_reserved_concurrency": 1,
    "inspection_concurrency": 1,
    "inspection_delay_seconds": 0,
    "inspection_timeout_seconds": 1,
    "log_retention_days": 1,
    "max_inspection_depth": 0,
    "max_inspections_per_report": 1,
    "max_new_reports_per_hour": {"per_detector": 1, "per_installation": 1},
    "name": "abc",
    "parallelization_factor": 1,
    "report_retention_days": 3,
    "runner_reserved_concurrency": 1,
    "stream_retention_hours": 24,
    "stream_shard_count": 1,
    "update_interval_seconds": 0,
}
HIGHEST = {
    "aggregation_window_seconds": 604800,
    "batch_size": 10000,
    "batch_window_seconds": 300,
    "coordinator_reserved_concurrency": 1000,
    "inspection_concurrency": 40,
    "inspection_delay_seconds": 3600,
    "inspection_timeout_seconds": 840,
    "log_retention_days": 3653,
    "max_inspection_depth": 5,
    "max_inspections_per_report": 500,
    "max_new_reports_per_hour": {"per_detector": 1000000, "per_installation": 1000000},
    "name": "a" * 36,
    "parallelization_factor": 10,
    "report_retention_days": 3650,
    "runner_reserved_concurrency": 1000,
    "stream_retention_hours": 8760,
    "stream_shard_count": 200,
    "update_interval_seconds": 86400,
}
KEY_ARN = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")

# The required inputs of the modules that attach plug-ins.
REQUIRED: dict[str, dict[str, Any]] = {
    "emitter": {"alert_responder": INTERFACE, "function_arn": FUNCTION_ARN, "name": "pager"},
    "inspector": {"alert_responder": INTERFACE, "function_arn": FUNCTION_ARN, "name": "whois"},
    "reviewer": {"alert_responder": INTERFACE, "function_arn": FUNCTION_ARN},
}


def plug_in(kind: str, **variables: Any) -> Case:
    """Make a case of a module that attaches a plug-in."""
    return Case(f"modules/{kind}", REQUIRED[kind] | variables)


def existing(outputs: tuple[str, ...] = (), **variables: Any) -> Case:
    """Make a case of an existing installation that gets new code."""
    return Case(variables=variables, outputs=outputs, state=state.installation(), targets=state.TARGETS)


POLICIES = ("kms_key_policy_json", "producer_policy_json")
KNOWN = {
    "known": existing(POLICIES),
    "known_encrypted": existing(POLICIES, kms_key={"arn": KEY_ARN}),
    "known_presigned": existing(report_link_type="presigned", max_new_reports_per_hour=None),
}
CASES = {
    **KNOWN,
    "defaults": Case(outputs=("alarm_names", "dashboard_name")),
    "unwatched": Case(variables={"monitoring": {"enabled": False}}, outputs=("alarm_names", "dashboard_name")),
    "options": Case(variables=OPTIONS),
    "encrypted": Case(variables={"kms_key": {"arn": KEY_ARN}}),
    "lowest": Case(variables=LOWEST),
    "highest": Case(variables=HIGHEST),
    # Another partition: its provider takes seconds to start.
    "own_layer": Case(region="cn-northwest-1", variables={"lambda_layer_arns": []}),
    **{kind: plug_in(kind) for kind in REQUIRED},
    **{f"{kind}_alias": plug_in(kind, function_arn=f"{FUNCTION_ARN}:live") for kind in REQUIRED},
    "inspector_version": plug_in("inspector", function_arn=f"{FUNCTION_ARN}:7"),
    "inspector_latest": plug_in("inspector", function_arn=f"{FUNCTION_ARN}:$LATEST"),
    "inspector_filtered": plug_in(
        "inspector",
        attribute_types=["ipaddr", "domain", "ipaddr"],
        cache_empty_seconds=600,
        cache_seconds=2592000,
        contexts=["server", "remote"],
        detectors=["b", "a"],
        enabled=False,
        external={"allow_internal": True, "allow_query": True},
        max_per_minute=10000,
        batch_types=["domain"],
        per_account=True,
    ),
    "inspector_external": plug_in("inspector", external={}, max_per_minute=1),
    "inspector_batched": plug_in("inspector", batch_size=100, batch_types=["ipaddr", "domain"], max_per_day=10000000),
    "emitter_filtered": plug_in(
        "emitter", detectors=["b", "a"], enabled=False, labels=["team_b", "a-1", "a-1"], severities=["urgent", "safe"]
    ),
}


@pytest.fixture(scope="session")
def terraform_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all Terraform code; configurations that use it are created directly below."""
    return copy_module(tmp_path_factory.mktemp("code"))


@pytest.fixture(scope="session")
def definition(code: Path, terraform_environment: dict[str, str]) -> dict[str, Any]:
    """The state machine's definition."""
    return rendered(code, terraform_environment)


@pytest.fixture(scope="session")
def plan(
    request: pytest.FixtureRequest, code: Path, terraform_environment: dict[str, str]
) -> tftest.TerraformPlanOutput:
    """One plan of all cases in this run: those in ``CASES`` of each test file, or else those here.

    A file that writes the code of its cases has a function ``prepare``, which receives the copy of the code.
    """
    tests = [item for item in request.session.items if isinstance(item, pytest.Function)]
    files = {test.module.__name__: test.module for test in tests if "plan" in test.fixturenames}
    cases: dict[str, Case] = {}
    for file in files.values():
        found = getattr(file, "CASES", CASES)
        assert all(cases.get(name, case) == case for name, case in found.items()), (
            f"{file} has another case with the same name"
        )
        cases |= found
        if hasattr(file, "prepare"):
            file.prepare(code)
    return Configuration(code / "cases", cases, terraform_environment).plan()


@pytest.fixture(scope="session")
def defaults(plan: tftest.TerraformPlanOutput) -> Planned:
    return planned(plan, "defaults")


@pytest.fixture(scope="session")
def options(plan: tftest.TerraformPlanOutput) -> Planned:
    return planned(plan, "options")


@pytest.fixture(scope="session")
def encrypted(plan: tftest.TerraformPlanOutput) -> Planned:
    return planned(plan, "encrypted")


@pytest.fixture(scope="session")
def known(plan: tftest.TerraformPlanOutput) -> Planned:
    """Changes of new code to an existing installation: all ARNs and policies are known."""
    return planned(plan, "known")


@pytest.fixture(scope="session")
def known_encrypted(plan: tftest.TerraformPlanOutput) -> Planned:
    """The same with a key."""
    return planned(plan, "known_encrypted")


@pytest.fixture(scope="session")
def known_presigned(plan: tftest.TerraformPlanOutput) -> Planned:
    """The same with presigned links."""
    return planned(plan, "known_presigned")
