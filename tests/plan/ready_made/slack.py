"""Cases of `modules/slack`."""

from tests.plan.ready_made import ReadyMade, Refused

_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf"

MODULE = ReadyMade(
    module="slack",
    kind="emitter",
    required={"secret_arn": _SECRET, "channel_id": "C0123456789"},
    variants={
        "webhook": {"channel_id": None},
        "all": {
            "name": "chat",
            "api_url": "https://slack-gov.com/api",
            "severities": ["urgent"],
            "detectors": ["vpn"],
            "labels": ["network"],
            "enabled": False,
            "secret_kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0000",
        },
    },
    refused=(
        Refused({"channel_id": "#alerts"}, "channel_id must be the id of a channel"),
        Refused(
            {"api_url": "http://slack.com/api"}, "api_url must be a URL that begins with https://, without credentials"
        ),
        Refused({"secret_arn": "slack"}, "secret_arn must be the ARN of a secret in Secrets Manager"),
    ),
)
