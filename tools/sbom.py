"""Write the bill of materials of what a function runs: the package with what it brings along, and what is in the layer.

CycloneDX, JSON. Run by `make sbom` in the environment of requirements/audit.txt. Equal sources give an equal bill.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "dist" / "alert_responder.zip"
PINS = tuple(ROOT / "requirements" / f"{name}.txt" for name in ("layer", "page"))
TARGET = ROOT / "build" / "alert_responder.cdx.json"


def components_of(pins: Path) -> dict[str, Any]:
    """Have pins read, with their hashes."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", str(pins)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    bill: dict[str, Any] = json.loads(run.stdout)
    return bill


def joined(bills: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Make one bill of several; a line of a file of pins is known by its number, of which each file has its own."""
    named = [_renamed(bill, number) for number, bill in enumerate(bills)]
    lists = {part: [entry for bill in named for entry in bill.get(part, [])] for part in ("components", "dependencies")}
    return {**bills[0], **lists}


def complete(bill: dict[str, Any], package: bytes) -> dict[str, Any]:
    """Add what it is the bill of: the package, known by its hash, which needs all that is listed."""
    name = "alert_responder"
    component = {
        "type": "application",
        "bom-ref": name,
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(package).hexdigest()}],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    needs = [listed["bom-ref"] for listed in bill["components"]]
    dependencies = [*bill.get("dependencies", []), {"ref": name, "dependsOn": needs}]
    return {**bill, "metadata": {**bill.get("metadata", {}), "component": component}, "dependencies": dependencies}


def _renamed(bill: dict[str, Any], number: int) -> dict[str, Any]:
    """Put a number before all that parts of a bill call each other."""

    def name(reference: str) -> str:
        return f"{number}-{reference}"

    components = [{**each, "bom-ref": name(each["bom-ref"])} for each in bill["components"]]
    dependencies = [
        {part: name(told) if part == "ref" else list(map(name, told)) for part, told in each.items()}
        for each in bill.get("dependencies", [])
    ]
    return {**bill, "components": components, "dependencies": dependencies}


def main() -> int:
    """Write it, and say what is in it."""
    bill = complete(joined([components_of(pins) for pins in PINS]), PACKAGE.read_bytes())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    listed = [f"{component['name']} {component['version']}" for component in bill["components"]]
    print(f"{TARGET.relative_to(ROOT)}: {', '.join(listed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
