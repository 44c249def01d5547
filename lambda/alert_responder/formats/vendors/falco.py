"""Falco, as `json_output` writes it, and as falcosidekick passes it on.

Format: https://falco.org/docs/concepts/outputs/formatting/
Fields: https://falco.org/docs/reference/rules/supported-fields/
"""

from typing import Any

MAPPINGS: list[dict[str, Any]] = [
    {
        # Without the fields there is at least what wrote it.
        "match": "type(rule) == 'string' && type(priority) == 'string' && (output || source)"
        " && (time || hostname || uuid) && (type(output_fields) == 'object' || source && type(tags) == 'array')",
        "detector": "'falco'",
        "rule_id": "rule",
        # Where it happened: the container, which Falco calls `host` where there is none; for audit logs, who did it.
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
            {"type": "ipaddr", "key": "far end", "value": 'output_fields."fd.rip"', "context": ["remote"]},
            {"type": "ipaddr", "key": "near end", "value": 'output_fields."fd.lip"', "context": ["local"]},
            {
                # A connection by its name, `10.0.0.7:51234->198.51.100.7:443`; IPv6 cannot be told from its port.
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
