"""Shared by the plug-ins: the delivery log, deadlines, secrets, settings, errors, and the summary of a report."""
