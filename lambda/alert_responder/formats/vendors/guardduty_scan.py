"""GuardDuty Malware Protection for S3: the result of the scan of an object, from EventBridge.

Findings: `formats.guardduty`.

Format: https://docs.aws.amazon.com/guardduty/latest/ug/monitor-with-eventbridge-s3-malware-protection.html
"""

from typing import Any

_OBJECT, _RESULT = "s3ObjectDetails", "scanResultDetails"
_PATH = f"join('/', known([{_OBJECT}.bucketName, {_OBJECT}.objectKey]))"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": f"scanStatus && {_OBJECT}.bucketName && {_RESULT}.scanResultStatus",
        "detector": "'guardduty'",
        "rule_id": "'Object:S3/ScanResult'",
        "rule_name": "'Scan of an object in S3'",
        "alert_key": f"join('/', known([_envelope.account, {_PATH}, {_OBJECT}.versionId]))",
        "description": f"join(' ', known(['scan', scanStatus, 'of', {_PATH}, {_RESULT}.scanResultStatus,"
        f" {_RESULT}.threats && join(', ', {_RESULT}.threats[].name | [?type(@) == 'string'])]))",
        # An object that could not be scanned stays open.
        "status": f"{_RESULT}.scanResultStatus == 'NO_THREATS_FOUND' && 'passed' || null",
        "attributes": [
            {
                "type": "arn",
                "key": "bucket",
                "value": f"join('', ['arn:aws:s3:::', {_OBJECT}.bucketName])",
                "context": ["local", "object"],
            },
            {
                "type": "arn",
                "key": "object in the bucket",
                "value": f"join('', ['arn:aws:s3:::', {_PATH}])",
                "context": ["local", "object"],
            },
            {"type": "account", "key": "account", "value": "_envelope.account", "context": ["local"]},
        ],
    }
]
