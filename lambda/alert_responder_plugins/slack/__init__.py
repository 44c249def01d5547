"""Tells of reports in a channel of Slack: one message a report, updated by later rounds."""
