"""AWS CloudTrail: one record, as EventBridge and log files have it.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
Log files, which hold several, are opened before (`formats.envelope`). S3's notifications of events look alike but
have neither id nor the name of a service.
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "cloudtrail",
        "match": "eventVersion && eventID && eventTime && eventName && type(userIdentity) == 'object'"
        " && type(eventSource) == 'string' && contains(eventSource, '.amazonaws.com')",
        "detector": "'cloudtrail'",
        "rule_id": "join(':', [eventSource, eventName])",
        # Who did it, with the name of the session: a role is shared, and the session says by whom. A sign-in that
        # fails has nobody, and what can be told is where it came from.
        "alert_key": "userIdentity.arn || userIdentity.principalId || userIdentity.onBehalfOf.userId"
        " || ([sourceIPAddress, userIdentity.invokedBy][?@ && @ != 'AWS Internal'] | [0]) || recipientAccountId",
        "description": "errorMessage || join(' ', [eventName, 'by', userIdentity.arn || sourceIPAddress])",
        "timestamp": "eventTime",
        "attributes": [
            {
                # Calls of AWS have the service's name here, and its own none at all.
                "type": "ipaddr",
                "key": "caller's IP address",
                "value": "[sourceIPAddress]"
                "[?type(@) == 'string' && !ends_with(@, '.amazonaws.com') && @ != 'AWS Internal']",
                "context": ["client", "remote", "subject"],
            },
            {
                "type": "domain",
                "key": "calling service",
                "value": "[sourceIPAddress][?type(@) == 'string' && ends_with(@, '.amazonaws.com')]",
                "context": ["client", "remote"],
            },
            {"type": "accesskey", "key": "access key", "value": "userIdentity.accessKeyId", "context": ["subject"]},
            {
                "type": "arn",
                "key": "caller",
                "value": "[userIdentity.arn, userIdentity.sessionContext.sessionIssuer.arn]",
                "context": ["subject"],
            },
            {
                "type": "username",
                "key": "caller",
                "value": "[userIdentity.userName, userIdentity.sessionContext.sessionIssuer.userName]"
                "[?@ && @ != 'HIDDEN_DUE_TO_SECURITY_REASONS']",
                "context": ["subject"],
            },
            {
                # An instance names the sessions of its role as itself.
                "type": "instance",
                "key": "caller",
                "value": "split(userIdentity.arn, '/') | [-1:] | [?starts_with(@, 'i-')]",
                "context": ["local", "subject"],
            },
            {
                "type": "account",
                "key": "caller's account",
                "value": "userIdentity.accountId",
                "context": ["subject"],
            },
            {"type": "account", "key": "account", "value": "recipientAccountId", "context": ["local"]},
            {"type": "arn", "key": "resource", "value": "resources[].ARN", "context": ["local", "object"]},
            {
                "type": "arn",
                "key": "role that was asked for",
                "value": "[requestParameters.roleArn, requestParameters.policyArn]",
                "context": ["local", "object"],
            },
            {
                "type": "username",
                "key": "user it was done to",
                "value": "requestParameters.userName",
                "context": ["local", "object"],
            },
            {
                "type": "accesskey",
                "key": "access key it was done to",
                "value": "[requestParameters.accessKeyId, responseElements.accessKey.accessKeyId,"
                " responseElements.credentials.accessKeyId]",
                "context": ["local", "object"],
            },
            {
                # What a rule of a security group, a list or a policy of a network opens, or closes, and for whom.
                "type": "network",
                "key": "network that a rule names",
                "value": "[requestParameters.cidrIp, requestParameters.cidrIpv6, requestParameters.cidrBlock,"
                " requestParameters.ipv6CidrBlock, requestParameters.ipPermissions.items[].ipRanges.items[].cidrIp,"
                " requestParameters.ipPermissions.items[].ipv6Ranges.items[].cidrIpv6][]",
                "context": ["object"],
            },
            {
                "type": "instance",
                "key": "instance",
                "value": "[requestParameters.instanceId, requestParameters.instancesSet.items[].instanceId,"
                " responseElements.instancesSet.items[].instanceId][] | [?type(@) == 'string' && starts_with(@, 'i-')]",
                "context": ["local", "object"],
            },
        ],
    },
    {
        "name": "cloudtrail-insight",
        "match": "eventID && eventTime && type(insightDetails) == 'object' && insightDetails.insightType",
        "detector": "'cloudtrail'",
        "rule_id": "join(':', [insightDetails.insightType, insightDetails.eventSource, insightDetails.eventName])",
        # Its start and its end are two events.
        "alert_key": "sharedEventID || eventID",
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
