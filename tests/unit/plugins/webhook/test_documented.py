"""The README of `modules/webhook-source` describes the code."""

from alert_responder_plugins.webhook import credentials, receive, verification
from tools.paths import ROOT

README = (ROOT / "modules" / "webhook-source" / "README.md").read_text(encoding="utf-8")


def test_numbers_in_the_readme() -> None:
    for text in (
        f"at least {credentials.MIN_LENGTH} characters",
        f"more than {verification.MAX_AGE_SECONDS // 60} minutes from now",
        f"more than {receive.MAX_BODY_BYTES:,} bytes",
        f"after {credentials.MIN_AGE_SECONDS} seconds",
        f"cached for {credentials.MAX_AGE_SECONDS // 60} minutes",
    ):
        assert text in README, text
    limits = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    assert f"at most {receive.MAX_BODY_BYTES:,} bytes" in limits
    variables = (ROOT / "modules" / "webhook-source" / "variables.tf").read_text(encoding="utf-8")
    assert f"at least {credentials.MIN_LENGTH} characters" in variables


def test_accepted_headers_are_named() -> None:
    for header in ("X-Grafana-Alerting-Timestamp", "X-Hub-Signature-256", "X-CS-Primary-Signature"):
        assert header in README + verification.MISSING
