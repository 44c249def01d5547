"""Wiz: issues, threats, vulnerability and configuration findings, from webhooks with Wiz's templates, or from the API.

Template: https://registry.terraform.io/providers/AxtonGrams/wiz/latest/docs/resources/automation_rule_aws_sns
API: https://win.wiz.io/reference/issues-query (with an account)
"""

from typing import Any

from alert_responder.formats.mapping_variants import attribute, within

# A list in webhooks, pages of a list in the API.
_EVENTS = "[triggeringEvents.nodes, triggeringEvents][]"
_PROCESSES = f"{_EVENTS}.runtimeDetails.processTree[]"
_ACTORS = "[actors, primaryActor, threatDetectionDetails.actors][]"
_ACCOUNTS = "[cloudAccounts, primaryResource.cloudAccount][]"

# Wiz's word for an issue that somebody does not want to fix.
_STATUS = "{0} == 'REJECTED' && 'dismissed' || {0}"


def _resources(ids: str) -> list[dict[str, Any]]:
    """Return the attributes of resources by their ids, of which only some are those of AWS."""
    return [
        attribute("identifier", "resource", f"known({ids}) | [?!contains(@, '://')]", "local", "object"),
        attribute("url", "resource", f"known({ids}) | [?contains(@, '://')]", "local", "object"),
    ]


def _account(holder: str, platform: str, field: str) -> list[dict[str, Any]]:
    """Return the account, or the project if the cloud is not AWS."""
    is_aws = f"{platform} == 'AWS' || {platform} == 'EKS' || cloudProvider == 'AWS'"
    return [
        attribute("account", "account", f"{holder} | [?{is_aws}].{field}", "local"),
        attribute("project", "project", f"{holder} | [?{field} && !({is_aws})].{field}", "local"),
    ]


_DETECTED: list[dict[str, Any]] = [
    attribute(
        "ipaddr", "actor's IP address", f"[{_EVENTS}.actorIP, {_ACTORS} | [?type == 'NETWORK_ADDRESS'].name]", "subject"
    ),
    attribute("username", "actor", f"{_ACTORS} | [?type != 'NETWORK_ADDRESS'].name", "subject"),
    attribute("email", "actor", f"{_ACTORS}.email", "subject"),
    attribute(
        "arn", "actor", f"{_ACTORS}.providerUniqueId | [?type(@) == 'string' && starts_with(@, 'arn:')]", "subject"
    ),
    attribute("accesskey", "access key", "primaryActor.accessKeyId", "subject"),
    *_resources("[resources[].[externalId, providerUniqueId], [primaryResource.externalId]][][]"),
    *_account(_ACCOUNTS, "cloudPlatform", "externalId"),
    attribute("filehashvalue", "executable", f"{_PROCESSES}.hash", "file"),
    attribute("filepath", "executable", f"{_PROCESSES}.path", "file", "local"),
    attribute("username", "user of the process", f"{_PROCESSES}.username", "local", "subject"),
    attribute("container", "container", f"{_PROCESSES}.container.externalId", "local"),
    attribute("image", "container image", f"{_PROCESSES}.container.imageExternalId", "local"),
]

_ASSET = "vulnerableAsset"

_VULNERABILITY: dict[str, Any] = {
    "name": "wiz-vulnerability-finding",
    "match": f"id && name && type({_ASSET}) == 'object' && (status || vendorSeverity)",
    "detector": "'wiz'",
    "rule_id": "name",
    "rule_name": "join(' in ', known([name, detailedName]))",
    "alert_key": f"{_ASSET} | join('/', known([subscriptionExternalId, providerUniqueId || id || name]))",
    "description": "sentences([join(' ', known([name, detailedName && 'in', detailedName, version, 'on',"
    f" {_ASSET}.name, fixedVersion && join('', ['(fixed in ', fixedVersion, ')'])])), CVEDescription || description])",
    "timestamp": "status == 'RESOLVED' && resolvedAt || lastDetectedAt || firstDetectedAt",
    "severity": "severity || vendorSeverity || CVSSSeverity",
    "status": _STATUS.format("status"),
    "finding_id": "id",
    "attributes": [
        attribute("cve", "vulnerability", "[name][?starts_with(@, 'CVE-')]", "local"),
        attribute("package", "package", "detailedName", "local", "object"),
        attribute("filepath", "package", "locationPath", "file", "local"),
        *_resources(f"[{_ASSET} | providerUniqueId || name]"),
        attribute("ipaddr", "IP address of the resource", f"{_ASSET}.ipAddresses", "object"),
        *_account(f"[{_ASSET}]", "cloudPlatform", "subscriptionExternalId"),
        attribute("region", "region", f"{_ASSET}.region", "local"),
    ],
}

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
        "alert_key": "join('/', known([resource.subscriptionId || entitySnapshot.subscriptionExternalId,"
        " resource.id || entitySnapshot.providerId || issue.id]))",
        "description": "control.description || sourceRule.description || issue.description"
        " || issue.control.description",
        "timestamp": "issue.created || issue.createdAt",
        "severity": "issue.severity",
        "status": _STATUS.format("issue.status"),
        "finding_id": "issue.id",
        "attributes": [
            *_resources("[resource.id || resource.name, entitySnapshot.providerId]"),
            *_account("[resource][?@]", "cloudPlatform", "subscriptionId"),
            *_account("[entitySnapshot][?@]", "cloudPlatform", "subscriptionExternalId"),
            attribute("region", "region", "[resource, entitySnapshot][].region", "local"),
        ],
    },
    {
        "name": "wiz-issue",
        "match": "id && severity && status && type(entitySnapshot) == 'object'"
        " && (sourceRule || sourceRules || control)",
        "detector": "'wiz'",
        "rule_id": "sourceRule.id || sourceRules[0].id || control.id || sourceRule.name || sourceRules[0].name",
        "rule_name": "sourceRule.name || sourceRules[0].name || control.name",
        "alert_key": "join('/', known([entitySnapshot.subscriptionExternalId, entitySnapshot.providerId || id]))",
        "description": "description || sourceRule.controlDescription || sourceRules[0].description"
        " || control.description",
        "timestamp": "createdAt",
        "severity": "severity",
        "status": _STATUS.format("status"),
        "finding_id": "id",
        "attributes": [
            *_resources("[entitySnapshot.providerId || entitySnapshot.externalId || entitySnapshot.name]"),
            *_account("[entitySnapshot]", "cloudPlatform", "subscriptionExternalId"),
            attribute("region", "region", "entitySnapshot.region", "local"),
            attribute("ipaddr", "actor", f"{_ACTORS} | [?type == 'NETWORK_ADDRESS'].name", "subject"),
            attribute("username", "actor", f"{_ACTORS} | [?type != 'NETWORK_ADDRESS'].name", "subject"),
        ],
    },
    {
        "name": "wiz-configuration-finding",
        "match": "id && severity && result && type(rule) == 'object' && type(resource) == 'object' && resource.id"
        " && analyzedAt",
        "detector": "'wiz'",
        "rule_id": "rule.id || rule.shortId || rule.name",
        "rule_name": "rule.name || name",
        "alert_key": "join('/', known([resource.subscription.externalId, resource.providerId || resource.id]))",
        "description": "rule.description || name",
        "timestamp": "analyzedAt || firstSeenAt",
        "severity": "severity",
        "status": "result == 'PASS' && 'passed' || " + _STATUS.format("status"),
        "finding_id": "id",
        "attributes": [
            *_resources("[resource.providerId || targetExternalId || resource.name]"),
            *_account("[resource.subscription][?@]", "cloudPlatform", "externalId"),
            attribute("region", "region", "resource.region", "local"),
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
        "status": _STATUS.format("status"),
        "finding_id": "threatId",
        "attributes": _DETECTED,
    },
    {
        "name": "wiz-detection",
        "match": "id && severity && ruleMatch.rule.id && type(primaryResource) == 'object'",
        "detector": "'wiz'",
        "rule_id": "ruleMatch.rule.id",
        "rule_name": "ruleMatch.rule.name",
        "alert_key": f"join('/', known([({_ACCOUNTS}.externalId | [0]),"
        " primaryResource.externalId || primaryResource.id || issue.id || id]))",
        "description": "description || ruleMatch.rule.name",
        "timestamp": f"({_EVENTS}.[timestamp, eventTime][] | [0]) || createdAt",
        "severity": "severity",
        "finding_id": "id",
        "attributes": _DETECTED,
    },
    _VULNERABILITY,
    within(_VULNERABILITY, "wiz-vulnerability-webhook", "vulnerability"),
]
