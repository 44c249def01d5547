"""Falco: https://falco.org/docs/concepts/outputs/formatting/ (json_output)."""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "output_fields && rule && priority && output",
        "detector": "'falco'",
        "rule_id": "rule",
        "alert_key": 'output_fields."container.id" || hostname',
        "description": "output",
        "timestamp": "time",
        "severity": "priority",
        "attributes": [
            {"type": "username", "value": 'output_fields."user.name"', "context": ["subject"]},
            {"type": "ipaddr", "value": 'output_fields."fd.sip"', "context": ["server"]},
            {"type": "ipaddr", "value": 'output_fields."fd.cip"', "context": ["client"]},
            {"type": "filehashvalue", "value": 'output_fields."proc.exe.sha256"', "context": ["file"]},
            {"type": "container", "value": 'output_fields."container.id"', "context": ["local"]},
        ],
    }
]
