"""Wiz: issues, as a webhook or SNS integration with Wiz' own template sends them, and as the API has them.

Template: https://registry.terraform.io/providers/AxtonGrams/wiz/latest/docs/resources/automation_rule_aws_sns
API: https://win.wiz.io/reference/issues-query (with an account)
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "wiz-webhook",
        "match": "type(issue) == 'object' && issue.id && issue.severity && type(trigger) == 'object'"
        " && (control || sourceRule || resource || entitySnapshot)",
        "detector": "'wiz'",
        # The control that was broken; the trigger's rule, which only says why it was sent, where nothing else is there.
        "rule_id": "control.id || sourceRule.id || issue.control.id || issue.sourceRule.id"
        " || control.name || sourceRule.name || trigger.ruleId",
        "rule_name": "control.name || sourceRule.name || issue.control.name || issue.sourceRule.name",
        # An issue is one control on one resource, and keeps its id when it is opened again.
        "alert_key": "resource.id || entitySnapshot.providerId || issue.id",
        "description": "control.description || sourceRule.description || issue.description"
        " || issue.control.description",
        "timestamp": "issue.created || issue.createdAt",
        "severity": "issue.severity",
        "attributes": [
            {
                "type": "arn",
                "key": "resource",
                "value": "[resource.id, entitySnapshot.providerId][?type(@) == 'string' && starts_with(@, 'arn:')]",
                "context": ["local", "object"],
            },
            {
                "type": "resource",
                "key": "resource",
                "value": "[resource.id, entitySnapshot.providerId]"
                "[?@ && !(type(@) == 'string' && starts_with(@, 'arn:'))]",
                "context": ["local", "object"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "[resource][?cloudPlatform == 'AWS'].subscriptionId",
                "context": ["local"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "[entitySnapshot][?cloudPlatform == 'AWS'].subscriptionExternalId",
                "context": ["local"],
            },
        ],
    },
    {
        "name": "wiz-issue",
        "match": "id && severity && status && type(entitySnapshot) == 'object'"
        " && (sourceRule || sourceRules || control)",
        "detector": "'wiz'",
        "rule_id": "sourceRule.id || sourceRules[0].id || control.id || sourceRule.name || sourceRules[0].name",
        "rule_name": "sourceRule.name || sourceRules[0].name || control.name",
        "alert_key": "entitySnapshot.providerId || id",
        "description": "description || sourceRule.controlDescription || sourceRules[0].description"
        " || control.description",
        "timestamp": "createdAt",
        "severity": "severity",
        "attributes": [
            {
                "type": "arn",
                "key": "resource",
                "value": "[entitySnapshot.providerId][?type(@) == 'string' && starts_with(@, 'arn:')]",
                "context": ["local", "object"],
            },
            {
                "type": "resource",
                "key": "resource",
                "value": "[entitySnapshot.providerId || entitySnapshot.externalId || entitySnapshot.name]"
                "[?@ && !(type(@) == 'string' && starts_with(@, 'arn:'))]",
                "context": ["local", "object"],
            },
            {
                "type": "account",
                "key": "account",
                "value": "[entitySnapshot][?cloudPlatform == 'AWS'].subscriptionExternalId",
                "context": ["local"],
            },
            {
                "type": "username",
                "key": "actor",
                "value": "threatDetectionDetails.actors[].name",
                "context": ["subject"],
            },
        ],
    },
]
