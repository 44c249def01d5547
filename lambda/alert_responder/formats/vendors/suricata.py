"""Suricata: an alert of the EVE log, also from AWS Network Firewall.

Format: https://docs.suricata.io/en/latest/output/eve/eve-json-format.html
AWS: https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-logging-contents.html
"""

from typing import Any

from alert_responder.formats.mapping_variants import within

_ALERT: dict[str, Any] = {
    "name": "suricata",
    "match": "event_type == 'alert' && alert.signature_id && src_ip",
    "detector": "'suricata'",
    "rule_id": "alert.signature_id",
    "rule_name": "alert.signature",
    # A signature and a source address are one incident, regardless of the destinations.
    "alert_key": "src_ip",
    "description": "join(': ', [alert.signature, alert.category][?@])",
    "timestamp": "timestamp",
    "severity": "alert.severity",
    "attributes": [
        {"type": "ipaddr", "key": "source", "value": "src_ip", "context": ["client"]},
        {"type": "ipaddr", "key": "destination", "value": "dest_ip", "context": ["server"]},
        {
            "type": "domain",
            "key": "requested domain",
            "value": "[http.hostname, tls.sni, dns.rrname, [dns.query][][].rrname]",
            "context": ["server"],
        },
        {
            "type": "filehashvalue",
            "key": "file",
            "value": "[fileinfo, files][].[sha256, sha1, md5]",
            "context": ["file"],
        },
        {"type": "hostname", "key": "sensor", "value": "host", "context": ["additional", "local"]},
    ],
}

MAPPINGS: list[dict[str, Any]] = [_ALERT, within(_ALERT, "suricata-network-firewall", "event")]
