"""Modules that a cold start imports: a list for each function, and no heavy third-party modules."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "lambda"

COMMON = {
    "": "errors settings",
    "adapters": "archive aws_errors dynamodb expressions",
    "bootstrap": "common",
    "contracts": "alert base primitives",
    "domain": "admission attributes report_caps free_text identifiers lenient_forms missing_attributes records",
    "handlers": "observability",
    "store": "items keys table",
    "usecases": "ports",
}

MODULES = {
    "receptor": {
        "": "kinesis_records",
        "adapters": "workflow",
        "bootstrap": "receptor",
        "domain": "aggregation alert_ranking body_details chain instants origin severities sources stream",
        "formats": "alert_builder aws_activity aws_calls cloudtrail envelope extraction finding_state guardduty "
        "identity legacy lenient_json messages native nested_text ocsf ocsf_copies ocsf_evidence "
        "ocsf_fields placeholders product_fields record "
        "registry securityhub securityhub_controls securityhub_copies securityhub_resources session_names strict_json",
        "handlers": "receptor time_limit",
        "store": "admission archive_keys reports tries windows",
        "usecases": "admission batch counted_alerts intake overflow receive start_round",
    },
    "coordinator": {
        "adapters": "plugins workflow",
        "bootstrap": "coordinator plugin_caller",
        "contracts": "inspection plugin report",
        "domain": "activities addresses aggregation alert_ranking aws_names body_details chain compilation "
        "completeness deadlines decoder deliveries delivery_history derived_attributes digest directory doctor_mark "
        "egress essence instants internal invisible_characters last_resort lookup_batches lookup_plan lookup_shares "
        "material memory_limits mentions overflow overview plugin_answers remarks severities sides skipped_attributes "
        "sources stream suppressions top_level truncation verdicts",
        "handlers": "coordinator",
        "store": "archive_keys deliveries directory ledger registry reports windows",
        "usecases": "archive close directory plan publication review start_round sweep",
    },
    "runner": {
        "adapters": "links plugins",
        "bootstrap": "plugin_caller runner",
        "contracts": "inspection report",
        "domain": "deadlines deliveries lookup_batches plugin_answers quota",
        "handlers": "runner",
        "store": "deliveries ledger quotas",
        "usecases": "emit inspect rate_limit",
    },
}
"""By package, beside what is common. `plugin_answers` brings the models of all answers, a few lines each."""

HEAVY = [
    "aws_lambda_powertools.utilities.idempotency",
    "aws_xray_sdk",
    "boto3.dynamodb.conditions",
    "email_validator",
    "jinja2",
    "jsonschema",
    "numpy",
    "requests",
    "unittest",
    "xmlrpc",
]


def imported(function: str) -> set[str]:
    """Import a handler in a new interpreter and list all loaded modules."""
    code = f"import json, sys, alert_responder.handlers.{function}; print(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.defpath, "PYTHONPATH": str(SOURCES)},
    )
    return set(json.loads(run.stdout))


def listed(*parts: dict[str, str]) -> set[str]:
    return {
        ".".join(filter(None, ("alert_responder", package, module)))
        for part in parts
        for package, modules in part.items()
        for module in modules.split()
    }


@pytest.mark.parametrize("function", MODULES)
def test_a_function_imports_only_the_listed_modules(function: str) -> None:
    found = imported(function)
    wanted = listed(COMMON, MODULES[function])
    packages = {name.rpartition(".")[0] for name in wanted}
    ours = {name for name in found if name.startswith("alert_responder.")}
    assert ours - packages == wanted
    assert not [name for name in found if name.startswith(tuple(HEAVY))]
    assert {"boto3", "pydantic", "aws_lambda_powertools"} <= found
