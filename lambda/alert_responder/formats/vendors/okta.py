"""Okta System Log: one event, from the API, log streaming to EventBridge, or event hooks.

Format: https://developer.okta.com/docs/reference/api/system-log/
Event hooks, which contain several events, are opened before (`formats.envelope`):
https://developer.okta.com/docs/concepts/event-hooks/
"""

from typing import Any

# Okta writes these for unknown actors, and for itself.
_NOBODY = "@ != 'unknown' && @ != 'system@okta.com'"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "eventType && published && uuid && type(actor) == 'object'"
        " && (displayMessage || outcome || legacyEventType || debugContext)",
        "detector": "'okta'",
        "rule_id": "eventType",
        "rule_name": "displayMessage",
        # The actor; if it is Okta or unknown, the target or the source.
        "alert_key": "[actor.alternateId, target[?type == 'User'].alternateId | [0], client.ipAddress, actor.id]"
        f"[?@ && {_NOBODY}] | [0]",
        "description": "join(': ', [displayMessage, outcome.reason || outcome.result][?@])",
        "timestamp": "published",
        "severity": "severity",
        "attributes": [
            {
                "type": "ipaddr",
                "key": "client's IP address",
                "value": "client.ipAddress",
                "context": ["client", "remote", "subject"],
            },
            {
                "type": "ipaddr",
                "key": "intermediate address of the client",
                "value": "request.ipChain[].ip",
                "context": ["additional", "client"],
            },
            {
                "type": "ipaddr",
                "key": "reported IP address",
                "value": "debugContext.debugData.suspiciousActivityEventIp",
                "context": ["additional", "remote"],
            },
            {
                "type": "domain",
                "key": "domain of the client's network",
                "value": "[securityContext.domain][?@ && @ != '.']",
                "context": ["additional", "client"],
            },
            {
                "type": "username",
                "key": "actor",
                "value": f"[actor.alternateId][?{_NOBODY}]",
                "context": ["subject"],
            },
            {
                "type": "email",
                "key": "actor",
                "value": f"[actor.alternateId][?type(@) == 'string' && contains(@, '@') && {_NOBODY}]",
                "context": ["subject"],
            },
            {
                "type": "username",
                "key": "affected user",
                "value": f"target[?type == 'User'].alternateId | [?{_NOBODY}]",
                "context": ["object"],
            },
            {
                "type": "email",
                "key": "affected user",
                "value": "target[?type == 'User'].alternateId"
                f" | [?type(@) == 'string' && contains(@, '@') && {_NOBODY}]",
                "context": ["object"],
            },
        ],
    }
]
