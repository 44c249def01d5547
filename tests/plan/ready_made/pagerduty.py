"""Cases of `modules/pagerduty`."""

from tests.plan.ready_made import ReadyMade, Refused

_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:pagerduty-AbCdEf"

MODULE = ReadyMade(
    module="pagerduty",
    kind="emitter",
    required={"secret_arn": _SECRET},
    variants={
        "all": {
            "name": "pager",
            "api_url": "https://events.eu.pagerduty.com",
            "severities": ["urgent", "unclassified"],
            "pagerduty_severities": {"urgent": "error"},
            "detectors": ["vpn"],
            "labels": ["network"],
            "enabled": False,
            "secret_kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0000",
        },
    },
    refused=(
        Refused(
            {"api_url": "http://events.pagerduty.com"},
            "api_url must be a URL that begins with https://, without credentials",
        ),
        Refused({"secret_arn": "pagerduty"}, "secret_arn must be the ARN of a secret in Secrets Manager"),
        Refused({"severities": []}, "severities must contain at least one of safe, unclassified and"),
        Refused({"severities": ["bad"]}, "severities must contain at least one of safe, unclassified and"),
        Refused(
            {"pagerduty_severities": {"urgent": "high"}},
            "Values of pagerduty_severities must be critical, error, warning or",
        ),
    ),
)
