"""The module that puts documents posted over HTTP on the stream."""

from pathlib import Path
from typing import Any

import pytest
import tftest

from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.webhook.settings import WebhookSettings
from tests.plan import state, tables
from tests.plan.conftest import INTERFACE, KEY_ARN
from tests.plan.harness import Case, arn, changes, statements
from tests.plan.inputs import refusals
from tools.paths import ROOT

MODULE = "modules/webhook-source"
SECRET = arn("secretsmanager", "secret:webhook-AbCdEf")
FUNCTION = "module.function.aws_lambda_function.this"
QUEUE = "secops-source-webhook-dead-letters"
POLICY = "module.function.aws_iam_role_policy.this"
VARIANTS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "all": {"alert_responder": INTERFACE | {"kms_key_arn": KEY_ARN, "name": "a" * 36}, "name": "b" * 20}
    | {"alarm_actions": [arn("sns", "alarms")], "max_requests_per_second": 1000, "reserved_concurrency": 5}
    | {"secret_header": "X-Api-Key", "secret_kms_key_arn": KEY_ARN},
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"alarm_actions": ["alarms"]}, "alarm_actions must contain at most 5 full ARNs"),
    *(
        ({"max_requests_per_second": value}, "max_requests_per_second must be a whole number from 1 to 1000")
        for value in (0, 1001, 1.5)
    ),
    ({"name": "b" * 21}, "name must have 1 to 20 lower-case letters, digits and single hyphens"),
    *(
        ({"reserved_concurrency": value}, "reserved_concurrency must be null or a whole number from 1 to 1000")
        for value in (0, 1001, 1.5)
    ),
    ({"secret_arn": "webhook"}, "secret_arn must be the ARN of a secret in Secrets Manager"),
    *(({"secret_header": value}, "secret_header must be null or have 1 to 64 letters,") for value in ("", "a b")),
]
REQUIRED = {"alert_responder": INTERFACE, "secret_arn": SECRET}
CASES = {f"webhook_{name}": Case(MODULE, {**REQUIRED, **variables}) for name, variables in VARIANTS.items()} | {
    "webhook_known": Case(
        MODULE,
        {**REQUIRED, "secret_header": "X-Api-Key"},
        state=(*state.function_logs("secops-source-webhook"), state.queue(QUEUE, "dead_letters")),
    )
}


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    cases = {f"case_{n}": Case(MODULE, {**REQUIRED, **variables}) for n, (variables, _) in enumerate(REFUSED)}
    return refusals(code / "webhook-refused", cases, terraform_environment)


def planned(plan: tftest.TerraformPlanOutput, case: str, address: str) -> dict[str, Any]:
    found: dict[str, Any] = changes(plan, f"webhook_{case}")[address]["after"]
    return found


def test_names_are_not_too_long(plan: tftest.TerraformPlanOutput) -> None:
    made = changes(plan, "webhook_all")
    for address, name in ((FUNCTION, "function_name"), ("module.function.aws_iam_role.this", "name")):
        assert len(made[address]["after"][name]) <= 64
    assert len(made["aws_sqs_queue.dead_letters"]["after"]["name"]) <= 80


def test_requests_are_limited(plan: tftest.TerraformPlanOutput) -> None:
    for case, rate, concurrency in (("defaults", 25, None), ("all", 1000, 5)):
        (settings,) = planned(plan, case, "aws_apigatewayv2_stage.this")["default_route_settings"]
        assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (rate, 2 * rate)
        function = planned(plan, case, FUNCTION)
        assert (function["reserved_concurrent_executions"] or -1) == (concurrency or -1)


def test_every_method_and_path_reaches_the_function(plan: tftest.TerraformPlanOutput) -> None:
    assert planned(plan, "defaults", "aws_apigatewayv2_route.all")["route_key"] == "$default"
    integration = planned(plan, "defaults", "aws_apigatewayv2_integration.function")
    assert integration["payload_format_version"] == "2.0"
    assert integration["timeout_milliseconds"] / 1000 > planned(plan, "defaults", FUNCTION)["timeout"]


def test_only_the_api_may_call_the_function(plan: tftest.TerraformPlanOutput) -> None:
    made = changes(plan, "webhook_defaults")
    (permission,) = [each["after"] for address, each in made.items() if "aws_lambda_permission" in address]
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert not [address for address in made if "function_url" in address]


def test_role_may_put_alerts_keep_dead_letters_and_read_the_secret(plan: tftest.TerraformPlanOutput) -> None:
    found = {
        action: statement["Resource"]
        for statement in statements(planned(plan, "known", POLICY)["policy"])
        for action in statement["Action"]
    }
    logs = found.pop("logs:PutLogEvents"), found.pop("logs:CreateLogStream")
    assert logs == ([arn("logs", "log-group:/aws/lambda/secops-source-webhook:*")],) * 2
    assert found == {
        "kinesis:PutRecord": [INTERFACE["alert_stream_arn"]],
        "sqs:SendMessage": [arn("sqs", QUEUE)],
        "secretsmanager:GetSecretValue": [SECRET],
    }


def test_settings_are_those_that_the_code_reads(plan: tftest.TerraformPlanOutput) -> None:
    (environment,) = planned(plan, "known", FUNCTION)["environment"]
    variables = environment["variables"]
    settings = read_settings(WebhookSettings, variables)
    assert settings.model_dump(by_alias=True).keys() == variables.keys() - {"LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"}
    assert settings.secret_header == "x-api-key"


def test_dead_letters_are_kept_whole_for_14_days(plan: tftest.TerraformPlanOutput) -> None:
    queue = planned(plan, "defaults", "aws_sqs_queue.dead_letters")
    assert queue["message_retention_seconds"] == 14 * 86_400
    assert queue["sqs_managed_sse_enabled"] is True


def test_alarms_watch_the_queue_and_failed_requests(plan: tftest.TerraformPlanOutput) -> None:
    alarms = [each["after"] for address, each in changes(plan, "webhook_all").items() if "metric_alarm" in address]
    assert {(alarm["namespace"], alarm["metric_name"]) for alarm in alarms} == {
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/ApiGateway", "5xx"),
    }
    assert all(alarm["alarm_actions"] == [arn("sns", "alarms")] for alarm in alarms)
    assert all(len(alarm["alarm_name"]) <= 255 for alarm in alarms)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_invalid_value_is_rejected_with_the_allowed_values(messages: dict[str, str], number: int) -> None:
    assert REFUSED[number][1] in messages[f"case_{number}"]


def test_every_validation_has_a_case() -> None:
    for name, variable in tables.blocks(ROOT / MODULE, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for _, message in REFUSED), f"no case of {name} has the message: {text}"
