"""Okta System Log: one event, from the API, log streaming to EventBridge, or event hooks.

Format: https://developer.okta.com/docs/reference/api/system-log/
Event hooks, which contain several events, are opened before (`formats.envelope`):
https://developer.okta.com/docs/concepts/event-hooks/
"""

from typing import Any

# Okta writes this for itself.
_NOBODY = "@ != 'unknown' && @ != 'system@okta.com'"

# Only the envelope names the organisation: its address in an event hook, its event source in EventBridge.
_ORGANISATION = (
    "[_envelope.source, debugContext.debugData.origin][?type(@) == 'string' && (starts_with(@, 'https://')"
    " || starts_with(@, 'aws.partner/okta.com/'))].split(@, '/')"
    " | [0] | @ && ([0] == 'https:' && [1] || join('/', [2:]))"
)

# Applications act by themselves with a token; their ids are not users.
_IS_APP = "type == 'PublicClientApp'"

_USERS = "target[?type == 'User' || type == 'AppUser'].alternateId"
_OBJECTS = '`["AppInstance", "Token", "UserGroup", "CUSTOM_ROLE", "PolicyEntity", "PolicyRule"]`'

# The user who reports suspicious activity is not the suspect.
_IS_REPORT = "contains(eventType, 'report_suspicious_activity')"

MAPPINGS: list[dict[str, Any]] = [
    {
        "match": "eventType && published && uuid && type(actor) == 'object'"
        " && (displayMessage || outcome || legacyEventType || debugContext)",
        "detector": "'okta'",
        "rule_id": "eventType",
        "rule_name": "displayMessage",
        # The actor; if it is Okta or unknown, the target or the source.
        "alert_key": f"[{_ORGANISATION}, [actor.alternateId, target[?type == 'User'].alternateId | [0],"
        f" client.ipAddress, actor.id][?@ && {_NOBODY}] | [0]] | join('/', known(@))",
        # What was granted says more than the result.
        "description": "join(': ', [displayMessage, debugContext.debugData.privilegeGranted,"
        " outcome.reason || outcome.result][?@])",
        "timestamp": "published",
        "severity": "severity",
        "attributes": [
            {
                "type": "ipaddr",
                "key": "client's IP address",
                "value": "client.ipAddress",
                "context": ["client"],
            },
            {
                "type": "ipaddr",
                "key": "client's IP address",
                "value": f"!{_IS_REPORT} && client.ipAddress || null",
                "context": ["subject"],
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
                "context": ["additional"],
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
                "value": f"!{_IS_REPORT} && [actor][?!({_IS_APP})].alternateId | [?{_NOBODY}] || null",
                "context": ["subject"],
            },
            {
                "type": "email",
                "key": "actor",
                "value": f"!{_IS_REPORT} && [actor.alternateId][?type(@) == 'string' && contains(@, '@') && {_NOBODY}]"
                " || null",
                "context": ["subject"],
            },
            {
                "type": "application",
                "key": "actor",
                "value": f"[actor][?{_IS_APP}].[alternateId, displayName]",
                "context": ["subject"],
            },
            {
                "type": "username",
                "key": "affected user",
                "value": f"{_USERS} | [?{_NOBODY}]",
                "context": ["object"],
            },
            {
                "type": "email",
                "key": "affected user",
                "value": f"{_USERS} | [?type(@) == 'string' && contains(@, '@') && {_NOBODY}]",
                "context": ["object"],
            },
            {
                "type": "resource",
                "key": "affected object",
                "value": f"target[?displayName && contains({_OBJECTS}, type)].displayName",
                "context": ["object"],
            },
        ],
    }
]
