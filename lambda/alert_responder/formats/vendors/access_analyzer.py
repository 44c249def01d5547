"""IAM Access Analyzer: a finding of external, internal or unused access, from EventBridge or ListFindings.

Events: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html
Fields: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_FindingSummary.html
"""

from typing import Any

_PRINCIPALS = "[principal.AWS, principal.Federated][] | [?type(@) == 'string']"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "(id || findingId) && resource && type(resourceType) == 'string' && starts_with(resourceType, 'AWS::')"
        " && (analyzedAt || updatedAt) && (accountId || resourceOwnerAccount) && status",
        "detector": "'access-analyzer'",
        # Findings of external access, the oldest kind, have no type.
        "rule_id": "findingType || 'ExternalAccess'",
        # One change of a resource's policy may cause several findings: together they are one incident.
        "alert_key": "resource",
        # Who may do what, if it is about access. A resource that could not be analysed is a finding too, with an error.
        "description": "join(': ', [findingType || 'ExternalAccess', resource, isPublic && 'public',"
        f" join(', ', {_PRINCIPALS}), join(', ', [action][] | [?type(@) == 'string']), status, error][?@])",
        "timestamp": "updatedAt || analyzedAt || createdAt",
        # The event of a deleted finding has its last status.
        "status": "isDeleted && 'resolved' || status",
        "finding_id": "id || findingId",
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
                "value": f"{_PRINCIPALS} | [?starts_with(@, 'arn:')]",
                "context": ["object"],
            },
            {
                "type": "account",
                "key": "account with access",
                "value": f"{_PRINCIPALS} | [?length(@) == `12` && !starts_with(@, 'arn:')]",
                "context": ["object"],
            },
            {
                "type": "account",
                "key": "account of the principal with access",
                "value": "principalOwnerAccount",
                "context": ["object"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "accountId || resourceOwnerAccount",
                "context": ["local"],
            },
        ],
    }
]
