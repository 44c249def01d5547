"""What a cold start imports: for each function a written list of our modules, and nothing heavy beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "lambda"

COMMON = {
    "": "errors settings",
    "adapters": "archive dynamodb expressions retrying",
    "bootstrap": "common",
    "contracts": "alert base",
    "domain": "admission attributes capping free_text identifiers lenient missing records",
    "handlers": "observability",
    "store": "items keys table",
    "usecases": "ports",
}

MODULES = {
    "receptor": {
        "adapters": "workflow",
        "bootstrap": "receptor",
        "domain": "aggregation gravity instants particulars severities sources stream times",
        "formats": "aws_activity controls copies envelope extraction first fitting guardduty identity lenient_json "
        "native ocsf reasons record securityhub shipped strict_json",
        "handlers": "receptor time_limit",
        "store": "admission reports tries windows",
        "usecases": "admission batch capping ensure intake isolation overflow receive",
    },
    "coordinator": {
        "adapters": "plugins workflow",
        "bootstrap": "calling coordinator",
        "contracts": "emission inspection plugin report review",
        "domain": "addresses aggregation compiling completeness deadlines decoding delivering digest egress emissions "
        "essence gravity instants internal judging last_resort material mentions overflow overview "
        "particulars planning remarks severities sharing sources stream times top_level truncating unasked unseen "
        "verdicts weighing",
        "handlers": "coordinator",
        "store": "deliveries ledger registry reports",
        "usecases": "archiving close ensure plan publishing review sweep",
    },
    "runner": {
        "adapters": "links plugins",
        "bootstrap": "calling runner",
        "contracts": "emission inspection review",
        "domain": "deadlines delivering judging quota",
        "handlers": "runner",
        "store": "deliveries ledger quotas",
        "usecases": "emit inspect turns",
    },
}
"""By package, beside what is common. `judging` brings the models of all answers, a few lines each."""

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
    """Import a handler in a fresh interpreter and list every module there is."""
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
def test_a_function_imports_what_it_uses_and_no_more(function: str) -> None:
    found = imported(function)
    wanted = listed(COMMON, MODULES[function])
    packages = {name.rpartition(".")[0] for name in wanted}
    ours = {name for name in found if name.startswith("alert_responder.")}
    assert ours - packages == wanted
    assert not [name for name in found if name.startswith(tuple(HEAVY))]
    assert {"boto3", "pydantic", "aws_lambda_powertools"} <= found
