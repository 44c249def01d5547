"""One copy of the code for all tests, and the plans that several of them look at."""

from pathlib import Path

import pytest
import tftest

from tests.plan import state
from tests.plan.harness import REGION, Configuration, arn
from tools.terraform import copy_module, environment

INTERFACE = {
    "account_id": "111122223333",
    "coordinator_role_name": f"secops-coordinator-{REGION}",
    "name": "secops",
    "partition": "aws",
    "region": REGION,
    "runner_role_name": f"secops-runner-{REGION}",
    "table_name": "secops",
}
FUNCTION_ARN = arn("lambda", "function:plug-in", account="444455556666")

# One plan for all options that get along, each with another value than its default.
OPTIONS = {
    "aggregation_window_seconds": 600,
    "alarm_actions": [arn("sns", "alarms")],
    "batch_size": 100,
    "batch_window_seconds": 5,
    "deletion_protection": False,
    "inspection_concurrency": 4,
    "inspection_delay_seconds": 0,
    "inspection_timeout_seconds": 840,
    "lambda_architecture": "x86_64",
    "lambda_layer_arns": [arn("lambda", "layer:tools:3")],
    "lambda_package": {"s3_bucket": "releases", "s3_key": "alert_responder.zip", "s3_object_version": "7"},
    "log_retention_days": 30,
    "max_inspection_depth": 0,
    "max_inspections_per_report": 20,
    "name": "secops",
    "parallelization_factor": 10,
    "permissions_boundary_arn": arn("iam", "policy/boundary", region=""),
    "report_retention_days": 10,
    "runner_reserved_concurrency": 25,
    "stream_mode": "ON_DEMAND",
    "stream_retention_hours": 48,
    "tags": {"team": "security"},
    "update_interval_seconds": 60,
}
KEY_ARN = arn("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab")


@pytest.fixture(scope="session")
def terraform_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all the Terraform code in which examples and documents are planned; its modules stay as they are."""
    return copy_module(tmp_path_factory.mktemp("code"))


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]) -> Configuration:
    """The root module, planned by itself."""
    return Configuration(copy_module(tmp_path_factory.mktemp("root")), terraform_environment)


@pytest.fixture(scope="session")
def plug_in_modules(
    tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]
) -> dict[str, Configuration]:
    """The modules that attach plug-ins, planned by themselves, with what they need at least."""
    folder = copy_module(tmp_path_factory.mktemp("modules")) / "modules"
    required = {"alert_responder": INTERFACE, "function_arn": FUNCTION_ARN}
    return {
        "emitter": Configuration(folder / "emitter", terraform_environment, required | {"name": "pager"}),
        "inspector": Configuration(folder / "inspector", terraform_environment, required | {"name": "whois"}),
        "reviewer": Configuration(folder / "reviewer", terraform_environment, required),
    }


@pytest.fixture(scope="session")
def defaults(root: Configuration) -> tftest.TerraformPlanOutput:
    return root.plan()


@pytest.fixture(scope="session")
def options(root: Configuration) -> tftest.TerraformPlanOutput:
    return root.plan(OPTIONS)


@pytest.fixture(scope="session")
def encrypted(root: Configuration) -> tftest.TerraformPlanOutput:
    return root.plan({"kms_key": {"arn": KEY_ARN}})


@pytest.fixture(scope="session")
def known(root: Configuration, tmp_path_factory: pytest.TempPathFactory) -> tftest.TerraformPlanOutput:
    """A plan for an installation that is there, with new code: all ARNs and policies are known."""
    return root.plan(state=state.write(tmp_path_factory.mktemp("state") / "known.tfstate"), targets=state.TARGETS)


@pytest.fixture(scope="session")
def known_encrypted(root: Configuration, tmp_path_factory: pytest.TempPathFactory) -> tftest.TerraformPlanOutput:
    """The same with a key and the longest settings."""
    path = state.write(tmp_path_factory.mktemp("state") / "encrypted.tfstate")
    return root.plan({"kms_key": {"arn": KEY_ARN}}, state=path, targets=state.TARGETS)
