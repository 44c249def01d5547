"""The JSON Schemas of the contracts, for whoever writes plug-ins and producers in another language."""

from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.inspection import InspectionAnswer, InspectionTask
from alert_responder.contracts.report import EmissionAnswer, EmissionRequest, Report, ReviewAnswer

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

# What we read is described as we take it, what we write as we write it.
CONTRACTS: dict[str, tuple[str, Any, Literal["validation", "serialization"]]] = {
    "alert": ("Alert: what a producer puts on the stream", Alert, "validation"),
    "inspection_task": ("Task: what an inspector gets", InspectionTask, "serialization"),
    "inspection_answer": ("Answer: what an inspector may answer", InspectionAnswer | None, "validation"),
    "report": ("Report: what the reviewer gets", Report, "serialization"),
    "review_answer": ("Review: what the reviewer answers", ReviewAnswer, "validation"),
    "emission_request": ("Emission: what an emitter gets", EmissionRequest, "serialization"),
    "emission_answer": ("Answer: what an emitter may answer", EmissionAnswer | None, "validation"),
}


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the schema of a contract, by its name in `CONTRACTS`; it is shared, so leave it as it is."""
    title, contract, mode = CONTRACTS[name]
    return {"$schema": _DIALECT, **TypeAdapter(contract).json_schema(mode=mode), "title": title}
