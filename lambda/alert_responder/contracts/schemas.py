"""The JSON Schemas of the contracts, for plug-ins and producers in other languages."""

from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.inspection import BatchAnswer, InspectionAnswer, InspectionBatch, InspectionTask
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest, Report, ReviewAnswer

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Alerts and answers are described as they are validated, requests and reports as they are serialized.
CONTRACTS: dict[str, tuple[str, Any, Literal["validation", "serialization"]]] = {
    "alert": ("Alert: what a producer puts on the stream", Alert, "validation"),
    "inspection_task": ("Inspection task: input of an inspector", InspectionTask, "serialization"),
    "inspection_answer": ("Inspection answer: output of an inspector", InspectionAnswer | None, "validation"),
    "inspection_batch": ("Inspection batch: input of an inspector with batch_size", InspectionBatch, "serialization"),
    "batch_answer": ("Batch answer: output of an inspector with batch_size", BatchAnswer, "validation"),
    "report": ("Report: input of the reviewer", Report, "serialization"),
    "review_answer": ("Review answer: output of the reviewer", ReviewAnswer, "validation"),
    "emission_request": ("Emission request: input of an emitter", EmissionRequest, "serialization"),
    "emission_answer": ("Emission answer: output of an emitter", EmissionAnswer | None, "validation"),
}


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the schema of a contract by its name in `CONTRACTS`; it is shared, so do not change it."""
    title, contract, mode = CONTRACTS[name]
    return {"$schema": _DIALECT, **TypeAdapter(contract).json_schema(mode=mode), "title": title}
