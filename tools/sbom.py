"""Write the bill of materials of what a function runs: the package, and what it uses of the layer. CycloneDX, JSON.

Run by `make sbom` in the environment of requirements/audit.txt. Equal sources give an equal bill.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "dist" / "alert_responder.zip"
LAYER = ROOT / "requirements" / "layer.txt"
TARGET = ROOT / "build" / "alert_responder.cdx.json"


def layer_components() -> dict[str, Any]:
    """Have the layer's pins read, with their hashes."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", str(LAYER)]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    bill: dict[str, Any] = json.loads(run.stdout)
    return bill


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


def main() -> int:
    """Write it, and say what is in it."""
    bill = complete(layer_components(), PACKAGE.read_bytes())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    listed = [f"{component['name']} {component['version']}" for component in bill["components"]]
    print(f"{TARGET.relative_to(ROOT)}: {', '.join(listed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
