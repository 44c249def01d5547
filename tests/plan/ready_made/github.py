"""Cases of `modules/github`."""

from tests.plan.ready_made import ReadyMade, Refused

_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:github-AbCdEf"

MODULE = ReadyMade(
    module="github",
    kind="emitter",
    required={"secret_arn": _SECRET, "repository": "example/incidents"},
    variants={
        "all": {
            "name": "tracker",
            "base_url": "https://github.example.com/api/v3",
            "label_prefix": "",
            "severities": ["urgent"],
            "detectors": ["vpn"],
            "labels": ["network"],
            "enabled": False,
            "secret_kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0000",
        },
        "local": {"base_url": "http://127.0.0.1:8080"},
    },
    refused=(
        Refused({"repository": "https://github.com/example/incidents"}, "repository must be owner/name"),
        Refused(
            {"base_url": "http://github.example.com"},
            "base_url must be a URL that begins with https://, without credentials",
        ),
        Refused({"label_prefix": "one, two"}, "label_prefix must have at most 38 characters and no commas or line"),
        Refused({"label_prefix": "x" * 39}, "label_prefix must have at most 38 characters and no commas or line"),
        Refused({"secret_arn": "github"}, "secret_arn must be the ARN of a secret in Secrets Manager"),
    ),
)
