"""Run simulations in a temporary folder: alerts and recordings in, JSON out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.command_runner import answer

POLICY = """
def handler(report, context):
    words = [c.get("verdict") for f in report["findings"] for c in f["contents"]]
    silent = [f["inspector"] for f in report["findings"] if f["outcome"] in ("error", "timeout", "throttled")]
    if report["title"] == "fail":
        raise ValueError("no")
    reason = f"{len(words)} said, {len(silent)} silent"
    return {"severity": "urgent" if "malicious" in words else "safe", "reason": reason}
"""
ADDRESS, DOMAIN = ("ipaddr", "198.51.100.7"), ("domain", "evil.example.net")
MALICIOUS = {"contents": [{"type": "host", "verdict": "malicious", "source": "list"}]}


def prepare(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have commands run in a folder with a policy and no recordings yet."""
    (folder / "policy.py").write_text(POLICY)
    (folder / "answers").mkdir()
    monkeypatch.chdir(folder)
    return folder


def alert(*attributes: tuple[str, str], **fields: Any) -> dict[str, Any]:
    listed = [{"type": type_, "value": value} for type_, value in attributes]
    return {"detector": "vpn", "rule_id": "new", "alert_key": "alice", "attributes": listed, **fields}


def write(name: str, *lines: dict[str, Any] | str) -> Path:
    path = Path(name)
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def record(inspector: str, *lines: dict[str, Any] | str) -> None:
    write(f"answers/{inspector}.jsonl", *lines)


def recorded(attribute: tuple[str, str], **fields: Any) -> dict[str, Any]:
    return {"type": attribute[0], "value": attribute[1], **fields}


def simulated(*options: str, code: int = 0) -> Any:
    given = ("alerts.jsonl", "--inspector-answers", "answers", "--reviewer", "policy.py:handler")
    return answer("simulate", *given, *options, code=code)


def findings(found: Any, number: int = 0) -> dict[tuple[str, str], str]:
    listed = found["reports"][number]["report"]["findings"]
    return {(each["inspector"], each["attribute_value"]): each["outcome"] for each in listed}
