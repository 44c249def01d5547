"""The hardware that a figure was measured on; the machine's name is left out."""

import os
import platform
from pathlib import Path


def machine() -> dict[str, str | int]:
    """Describe the machine by its cores, its CPU model and Python's version."""
    return {"cores": os.cpu_count() or 1, "cpu": _cpu(), "python": platform.python_version()}


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
