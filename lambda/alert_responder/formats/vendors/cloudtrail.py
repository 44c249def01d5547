"""AWS CloudTrail: one record, from EventBridge or log files.

Format: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
Log files, which contain several records, are opened before (`formats.envelope`). S3 event notifications are similar,
but have neither an id nor the name of a service.
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "cloudtrail",
        "match": "eventVersion && eventID && eventTime && eventName && type(userIdentity) == 'object'"
        " && type(eventSource) == 'string' && contains(eventSource, '.amazonaws.com')",
        "detector": "'cloudtrail'",
        "rule_id": "join(':', [eventSource, eventName])",
        # The actor with the session name, because several people may use a role. A failed sign-in has no actor; the key
        # is then its source.
        "alert_key": "userIdentity.arn || userIdentity.principalId || userIdentity.onBehalfOf.userId"
        " || ([sourceIPAddress, userIdentity.invokedBy][?@ && @ != 'AWS Internal'] | [0]) || recipientAccountId",
        "description": "errorMessage || join(' ', [eventName, 'by', userIdentity.arn || sourceIPAddress])",
        "timestamp": "eventTime",
        "attributes": [
            {
                # Calls by AWS services have the service's name here, and internal calls have none.
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
                # Sessions of an instance role have the name of the instance.
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
                "key": "requested role",
                "value": "[requestParameters.roleArn, requestParameters.policyArn]",
                "context": ["local", "object"],
            },
            {
                "type": "username",
                "key": "affected user",
                "value": "requestParameters.userName",
                "context": ["local", "object"],
            },
            {
                "type": "accesskey",
                "key": "affected access key",
                "value": "[requestParameters.accessKeyId, responseElements.accessKey.accessKeyId,"
                " responseElements.credentials.accessKeyId]",
                "context": ["local", "object"],
            },
            {
                # The ports and peers in a rule of a security group, network ACL or network policy.
                "type": "network",
                "key": "network in a rule",
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
        # The start and the end are two events.
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
