"""Amazon Inspector (not Inspector Classic): a finding, from EventBridge or ListFindings.

Format: https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
Fields: https://docs.aws.amazon.com/inspector/v2/APIReference/API_Finding.html
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(findingArn) == 'string' && contains(findingArn, ':inspector2:') && awsAccountId && type",
        "detector": "'inspector'",
        # The vulnerability; for code, the detector; for network reachability, the type of the finding and the ports.
        "rule_id": "packageVulnerabilityDetails.vulnerabilityId || codeVulnerabilityDetails.detectorId"
        " || join(' ', known([type, networkReachabilityDetails.protocol, networkReachabilityDetails.openPortRange"
        " | join('-', known([begin, end]))]))",
        "rule_name": "title",
        # A vulnerability on a resource is one incident, regardless of the number of packages.
        "alert_key": "resources[0].id || findingArn",
        "description": "description",
        "timestamp": "updatedAt || lastObservedAt || firstObservedAt",
        "severity": "severity",
        "status": "status",
        "finding_id": "findingArn",
        "attributes": [
            {
                "type": "cve",
                "key": "vulnerability",
                "value": "[packageVulnerabilityDetails.vulnerabilityId,"
                " packageVulnerabilityDetails.relatedVulnerabilities][]"
                " | [?type(@) == 'string' && starts_with(@, 'CVE-')]",
                "context": ["local"],
            },
            {
                "type": "instance",
                "key": "resource",
                "value": "resources[].id | [?type(@) == 'string' && starts_with(@, 'i-')]",
                "context": ["local", "object"],
            },
            {
                "type": "arn",
                "key": "resource",
                "value": "resources[].id | [?type(@) == 'string' && starts_with(@, 'arn:')]",
                "context": ["local", "object"],
            },
            {
                "type": "ipaddr",
                "key": "IP address of the instance",
                "value": "resources[].details.awsEc2Instance.[ipV4Addresses, ipV6Addresses][][]",
                "context": ["local", "object"],
            },
            {
                "type": "arn",
                "key": "instance profile",
                "value": "resources[].details.awsEc2Instance.iamInstanceProfileArn",
                "context": ["local", "object"],
            },
            {
                "type": "arn",
                "key": "role of the function",
                "value": "resources[].details.awsLambdaFunction.executionRoleArn",
                "context": ["local", "object"],
            },
            {
                "type": "filepath",
                "key": "file with the vulnerability",
                "value": "[packageVulnerabilityDetails.vulnerablePackages[].filePath,"
                " codeVulnerabilityDetails.filePath.filePath]",
                "context": ["file", "local"],
            },
            {
                "type": "image",
                "key": "container image",
                "value": "resources[].details.awsEcrContainerImage.repositoryName",
                "context": ["local"],
            },
            {
                "type": "arn",
                "key": "step of the network path",
                "value": "networkReachabilityDetails.networkPath.steps[].componentArn",
                "context": ["additional", "local"],
            },
            {"type": "account", "key": "account", "value": "awsAccountId", "context": ["local"]},
        ],
    }
]
