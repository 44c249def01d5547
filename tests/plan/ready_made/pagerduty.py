"""Cases of `modules/pagerduty`."""

from tests.plan.ready_made import ReadyMade, Refused

_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pagerduty-AbCdEf"
_LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:pagerduty:1"

MODULE = ReadyMade(
    module="pagerduty",
    kind="emitter",
    required={"secret_arn": _SECRET, "layer_arn": _LAYER},
    variants={
        "all": {
            "name": "pager",
            "api_url": "https://events.eu.pagerduty.com",
            "severities": ["urgent", "unclassified"],
            "pagerduty_severities": {"urgent": "error"},
            "detectors": ["vpn"],
            "enabled": False,
            "secret_kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0000",
        },
    },
    refused=(
        Refused({"layer_arn": None}, "Set layer_arn: run make layers in AlertResponder's repository, publish"),
        Refused({"api_url": "http://events.pagerduty.com"}, "Use an address that begins with https:// for api_url"),
        Refused({"secret_arn": "pagerduty"}, "Use the ARN of a secret in Secrets Manager for secret_arn."),
        Refused({"severities": []}, "Use at least one of safe, unclassified and urgent for severities."),
        Refused({"severities": ["bad"]}, "Use at least one of safe, unclassified and urgent for severities."),
        Refused(
            {"pagerduty_severities": {"urgent": "high"}},
            "Use critical, error, warning and info for pagerduty_severities.",
        ),
    ),
)
