"""AWS CloudTrail: Insights events, from EventBridge or log files.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
Log files, which contain several events, are opened before (`formats.envelope`). Records of calls are read by
`formats.cloudtrail`.
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "eventID && eventTime && type(insightDetails) == 'object' && insightDetails.insightType",
        "detector": "'cloudtrail'",
        "rule_id": "join(':', [insightDetails.insightType, insightDetails.eventSource, insightDetails.eventName])",
        # The start and the end are two events.
        "alert_key": "sharedEventID || eventID",
        "finding_id": "sharedEventID",
        "description": "join(' ', [insightDetails.insightType, insightDetails.eventName, insightDetails.errorCode,"
        " insightDetails.state][?@])",
        "timestamp": "eventTime",
        "attributes": [
            {
                "type": "arn",
                "key": "caller",
                "value": "insightDetails.insightContext.attributions[?attribute == 'userIdentityArn']"
                ".insight[].value | [] | [?type(@) == 'string' && starts_with(@, 'arn:')]",
                "context": ["subject"],
            },
            {"type": "account", "key": "account", "value": "recipientAccountId", "context": ["local"]},
        ],
    },
]
