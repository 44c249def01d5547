"""`bin/alert-responder` runs the clone's command line from any folder, or asks for `make setup`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.paths import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a clone with the sources of this one, in a folder whose name has a space."""
    made = tmp_path / "a clone"
    (made / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "bin" / "alert-responder", made / "bin")
    for name in ("lambda", "cli"):
        (made / name).symlink_to(ROOT / name)
    return made


def run(program: Path, *arguments: str, here: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, *arguments], cwd=here, capture_output=True, text=True, check=False)


def test_it_runs_from_any_folder_and_through_links(clone: Path, tmp_path: Path) -> None:
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # Not a link: Python looks for its packages beside the file that it was started by.
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ar").symlink_to("../link")
    (tmp_path / "link").symlink_to(clone / "bin" / "alert-responder")
    # What lies in the current folder is not imported.
    (tmp_path / "typing.py").write_text("raise SystemExit(7)", encoding="utf-8")

    done = run(tmp_path / "bin" / "ar", "--help", here=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("Usage: alert-responder [OPTIONS] COMMAND")


def test_a_missing_environment_asks_for_setup(clone: Path, tmp_path: Path) -> None:
    done = run(clone / "bin" / "alert-responder", "reports", here=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"Run 'make setup' in {clone} first.\n"
