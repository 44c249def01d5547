"""Paths in the repository."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
EXAMPLE = ROOT / "examples" / "local"
EMULATOR_ENVIRONMENT = ROOT / ".venv-emulator"
