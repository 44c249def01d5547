"""Falco: alerts from `json_output` or falcosidekick.

Format: https://falco.org/docs/concepts/outputs/formatting/
Fields: https://falco.org/docs/reference/rules/supported-fields/
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        # Without fields, use the host that wrote the alert.
        "match": "type(rule) == 'string' && type(priority) == 'string' && (output || source)"
        " && (time || hostname || uuid) && (type(output_fields) == 'object' || source && type(tags) == 'array')",
        "detector": "'falco'",
        "rule_id": "rule",
        # The container, which is `host` outside containers; for audit logs, the actor.
        "alert_key": '[output_fields."container.id", output_fields."ka.user.name", output_fields."ct.user", hostname]'
        "[?@ && @ != 'host' && @ != '<NA>'] | [0]",
        "description": "output",
        "timestamp": 'time || output_fields."evt.time"',
        "severity": "priority",
        "attributes": [
            {
                "type": "username",
                "key": "user",
                "value": '[output_fields."user.name", output_fields."ka.user.name", output_fields."ct.user"]'
                "[?@ && @ != '<NA>']",
                "context": ["subject"],
            },
            {
                "type": "container",
                "key": "container",
                "value": "[output_fields.\"container.id\"][?@ != 'host' && @ != '<NA>']",
                "context": ["local"],
            },
            {
                "type": "image",
                "key": "container image",
                "value": '[output_fields."container.image" || output_fields."container.image.repository"]'
                "[?@ && @ != '<NA>']",
                "context": ["local"],
            },
            {
                "type": "pod",
                "key": "Kubernetes pod",
                "value": '[output_fields."k8s.pod.name", output_fields."k8smeta.pod.name"][?@ != \'<NA>\']',
                "context": ["local"],
            },
            {"type": "hostname", "key": "host", "value": "hostname", "context": ["local"]},
            {"type": "ipaddr", "key": "server", "value": 'output_fields."fd.sip"', "context": ["server"]},
            {"type": "ipaddr", "key": "client", "value": 'output_fields."fd.cip"', "context": ["client"]},
            {"type": "ipaddr", "key": "remote address", "value": 'output_fields."fd.rip"', "context": ["remote"]},
            {"type": "ipaddr", "key": "local address", "value": 'output_fields."fd.lip"', "context": ["local"]},
            {
                # A connection such as `10.0.0.7:51234->198.51.100.7:443`; in IPv6 the port is ambiguous.
                "type": "ipaddr",
                "key": "client",
                "value": "split(output_fields.\"fd.name\", '->') | [:2] | [:-1].split(@, ':')"
                " | [?length(@) == `2`] | [*][0]",
                "context": ["client"],
            },
            {
                "type": "ipaddr",
                "key": "server",
                "value": "split(output_fields.\"fd.name\", '->') | [1:2].split(@, ':') | [?length(@) == `2`] | [*][0]",
                "context": ["server"],
            },
            {
                "type": "filepath",
                "key": "file",
                "value": "[output_fields.\"fd.name\"][?type(@) == 'string' && starts_with(@, '/')]",
                "context": ["file", "local", "object"],
            },
            {"type": "domain", "key": "server", "value": 'output_fields."fd.sip.name"', "context": ["server"]},
            {
                "type": "ipaddr",
                "key": "caller",
                "value": '[output_fields."ct.srcip", output_fields."ka.sourceips"][] | [?@ && @ != \'<NA>\']',
                "context": ["client", "remote", "subject"],
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
                "value": "[output_fields.\"proc.exepath\"][?@ && @ != '<NA>']",
                "context": ["file", "local"],
            },
        ],
    }
]
