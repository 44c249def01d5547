"""Amazon Macie: a finding of sensitive data or of a bucket's policy, from EventBridge or GetFindings.

Format: https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html
"""

from typing import Any

from alert_responder.contracts.alert import SAMPLE_PREFIX, SAMPLE_SUFFIX

_USER = "policyDetails.actor.userIdentity"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type && type(resourcesAffected) == 'object' && resourcesAffected.s3Bucket",
        "detector": "'macie'",
        # As with GuardDuty, samples are never aggregated with real findings.
        "rule_id": f"sample && join('', [type, '{SAMPLE_SUFFIX}']) || type",
        "rule_name": f"sample && join('', ['{SAMPLE_PREFIX}', title]) || title",
        # A type of finding in a bucket is one incident: each object with sensitive data is a separate finding.
        "alert_key": "resourcesAffected.s3Bucket.arn || resourcesAffected.s3Bucket.name || id",
        "description": f"sample && join('', ['{SAMPLE_PREFIX}', description]) || description",
        "timestamp": "updatedAt || createdAt",
        "severity": "severity.description || severity",
        "status": "archived && 'archived' || null",
        "finding_id": "id",
        "attributes": [
            {
                "type": "arn",
                "key": "bucket",
                "value": "resourcesAffected.s3Bucket.arn",
                "context": ["local", "object"],
            },
            {
                "type": "arn",
                "key": "object in the bucket",
                "value": "[resourcesAffected.s3Object][?type(bucketArn) == 'string' && type(key) == 'string']"
                ".join('/', [bucketArn, key])",
                "context": ["local", "object"],
            },
            {
                "type": "ipaddr",
                "key": "caller's IP address",
                "value": "policyDetails.actor.ipAddressDetails.ipAddressV4",
                "context": ["client", "subject"],
            },
            {
                "type": "domain",
                "key": "caller's domain",
                "value": "policyDetails.actor.domainDetails.domainName",
                "context": ["client"],
            },
            {"type": "arn", "key": "caller", "value": f"{_USER}.*.arn", "context": ["subject"]},
            {"type": "accesskey", "key": "access key", "value": f"{_USER}.*.accessKeyId", "context": ["subject"]},
            {"type": "username", "key": "caller", "value": f"{_USER}.*.userName", "context": ["subject"]},
            {"type": "account", "key": "caller's account", "value": f"{_USER}.*.accountId", "context": ["subject"]},
            {"type": "account", "key": "account", "value": "accountId", "context": ["local"]},
        ],
    }
]
