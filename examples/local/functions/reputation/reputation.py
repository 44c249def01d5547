"""Inspector: looks up addresses and domains in a threat feed. The feed is the table below."""

from typing import Any

SOURCE = "example threat feed"

# Addresses and names reserved for documentation; a real inspector would call a service.
KNOWN: dict[str, dict[str, Any]] = {
    "update-check.example.net": {
        "verdict": "malicious",
        "related_malware": [
            {
                "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "relation": "communicates with it",
                "scans": [{"vendor": "ExampleAV", "name": "Trojan.Beacon", "positive": True}],
            }
        ],
        "ipaddr": ["203.0.113.77"],
    },
    "203.0.113.77": {
        "verdict": "malicious",
        "country": ["ZZ"],
        "as_owner": ["Example Bulletproof Hosting"],
        "related_domains": [{"name": "update-check.example.net"}],
    },
    "198.51.100.23": {"verdict": "suspicious", "country": ["ZZ"], "as_owner": ["Example Cloud"]},
    "192.0.2.53": {"verdict": "harmless", "as_owner": ["Example Vulnerability Scanner"]},
}

UNREACHABLE = "feed-outage.example.org"


class FeedError(Exception):
    """The threat feed does not answer."""


def handler(task: dict[str, Any], context: object) -> dict[str, Any] | None:
    value = task["attribute"]["value"].lower()
    if value == UNREACHABLE:
        raise FeedError("The threat feed does not answer.")
    known = KNOWN.get(value)
    if known is None:
        return None
    answer: dict[str, Any] = {"contents": [{"type": "host", "source": SOURCE, **known}]}
    if task["attribute"]["type"] == "domain":
        # Have the addresses of the domain inspected as well.
        answer["new_attributes"] = [
            {"type": "ipaddr", "key": "resolved address", "value": address, "context": ["remote"]}
            for address in known.get("ipaddr", [])
        ]
    return answer
