"""IAM Access Analyzer: a finding of external, internal or unused access, from EventBridge.

Format: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "(id || findingId) && resource && type(resourceType) == 'string' && starts_with(resourceType, 'AWS::')"
        " && analyzedAt && accountId && status",
        "detector": "'access-analyzer'",
        # Findings of external access, the oldest kind, have no type.
        "rule_id": "findingType || 'ExternalAccess'",
        # One change of a resource's policy may cause several findings: together they are one incident.
        "alert_key": "resource",
        # A resource that could not be analysed is a finding too, with an error.
        "description": "join(': ', [findingType || 'ExternalAccess', resource, status, error][?@])",
        "timestamp": "updatedAt || analyzedAt || createdAt",
        "attributes": [
            {
                "type": "arn",
                "key": "resource",
                "value": "[resource][?type(@) == 'string' && starts_with(@, 'arn:')]",
                "context": ["local", "object"],
            },
            {
                "type": "arn",
                "key": "principal with access",
                "value": "[principal.AWS, principal.Federated][] | [?type(@) == 'string' && starts_with(@, 'arn:')]",
                "context": ["remote", "subject"],
            },
            {
                "type": "account",
                "key": "account with access",
                "value": "[principal.AWS][] | [?type(@) == 'string' && length(@) == `12`]",
                "context": ["remote", "subject"],
            },
            {
                "type": "account",
                "key": "account of the principal with access",
                "value": "principalOwnerAccount",
                "context": ["subject"],
            },
            {"type": "account", "key": "account", "value": "accountId", "context": ["local"]},
        ],
    }
]
