"""Reviewer: rates a report by what the inspectors said. These rules are the organisation's own."""

from typing import Any

# Alerts that come from our own vulnerability scanner, by what the inventory says of it.
OUR_SCANNERS = {"vulnerability-scanner"}


def handler(report: dict[str, Any], context: object) -> dict[str, str]:
    bad, suspicious, harmless, ours = [], [], [], False
    for finding in report["findings"]:
        for content in finding["contents"]:
            said = f"{finding['attribute_value']} is {content.get('verdict')} says {finding['inspector']}"
            if content.get("verdict") == "malicious":
                bad.append(said)
            elif content.get("verdict") == "suspicious":
                suspicious.append(said)
            elif content.get("verdict") == "harmless":
                harmless.append(said)
            ours = ours or bool(OUR_SCANNERS & set(content.get("hostname") or []))
    if bad:
        return {"severity": "urgent", "reason": "; ".join(bad)[:1000]}
    if ours:
        return {"severity": "safe", "reason": "It is our own vulnerability scanner at work."}
    if suspicious:
        return {"severity": "unclassified", "reason": "; ".join(suspicious)[:1000]}
    failed = {finding["inspector"] for finding in report["findings"] if finding["outcome"] not in _ANSWERED}
    if failed:
        return {
            "severity": "unclassified",
            "reason": f"No answer from {', '.join(sorted(failed))}: somebody has to look.",
        }
    if harmless:
        return {"severity": "safe", "reason": "; ".join(harmless)[:1000]}
    return {"severity": "unclassified", "reason": "Nothing is known of what is in it."}


_ANSWERED = {"ok", "empty", "cached"}
