"""The contracts, as pydantic models: alerts, tasks, answers, reports, emissions, plug-ins."""
