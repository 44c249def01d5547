"""Wazuh: an alert, from `alerts.json` or an integration.

Format: https://documentation.wazuh.com/current/user-manual/manager/alert-management.html
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "type(rule) == 'object' && rule.id && rule.level && type(agent) == 'object' && (decoder || location)",
        "detector": "'wazuh'",
        "rule_id": "rule.id",
        "rule_name": "rule.description",
        "alert_key": "agent.id || agent.name",
        "description": "join(': ', [rule.description, full_log][?@])",
        "timestamp": "timestamp",
        "severity": "rule.level",
        "attributes": [
            {"type": "hostname", "key": "agent", "value": "agent.name", "context": ["local"]},
            {"type": "ipaddr", "key": "agent", "value": "agent.ip", "context": ["local"]},
            {
                "type": "ipaddr",
                "key": "source",
                "value": "[data.srcip, data.src_ip, data.win.eventdata.ipAddress][?@ && @ != '-']",
                "context": ["client", "remote"],
            },
            {
                "type": "ipaddr",
                "key": "destination",
                "value": "[data.dstip, data.dest_ip]",
                "context": ["server"],
            },
            {
                "type": "username",
                "key": "user",
                "value": "[data.srcuser, data.win.eventdata.subjectUserName][?@ && @ != '-']",
                "context": ["subject"],
            },
            {
                "type": "username",
                "key": "affected user",
                "value": "[data.dstuser, data.win.eventdata.targetUserName][?@ && @ != '-']",
                "context": ["object"],
            },
            {
                "type": "filehashvalue",
                "key": "file",
                "value": "syscheck.[sha256_after, sha1_after, md5_after]",
                "context": ["file"],
            },
            {"type": "filepath", "key": "file", "value": "syscheck.path", "context": ["file", "local"]},
        ],
    }
]
