"""Write the JSON Schemas of the contracts, for whoever writes plug-ins and producers in another language."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.emission import EmissionAnswer
from alert_responder.contracts.inspection import InspectionAnswer, InspectionTask
from alert_responder.contracts.report import EmissionRequest, Report
from alert_responder.contracts.review import ReviewAnswer
from tools.paths import ROOT

FOLDER = ROOT / "schemas"
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


def schemas() -> dict[str, str]:
    """Give the text of every schema by file name."""
    found = {}
    for name, (title, contract, mode) in CONTRACTS.items():
        schema = TypeAdapter(contract).json_schema(mode=mode)
        text = json.dumps({"$schema": _DIALECT, **schema, "title": title}, indent=2, ensure_ascii=False)
        found[f"{name}.json"] = f"{text}\n"
    return found


def differences(folder: Path) -> list[str]:
    """Name the files in a folder that are not as the contracts say, sorted; empty when all are."""
    wanted = schemas()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: list[str] | None = None) -> int:
    """Write the schemas, or with ``--check`` say whether the tracked ones are up to date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail if a tracked schema is not up to date"
    )
    if parser.parse_args(arguments).check:
        found = differences(FOLDER)
        for name in found:
            print(f"schemas/{name} is not what the contracts say: run 'make schemas'.", file=sys.stderr)
        return 1 if found else 0
    FOLDER.mkdir(exist_ok=True)
    wanted = schemas()
    for path in FOLDER.glob("*.json"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
