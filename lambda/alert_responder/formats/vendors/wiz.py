"""Wiz: issues and threats, from webhooks and integrations with Wiz's templates, or from the API.

Template: https://registry.terraform.io/providers/AxtonGrams/wiz/latest/docs/resources/automation_rule_aws_sns
API: https://win.wiz.io/reference/issues-query (with an account)
"""

from typing import Any

# A list in webhooks, pages of a list in the API.
_EVENTS = "[triggeringEvents.nodes, triggeringEvents][]"
_PROCESSES = f"{_EVENTS}.runtimeDetails.processTree[]"
_RESOURCE_IDS = "[resources[].[externalId, providerUniqueId], primaryResource.externalId][][] | [?type(@) == 'string']"

_DETECTED: list[dict[str, Any]] = [
    {
        "type": "ipaddr",
        "key": "actor's IP address",
        "value": f"[{_EVENTS}.actorIP, actors[?type == 'NETWORK_ADDRESS'].name]",
        "context": ["remote", "subject"],
    },
    {
        "type": "username",
        "key": "actor",
        "value": "[actors, primaryActor][] | [?type != 'NETWORK_ADDRESS'].name",
        "context": ["subject"],
    },
    {"type": "email", "key": "actor", "value": "[actors, primaryActor][].email", "context": ["subject"]},
    {"type": "accesskey", "key": "access key", "value": "primaryActor.accessKeyId", "context": ["subject"]},
    {
        "type": "instance",
        "key": "resource",
        "value": f"{_RESOURCE_IDS} | [?starts_with(@, 'i-')]",
        "context": ["local", "object"],
    },
    {
        "type": "arn",
        "key": "resource",
        "value": f"{_RESOURCE_IDS} | [?starts_with(@, 'arn:')]",
        "context": ["local", "object"],
    },
    {
        "type": "resource",
        "key": "resource",
        "value": f"{_RESOURCE_IDS} | [?!starts_with(@, 'i-') && !starts_with(@, 'arn:')]",
        "context": ["local", "object"],
    },
    {
        "type": "account",
        "key": "account",
        "value": "cloudAccounts[?cloudPlatform == 'AWS' || cloudProvider == 'AWS'].externalId",
        "context": ["local"],
    },
    {"type": "filehashvalue", "key": "executable", "value": f"{_PROCESSES}.hash", "context": ["file"]},
    {"type": "filepath", "key": "executable", "value": f"{_PROCESSES}.path", "context": ["file", "local"]},
    {
        "type": "username",
        "key": "user of the process",
        "value": f"{_PROCESSES}.username",
        "context": ["local", "subject"],
    },
    {
        "type": "container",
        "key": "container",
        "value": f"{_PROCESSES}.container.externalId",
        "context": ["local"],
    },
    {
        "type": "image",
        "key": "container image",
        "value": f"{_PROCESSES}.container.imageExternalId",
        "context": ["local"],
    },
]

MAPPINGS: list[dict[str, Any]] = [
    {
        "name": "wiz-webhook",
        "match": "type(issue) == 'object' && issue.id && issue.severity && type(trigger) == 'object'"
        " && (control || sourceRule || resource || entitySnapshot)",
        "detector": "'wiz'",
        # The violated control; without one, the rule of the trigger, which only explains why the issue was sent.
        "rule_id": "control.id || sourceRule.id || issue.control.id || issue.sourceRule.id"
        " || control.name || sourceRule.name || trigger.ruleId",
        "rule_name": "control.name || sourceRule.name || issue.control.name || issue.sourceRule.name",
        # An issue is a control on a resource, and keeps its id when it is reopened.
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
                "value": "[resource.id || resource.name, entitySnapshot.providerId]"
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
    {
        "name": "wiz-threat",
        "match": "threatId && severity && title && (tdrId || tdrSource)",
        "detector": "'wiz'",
        "rule_id": "tdrId || title",
        "rule_name": "title",
        "alert_key": "threatId",
        "description": "description || title",
        "timestamp": "timeframe.end || createdAt",
        "severity": "severity",
        "attributes": _DETECTED,
    },
    {
        "name": "wiz-detection",
        "match": "id && severity && ruleMatch.rule.id && type(primaryResource) == 'object'",
        "detector": "'wiz'",
        "rule_id": "ruleMatch.rule.id",
        "rule_name": "ruleMatch.rule.name",
        "alert_key": "primaryResource.externalId || primaryResource.id || issue.id || id",
        "description": "description || ruleMatch.rule.name",
        "timestamp": f"({_EVENTS}.[timestamp, eventTime][] | [0]) || createdAt",
        "severity": "severity",
        "attributes": _DETECTED,
    },
]
