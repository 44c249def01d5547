"""AWS Trusted Advisor: the status of a check for a resource changed, from EventBridge.

Format: https://docs.aws.amazon.com/awssupport/latest/user/cloudwatch-events-ta.html
"""

from typing import Any

_CHECK, _ITEM = '"check-name"', '"check-item-detail"'

# The columns of the security checks; limits have a service and the limited thing.
_COLUMNS = '"Access Key ID", "Instance ID", "Security Group ID", "Bucket Name", "Resource"'
_RESOURCE = f"(known([resource_id, {_ITEM}.[{_COLUMNS}][]][]) | [0])"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": f"{_CHECK} && status && (resource_id || uuid || type({_ITEM}) == 'object')",
        "detector": "'trusted-advisor'",
        "rule_id": _CHECK,
        "alert_key": f"join('/', known([_envelope.account, {_ITEM}.Region"
        f' || {_ITEM}."Region/AZ", {_RESOURCE}, {_ITEM}.Service, {_ITEM}."Limit Name"]))',
        "description": f"join(' ', known([{_CHECK}, 'has the status', status, {_RESOURCE} && 'for', {_RESOURCE}]))",
        "severity": "status",
        # Without the name of the item, a good one would resolve the bad ones of the check.
        "status": f'({_RESOURCE} || {_ITEM}."Limit Name") && status || null',
        "attributes": [
            {
                "type": "identifier",
                "key": "resource",
                "value": f"[resource_id, {_ITEM}.[{_COLUMNS}]]",
                "context": ["local", "object"],
            },
            {
                "type": "username",
                "key": "user",
                "value": f'{_ITEM}.["User Name (IAM or Root)", "IAM User"]',
                "context": ["object"],
            },
            {
                "type": "endpoint",
                "key": "place of the exposed key",
                "value": f"{_ITEM}.Location",
                "context": ["additional"],
            },
            {"type": "account", "key": "account", "value": "_envelope.account", "context": ["local"]},
        ],
    }
]
