"""Cases of `modules/github`."""

from tests.plan.ready_made import ReadyMade, Refused

_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:github-AbCdEf"
_LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:github:1"

MODULE = ReadyMade(
    module="github",
    kind="emitter",
    required={"secret_arn": _SECRET, "layer_arn": _LAYER, "repository": "example/incidents"},
    variants={
        "all": {
            "name": "tracker",
            "base_url": "https://github.example.com/api/v3",
            "label_prefix": "",
            "severities": ["urgent"],
            "detectors": ["vpn"],
            "enabled": False,
            "secret_kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0000",
        },
        "local": {"base_url": "http://127.0.0.1:8080"},
    },
    refused=(
        Refused({"layer_arn": None}, "Set layer_arn: run make layers in AlertResponder's repository, publish"),
        Refused({"repository": "https://github.com/example/incidents"}, "Use owner/name for repository, such as"),
        Refused({"base_url": "http://github.example.com"}, "Use an address that begins with https:// for base_url"),
        Refused({"label_prefix": "one, two"}, "Use at most 38 characters without commas and ends of lines"),
        Refused({"label_prefix": "x" * 39}, "Use at most 38 characters without commas and ends of lines"),
        Refused({"secret_arn": "github"}, "Use the ARN of a secret in Secrets Manager for secret_arn."),
    ),
)
