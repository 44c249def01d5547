"""The reviewer `policy`."""

from typing import Any

from tests.plan.ready_made import ReadyMade, Refused

RULES: list[dict[str, Any]] = [{"name": "malicious", "match": {"verdict": "malicious"}, "severity": "urgent"}]
TESTS = [{"name": "bad", "report": "tests/bad.json", "expect": {"severity": "urgent"}}]
EXPIRED = {
    "name": "old-scanner",
    "match": {"detector": "guardduty"},
    "owner": "net-team@example.com",
    "reason": "Our own scanner.",
    "starts": "2026-01-01",
    "expires": "2026-03-01",
}
TOPIC = "arn:aws:sns:eu-west-1:111122223333:alarms"

MODULE = ReadyMade(
    module="policy",
    kind="reviewer",
    required={"policy": {"rules": RULES, "tests": TESTS}},
    variants={
        "options": {"alarm_actions": [TOPIC], "name": "soc", "policy": {"rules": RULES, "suppressions": [EXPIRED]}},
    },
    refused=(
        Refused({"alarm_actions": ["pager"]}, "alarm_actions must contain at most 5 ARNs"),
        Refused({"alarm_actions": [f"{TOPIC}-{number}" for number in range(6)]}, "alarm_actions must contain at most"),
        *(
            Refused({"name": name}, "name must have 1 to 40 lower-case letters, digits and single hyphens")
            for name in ("", "SOC", "a--b", "a/b", "a" * 41)
        ),
        Refused({"policy": "rules: []"}, "policy must be an object, such as yamldecode"),
        Refused({"policy": [RULES]}, "policy must be an object, such as yamldecode"),
        Refused({"policy": {"rules": RULES, "x": "a" * 350_000}}, "policy must have at most 350000 bytes as JSON, got"),
        # Fewer characters than bytes.
        Refused({"policy": {"x": "ä" * 175_000}}, "policy must have at most 350000 bytes as JSON, got about 350"),
    ),
)
