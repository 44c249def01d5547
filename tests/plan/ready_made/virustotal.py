"""The inspector `virustotal`."""

from tests.plan.ready_made import ReadyMade, Refused

_SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:virustotal-a1b2c3"
_BUDGET = "time_budget_seconds must be a whole number of seconds from 5 to 820"
_CACHE = "cache_seconds must be a whole number of seconds from 0 to 2592000"
_CACHE_EMPTY = "cache_empty_seconds must be a whole number of seconds from 0 to"
_DAY = "max_requests_per_day must be null or a whole number from 1 to 10000000"
_QUOTA = "max_requests_per_minute must be null or a whole number from 1 to 10000"
_NAME = "name must have 1 to 34 lower-case letters, digits and single hyphens"
_THRESHOLDS = "Values of thresholds must be whole numbers from 1 to 100"
_TYPES = "attribute_types must contain at least one of domain, filehashvalue,"
_URL = "api_url must be https:// and a host, with or without a port, without"
_VENDORS = "vendors must contain at most 10 names of 1 to 64 characters without"

MODULE = ReadyMade(
    module="virustotal",
    kind="inspector",
    required={"api_key_secret_arn": _SECRET},
    variants={
        "options": {
            "api_key_secret_field": "key",
            "api_key_secret_kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/0b1c2d3e-0000-4000-8000-000000000000",
            "api_url": "https://virustotal.example.com:8443",
            "cache_empty_seconds": 600,
            "cache_seconds": 0,
            "contexts": [],
            "detectors": ["vpn"],
            "enabled": False,
            "follow_hashes": True,
            "allow_internal": True,
            "allow_query": True,
            "max_requests_per_day": 500,
            "max_requests_per_minute": 4,
            "name": "reputation",
            "premium": True,
            "relationships": [],
            "thresholds": {"harmless": 1, "malicious": 100, "suspicious": 50},
            "time_budget_seconds": 820,
            "vendors": [],
        },
        "hashes": {"attribute_types": ["filehashvalue"], "time_budget_seconds": 5, "vendors": ["A"] * 10},
        "addresses": {"attribute_types": ["ipaddr"], "api_url": "http://127.0.0.1:8080"},
    },
    refused=(
        Refused({"api_key_secret_arn": "virustotal"}, "api_key_secret_arn must be the ARN of a secret"),
        Refused({"api_key_secret_field": ""}, "api_key_secret_field must be null or have 1 to 256 characters"),
        Refused(
            {"api_key_secret_kms_key_arn": "alias/key"},
            "api_key_secret_kms_key_arn must be null or the ARN of a KMS key, and",
        ),
        *(Refused({"api_url": value}, _URL) for value in ("http://example.com", "https://example.com/api", "ftp://a")),
        *(Refused({"attribute_types": value}, _TYPES) for value in ([], ["username"])),
        *(Refused({"cache_seconds": value}, _CACHE) for value in (-1, 2592001, 0.5)),
        *(Refused({"cache_empty_seconds": value}, _CACHE_EMPTY) for value in (-1, 2592001, 0.5)),
        *(Refused({"max_requests_per_day": value}, _DAY) for value in (0, 10000001, 1.5)),
        *(Refused({"max_requests_per_minute": value}, _QUOTA) for value in (0, 10001, 1.5)),
        *(Refused({"name": value}, _NAME) for value in ("A", "a" * 35)),
        Refused({"relationships": ["siblings"]}, "relationships must contain only communicating_files,"),
        *(Refused({"thresholds": {"malicious": value}}, _THRESHOLDS) for value in (0, 101, 1.5)),
        *(Refused({"time_budget_seconds": value}, _BUDGET) for value in (4, 821, 5.5)),
        *(Refused({"vendors": value}, _VENDORS) for value in (["a,b"], [""], ["a"] * 11)),
    ),
)
