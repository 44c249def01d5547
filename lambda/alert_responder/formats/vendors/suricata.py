"""Suricata: an alert of the EVE log, also from AWS Network Firewall.

Format: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
AWS: https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html
"""

from typing import Any

from alert_responder.formats.mapping_variants import within

# `src_ip` sent the packet that matched, which may be an answer. The client opened the flow; older versions tell its
# direction only by the ports.
_BY_CLIENT = "(direction == 'to_server' || !direction && src_port >= `1024` && dest_port < `1024`)"
_BY_SERVER = "(direction == 'to_client' || !direction && src_port < `1024` && dest_port >= `1024`)"
_CLIENT = f"flow.src_ip || {_BY_CLIENT} && src_ip || {_BY_SERVER} && dest_ip || null"
_ANSWERS = "[dns.answers, dns.answer.answers, dns][][]"
_SERVER = f"flow.dest_ip || {_BY_CLIENT} && dest_ip || {_BY_SERVER} && src_ip || null"

_ALERT: dict[str, Any] = {
    "name": "suricata",
    "match": "event_type == 'alert' && (alert.signature_id || alert.signature) && src_ip",
    "detector": "'suricata'",
    "rule_id": "alert.signature_id || alert.signature",
    "rule_name": "alert.signature",
    # A signature and a client are one incident at each sensor, regardless of the servers.
    "alert_key": f"join('/', known([host || sensor_name, tenant_id, {_CLIENT} || src_ip]))",
    "description": "join(': ', [alert.signature, alert.category][?@])",
    "timestamp": "timestamp",
    "severity": "alert.severity",
    "attributes": [
        {"type": "ipaddr", "key": "client", "value": _CLIENT, "context": ["client"]},
        {"type": "ipaddr", "key": "server", "value": _SERVER, "context": ["server"]},
        # Where nothing tells who opened the flow.
        {"type": "ipaddr", "key": "source", "value": f"!({_CLIENT}) && src_ip || null", "context": ["source"]},
        {
            "type": "ipaddr",
            "key": "destination",
            "value": f"!({_SERVER}) && dest_ip || null",
            "context": ["destination"],
        },
        {
            "type": "ipaddr",
            "key": "client behind the proxy",
            "value": "[split(xff || http.xff, ','), split(alert.xff, ',')]",
            "context": ["client"],
        },
        {
            "type": "domain",
            "key": "requested domain",
            "value": "[http.hostname, tls.sni, quic.sni, dns.rrname, [dns.query, dns.queries, dns.answer][][].rrname]",
            "context": ["server"],
        },
        # Version 2 of the DNS records has the answers in an object; version 1 is one answer.
        {
            "type": "ipaddr",
            "key": "answer",
            "value": f"{_ANSWERS} | [?rrtype == 'A' || rrtype == 'AAAA'].rdata",
            "context": ["additional"],
        },
        {
            "type": "domain",
            "key": "answer",
            "value": f"{_ANSWERS} | [?rrtype == 'CNAME'].rdata",
            "context": ["additional"],
        },
        {
            "type": "url",
            "key": "requested URL",
            "value": "[http][?hostname && type(url) == 'string' && starts_with(url, '/')]"
            ".join('', ['http://', hostname, url])",
            "context": ["server"],
        },
        # A client of a proxy requests whole URLs.
        {
            "type": "url",
            "key": "requested URL",
            "value": "[http.url][?type(@) == 'string' && contains(@, '://') && !starts_with(@, '/')]",
            "context": ["server"],
        },
        {"type": "endpoint", "key": "URL in the mail", "value": "email.url", "context": ["additional"]},
        {"type": "email", "key": "sender of the mail", "value": "email.from", "context": ["additional"]},
        {"type": "email", "key": "recipient of the mail", "value": "email.to", "context": ["additional"]},
        {
            "type": "filehashvalue",
            "key": "file",
            "value": "[fileinfo, files][].[sha256, sha1, md5]",
            "context": ["file"],
        },
        {"type": "hostname", "key": "sensor", "value": "host", "context": ["additional", "local"]},
    ],
}

_FIREWALL = within(_ALERT, "suricata-network-firewall", "event")

MAPPINGS: list[dict[str, Any]] = [
    _ALERT,
    {**_FIREWALL, "alert_key": f"join('/', known([firewall_name, {_FIREWALL['alert_key']}]))"},
]
