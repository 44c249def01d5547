"""Falco: alerts from `json_output` or falcosidekick.

Format: https://falco.org/docs/concepts/outputs/formatting/
Fields: https://falco.org/docs/reference/rules/supported-fields/
Plugins (Kubernetes audit, CloudTrail, Okta, GitHub, Google Cloud): https://github.com/falcosecurity/plugins
"""

from typing import Any


def _first(*fields: str) -> str:
    """Return an expression for the first of these output fields that an alert has, or null."""
    quoted = ", ".join(f'"{field}"' for field in fields)
    return f"known(output_fields.[{quoted}])[0]"


_CLUSTER = _first("k8s.cluster.name", "k8s_cluster_name", "cluster", "cluster_name", "ka.cluster.name")
# Of the Kubernetes audit, the object of the call: a pod, or of another kind.
_NAMESPACE = _first("k8s.ns.name", "k8smeta.ns.name", "ka.target.namespace")
_POD = _first("k8s.pod.name", "k8smeta.pod.name", "ka.target.pod.name")
_TARGET, _KIND = 'output_fields."ka.target.name"', 'output_fields."ka.target.resource"'
# Rules about `exec` and the like often leave the kind out.
_IS_POD = f"({_KIND} == 'pods' || !({_KIND}) && output_fields.\"ka.target.subresource\")"
_CONTAINER = "(known([output_fields.\"container.id\"])[?@ != 'host'] | [0])"
_NAME = "(known([output_fields.\"container.name\"])[?@ != 'host'] | [0])"
_ACTOR = _first(
    "ka.user.name", "ct.user", "okta.actor.alternateid", "okta.actor.name", "gcp.user", "github.user", "ct.user.arn"
)
_TENANT = (
    f"({_first('ct.user.accountid', 'ct.recipientaccountid', 'gcp.projectId', 'okta.org', 'github.org', 'github.repo')}"
    " || split(output_fields.\"ct.user.arn\", ':')[3])"
)
# A connection such as `10.0.0.7:51234->198.51.100.7:443`; the port is always there, also after an address in IPv6.
_ENDS = "[split(output_fields.\"fd.name\", '->')][?length(@) == `2`][]"

MAPPINGS: list[dict[str, Any]] = [
    {
        # Without fields, use the host that wrote the alert.
        "match": "type(rule) == 'string' && type(priority) == 'string' && (output || source)"
        " && (type(output_fields) == 'object' || source && type(tags) == 'array' && (time || hostname || uuid))",
        "detector": "'falco'",
        "rule_id": "rule",
        # The pod if its cluster is known; else the container, which is `host` outside containers; else the pod on this
        # node. For the logs of plugins, also the actor, in an account if there is one.
        "alert_key": f"{{c: {_CLUSTER}, n: {_NAMESPACE}, p: {_POD} || {_TARGET}, i: {_CONTAINER}, m: {_NAME},"
        f" t: {_TENANT}, a: {_ACTOR}, h: hostname || output_fields.hostname}}"
        " | c && p && join('/', known([c, n, p, a])) || i || join('/', known([c, t || h, n, p || m, a]))",
        "description": "output",
        "timestamp": 'time || output_fields."evt.time"',
        "severity": "priority",
        "attributes": [
            {
                "type": "username",
                "key": "user",
                "value": f'[output_fields."user.name", {_ACTOR}]',
                "context": ["subject"],
            },
            {"type": "container", "key": "container", "value": _CONTAINER, "context": ["local"]},
            {
                "type": "image",
                "key": "container image",
                "value": 'output_fields."container.image" || output_fields."container.image.repository"',
                "context": ["local"],
            },
            {
                "type": "pod",
                "key": "Kubernetes pod",
                "value": f"{_POD} || {_IS_POD} && {_TARGET} || null",
                "context": ["local"],
            },
            {"type": "hostname", "key": "host", "value": "hostname || output_fields.hostname", "context": ["local"]},
            {"type": "ipaddr", "key": "server", "value": 'output_fields."fd.sip"', "context": ["server"]},
            {"type": "ipaddr", "key": "client", "value": 'output_fields."fd.cip"', "context": ["client"]},
            {"type": "ipaddr", "key": "remote address", "value": 'output_fields."fd.rip"', "context": ["remote"]},
            {"type": "ipaddr", "key": "local address", "value": 'output_fields."fd.lip"', "context": ["local"]},
            {"type": "ipaddr", "key": "client", "value": f"before_last({_ENDS} | [0], ':')", "context": ["client"]},
            {"type": "ipaddr", "key": "server", "value": f"before_last({_ENDS} | [1], ':')", "context": ["server"]},
            {
                "type": "filepath",
                "key": "file",
                "value": "[output_fields.\"fd.name\"][?type(@) == 'string' && starts_with(@, '/')]",
                "context": ["file", "local", "object"],
            },
            {"type": "domain", "key": "server", "value": 'output_fields."fd.sip.name"', "context": ["server"]},
            {"type": "domain", "key": "remote name", "value": 'output_fields."fd.rip.name"', "context": ["remote"]},
            {
                "type": "username",
                "key": "affected user",
                "value": 'output_fields.["okta.target.user.alternateid", "okta.target.user.name"]',
                "context": ["object"],
            },
            {
                "type": "resource",
                "key": "Kubernetes object",
                "value": f"!({_POD} || {_IS_POD}) && {_TARGET} || null",
                "context": ["local", "object"],
            },
            {
                "type": "ipaddr",
                "key": "caller",
                "value": '[output_fields."ct.srcip", output_fields."ka.sourceips", output_fields."gcp.callerIP",'
                ' output_fields."okta.client.ip"]',
                "context": ["client", "subject"],
            },
            {"type": "arn", "key": "caller", "value": 'output_fields."ct.user.arn"', "context": ["subject"]},
            {
                "type": "account",
                "key": "account",
                "value": '[output_fields."ct.recipientaccountid", output_fields."ct.user.accountid"]',
                "context": ["local"],
            },
            {"type": "project", "key": "project", "value": 'output_fields."gcp.projectId"', "context": ["local"]},
            {
                "type": "repository",
                "key": "repository",
                "value": 'output_fields."github.repo"',
                "context": ["local", "object"],
            },
            {
                "type": "filehashvalue",
                "key": "executable",
                "value": '[output_fields."proc.exe.sha256", output_fields."proc.hash.sha256"]',
                "context": ["file"],
            },
            {
                "type": "filepath",
                "key": "executable",
                "value": 'output_fields."proc.exepath"',
                "context": ["file", "local"],
            },
        ],
    }
]
