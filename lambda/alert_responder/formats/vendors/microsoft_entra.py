"""Microsoft Entra ID Protection: risk detections and identities at risk, of Graph and of the diagnostic settings.

Format: https://learn.microsoft.com/graph/api/resources/riskdetection
Identities at risk: https://learn.microsoft.com/graph/api/resources/riskyuser (also service principals)
Streamed: https://learn.microsoft.com/entra/id-protection/howto-export-risk-data
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, within

_USER = "userPrincipalName || userId || servicePrincipalId || appId || id"

_RISK: dict[str, Any] = {
    "name": "microsoft-entra",
    "match": "id && riskState && riskLevel && (riskEventType || riskLastUpdatedDateTime)",
    "detector": "'microsoft-entra'",
    "rule_id": "riskEventType || 'identity-at-risk'",
    "rule_name": "riskEventType || 'Identity at risk'",
    "alert_key": _USER,
    "description": "join(', ', known([riskEventType || 'identity at risk', activity,"
    " userPrincipalName || servicePrincipalDisplayName || displayName, riskState, riskDetail]))",
    "timestamp": "lastUpdatedDateTime || riskLastUpdatedDateTime || detectedDateTime || activityDateTime",
    "severity": "known([riskLevel])[0]",
    "status": "riskState == 'confirmedSafe' && 'dismissed' || riskState",
    "finding_id": "id",
    "attributes": [
        attribute("ipaddr", "IP address of the sign-in", "ipAddress", "client", "subject"),
        attribute("member", "user", "userPrincipalName", "subject"),
        attribute(
            "application",
            "service principal",
            "[servicePrincipalDisplayName, appId, appId && displayName]",
            "subject",
        ),
    ],
}

# Records of the diagnostic settings name the tenant beside the detection.
_STREAMED = within(_RISK, "microsoft-entra-streamed", "properties")

MAPPINGS: list[dict[str, Any]] = [
    _RISK,
    {**_STREAMED, "alert_key": f"join('/', known([tenantId, properties.[{_USER}][0]]))"},
]
