"""Write the JSON Schemas of the contracts, for plug-ins and producers in other languages."""

import argparse
import json
import sys
from pathlib import Path

from alert_responder.contracts.schemas import CONTRACTS, schema
from tools.paths import ROOT

FOLDER = ROOT / "schemas"


def schemas() -> dict[str, str]:
    """Return the text of every schema by file name."""
    return {f"{name}.json": f"{json.dumps(schema(name), indent=2, ensure_ascii=False)}\n" for name in CONTRACTS}


def differences(folder: Path) -> list[str]:
    """List the files in a folder that differ from the contracts."""
    wanted = schemas()
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: list[str] | None = None) -> int:
    """Write the schemas, or with ``--check`` fail if the tracked ones are outdated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a tracked schema is outdated")
    if parser.parse_args(arguments).check:
        found = differences(FOLDER)
        for name in found:
            print(f"schemas/{name} differs from the contracts: run 'make schemas'.", file=sys.stderr)
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
