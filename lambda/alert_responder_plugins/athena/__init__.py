"""The inspector `athena`: questions to logs that Athena reads."""
