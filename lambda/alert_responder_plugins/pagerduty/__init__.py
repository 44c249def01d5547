"""Pages people by PagerDuty: an incident for each urgent report, updated and resolved by later rounds."""
