"""Reviewer: rates a report by its findings. Replace these rules with your own."""

from collections import defaultdict
from typing import Any

# Hosts that cause alerts on purpose, by their name in the inventory.
OUR_SCANNERS = {"vulnerability-scanner"}

ANSWERED = {"ok", "empty", "cached"}


def handler(report: dict[str, Any], context: object) -> dict[str, str]:
    verdicts: dict[str, list[str]] = defaultdict(list)
    hosts: set[str] = set()
    for finding in report["findings"]:
        for content in finding["contents"]:
            verdict = content.get("verdict") or "unknown"
            verdicts[verdict].append(f"{finding['attribute_value']} is {verdict} according to {finding['inspector']}")
            hosts.update(content.get("hostname") or [])
    silent = sorted({finding["inspector"] for finding in report["findings"] if finding["outcome"] not in ANSWERED})
    if verdicts["malicious"]:
        return answer("urgent", *verdicts["malicious"])
    if hosts & OUR_SCANNERS:
        return answer("safe", "the host is the organisation's vulnerability scanner")
    if verdicts["suspicious"]:
        return answer("unclassified", *verdicts["suspicious"])
    if silent:
        return answer("unclassified", f"no answer from {', '.join(silent)}")
    if verdicts["harmless"]:
        return answer("safe", *verdicts["harmless"])
    return answer("unclassified", "no inspector knows any of the attributes")


def answer(severity: str, *reasons: str) -> dict[str, str]:
    return {"severity": severity, "reason": "; ".join(reasons)[:1000]}
