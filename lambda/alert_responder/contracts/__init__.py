"""The JSON that crosses a boundary, as pydantic models: alerts, tasks, answers, reports, emissions, plug-ins."""
