"""Amazon ECR: an image was scanned, by basic scanning (ECR) or enhanced scanning (Inspector), from EventBridge.

Format: https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
Inspector, which also scans instances: https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
"""

from typing import Any

_COUNTS = '"finding-severity-counts"'

# The worst level that occurs; a count may be 0, and there is a TOTAL.
_WORST = " || ".join(
    f"{_COUNTS}.{level} > `0` && '{level}'"
    for level in ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNTRIAGED", "UNDEFINED")
)

# Enhanced scanning has the repository's ARN here.
_REPOSITORY = "(split(\"repository-name\", ':repository/') | [-1])"
_IMAGE = f"join('@', known([{_REPOSITORY}, \"image-digest\"]))"

_TAGS = "\"image-tags\" && join('', ['(', join(', ', known(\"image-tags\")), ')'])"

_IMAGE_SCAN: dict[str, Any] = {
    "match": '"scan-status" && "repository-name" && ("image-digest" || "image-tags")',
    "detector": "'ecr'",
    "rule_id": "'vulnerable-image'",
    "rule_name": "'Vulnerable image'",
    "alert_key": f"join('/', known([_envelope.account, _envelope.region, {_IMAGE}]))",
    "description": f"join(' ', known(['scan', \"scan-status\", 'of', {_REPOSITORY}, {_TAGS},"
    f" {_COUNTS} && to_string({_COUNTS})]))",
    "severity": f"{_WORST} || null",
    # A complete scan that found nothing, in an image that the key names.
    "status": f'("image-digest" || "instance-id") && !({_WORST})'
    " && contains(\"scan-status\", 'COMPLETE') && 'passed' || null",
    "attributes": [
        {"type": "image", "key": "image", "value": _IMAGE, "context": ["local", "object"]},
        {
            "type": "identifier",
            "key": "repository",
            "value": "[\"repository-name\", _envelope.resources][] | [?starts_with(@, 'arn:')]",
            "context": ["local", "object"],
        },
        {"type": "account", "key": "account", "value": "_envelope.account", "context": ["local"]},
    ],
}

MAPPINGS: list[dict[str, Any]] = [
    _IMAGE_SCAN,
    {
        **_IMAGE_SCAN,
        "name": "inspector-instance-scan",
        "match": f'"scan-status" && "instance-id" && type({_COUNTS}) == \'object\'',
        "detector": "'inspector'",
        "rule_id": "'vulnerable-instance'",
        "rule_name": "'Vulnerable instance'",
        "alert_key": '"instance-id"',
        "description": f"join(' ', known(['scan', \"scan-status\", 'of', \"instance-id\", to_string({_COUNTS})]))",
        "attributes": [
            {"type": "instance", "key": "instance", "value": '"instance-id"', "context": ["local", "object"]},
            {"type": "account", "key": "account", "value": "_envelope.account", "context": ["local"]},
        ],
    },
]
