"""AWS Config: the compliance of a resource with a rule changed, from EventBridge or SNS.

Format: https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
SNS: https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html
"""

from typing import Any

_RESULT = "newEvaluationResult"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "messageType == 'ComplianceChangeNotification' && configRuleName && resourceId",
        "detector": "'aws-config'",
        "rule_id": "configRuleName",
        "alert_key": "join('/', known([awsAccountId, awsRegion, resourceType, resourceId]))",
        "description": f"sentences([{_RESULT}.annotation, join(' ', known([resourceType, resourceId, 'is',"
        f" {_RESULT}.complianceType || 'no longer evaluated', 'by', configRuleName]))])",
        "timestamp": f"{_RESULT}.resultRecordedTime || notificationCreationTime",
        # Without a result, the resource or the rule no longer exists.
        "status": f"{_RESULT}.complianceType || 'resolved'",
        "attributes": [
            {"type": "identifier", "key": "resource", "value": "resourceId", "context": ["local", "object"]},
            {"type": "arn", "key": "rule", "value": "configRuleARN", "context": ["additional", "local"]},
            {"type": "account", "key": "account", "value": "awsAccountId", "context": ["local"]},
        ],
    }
]
