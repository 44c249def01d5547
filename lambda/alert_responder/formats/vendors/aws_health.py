"""AWS Health: an event about an account, such as exposed credentials or abuse, from EventBridge.

Format: https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
"""

from typing import Any

_ACCOUNT = "affectedAccount || _envelope.account || eventMetadata.accountId"
_TEXTS = "[eventDescription][] | [?language && starts_with(language, 'en')] | [0].latestDescription"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(eventArn) == 'string' && contains(eventArn, ':health:') && eventTypeCode",
        "detector": "'aws-health'",
        "rule_id": "eventTypeCode",
        # One event of an account; public events have the same ARN in every account.
        "alert_key": f"join('/', known([{_ACCOUNT}, eventArn]))",
        "description": f"{_TEXTS} || eventDescription[0].latestDescription || eventTypeCode",
        "timestamp": "lastUpdatedTime || startTime",
        "status": "statusCode",
        "finding_id": "eventArn",
        "attributes": [
            {
                "type": "identifier",
                "key": "affected entity",
                "value": "[affectedEntities][].entityValue",
                "context": ["local", "object"],
            },
            {
                "type": "identifier",
                "key": "affected resource",
                "value": "_envelope.resources",
                "context": ["local", "object"],
            },
            # Of exposed credentials and reports of abuse.
            {
                "type": "accesskey",
                "key": "exposed access key",
                "value": "eventMetadata.[publicKey, accessKeyId, access_key_id]",
                "context": ["local", "object"],
            },
            {
                "type": "username",
                "key": "user of the access key",
                "value": "eventMetadata.[userName, username, user_name]",
                "context": ["object"],
            },
            {
                "type": "url",
                "key": "place of the exposed key",
                "value": "eventMetadata.[exposedLocation, exposedUrl]",
                "context": ["additional"],
            },
            {"type": "account", "key": "account", "value": _ACCOUNT, "context": ["local"]},
        ],
    }
]
