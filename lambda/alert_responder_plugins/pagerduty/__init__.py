"""The emitter `pagerduty`: one incident per report, on an Events API v2 integration."""
