"""Processor time of the emulator, of our functions in it, and of the plug-ins."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_OURS = ("-receptor", "-coordinator", "-runner")


def used(root: int) -> dict[str, float]:
    """Sum the processor time of a process and its descendants [seconds].

    Returns
    -------
    dict
        `emulator`, `our functions`, `plug-ins`, and `ended` for processes that have ended.
    """
    total = {"emulator": 0.0, "our functions": 0.0, "plug-ins": 0.0, "ended": 0.0}
    for pid in tree(root):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            name = _function(pid)
        except OSError:
            continue
        own, ended = (sum(map(int, fields[start : start + 2])) / _TICKS for start in (11, 13))
        total[_owner(name)] += own
        total["ended"] += ended
    return total


def _owner(function: str | None) -> str:
    if function is None:
        return "emulator"
    return "our functions" if function.endswith(_OURS) else "plug-ins"


def _function(pid: int) -> str | None:
    for entry in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
        name, _, value = entry.partition(b"=")
        if name == b"AWS_LAMBDA_FUNCTION_NAME":
            return value.decode()
    return None


def tree(root: int) -> list[int]:
    """List a process and its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
            except OSError:
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found
