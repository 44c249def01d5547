"""The inspector `logs-insights`: questions to log groups of CloudWatch Logs."""
