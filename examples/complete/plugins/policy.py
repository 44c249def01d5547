"""Reviewer: rates a report by what is known of its addresses. These rules are the organisation's own."""

import os
from typing import Any


def handler(report: dict[str, Any], context: object) -> dict[str, str]:
    ours = {name.strip() for name in os.environ["OWN_NETWORKS"].split(",")}
    contents = [content for finding in report["findings"] for content in finding["contents"]]
    bad = sorted(
        {content.get("source") or "an inspector" for content in contents if content.get("verdict") == "malicious"}
    )
    if bad:
        return {"severity": "urgent", "reason": f"Malicious, says {', '.join(bad)}."}
    owners = {owner for content in contents for owner in content.get("owner", [])}
    if owners and owners <= ours:
        return {"severity": "safe", "reason": f"From our own networks: {', '.join(sorted(owners))}."}
    if owners:
        return {"severity": "urgent", "reason": f"From outside: {', '.join(sorted(owners))}."}
    return {"severity": "unclassified", "reason": "Nobody knows where it comes from."}
