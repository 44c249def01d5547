"""Write the software bill of materials of the functions: our package, the packages in the zips, and those in the layer.

`make sbom` runs this in the environment of requirements/audit.txt. The format is CycloneDX JSON; equal sources give an
equal bill.
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
PINS = tuple(ROOT / "requirements" / f"{name}.txt" for name in ("layer", "page", "pagerduty", "slack"))
TARGET = ROOT / "build" / "alert_responder.cdx.json"


def components_of(pins: Path) -> dict[str, Any]:
    """Make the bill of a file of pins."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", str(pins)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    bill: dict[str, Any] = json.loads(run.stdout)
    return bill


def joined(bills: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join bills; references are numbered lines of a file, so each bill's references get a prefix."""
    named = [_renamed(bill, number) for number, bill in enumerate(bills)]
    lists = {part: [entry for bill in named for entry in bill.get(part, [])] for part in ("components", "dependencies")}
    return {**bills[0], **lists}


def complete(bill: dict[str, Any], package: bytes) -> dict[str, Any]:
    """Add the package itself, with its hash and a dependency on every listed component."""
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
    """Put a number in front of all references in a bill."""

    def name(reference: str) -> str:
        return f"{number}-{reference}"

    components = [{**each, "bom-ref": name(each["bom-ref"])} for each in bill["components"]]
    dependencies = [
        {part: name(value) if part == "ref" else list(map(name, value)) for part, value in each.items()}
        for each in bill.get("dependencies", [])
    ]
    return {**bill, "components": components, "dependencies": dependencies}


def main() -> int:
    """Write the bill and print its components."""
    bill = complete(joined([components_of(pins) for pins in PINS]), PACKAGE.read_bytes())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    listed = [f"{component['name']} {component['version']}" for component in bill["components"]]
    print(f"{TARGET.relative_to(ROOT)}: {', '.join(listed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
