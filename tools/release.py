"""Check a release and write its files: ``python -m tools.release v1.2.3``.

The version in pyproject.toml, the newest version in CHANGELOG.md and the tag must be equal.
"""

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tools.errors import ToolError
from tools.paths import ROOT

FOLDER, NOTES = ROOT / "build" / "release", ROOT / "build" / "release-notes.md"
BILL = ROOT / "build" / "alert_responder.cdx.json"
_SECTION = re.compile(
    r"^## (?P<version>\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)


def release_notes(tag: str, project: str, changelog: str) -> str:
    """Return the notes of a release.

    Parameters
    ----------
    tag
        Such as ``v1.2.3``.
    project, changelog
        Texts of pyproject.toml and CHANGELOG.md.

    Raises
    ------
    ToolError
        If the three versions differ, or changes are listed that belong to no version.
    """
    version = tomllib.loads(project)["project"]["version"]
    if tag != f"v{version}":
        raise ToolError(f"the tag must be v{version}, the version in pyproject.toml, got {tag}")
    newest = _SECTION.search(changelog)
    if newest is None or newest["version"] != version:
        found = newest["version"] if newest else "none"
        raise ToolError(f"the newest dated version in CHANGELOG.md must be '## {version} - YYYY-MM-DD', got {found}")
    unreleased = re.search(r"^## Unreleased\n(.*?)^## ", changelog, re.MULTILINE | re.DOTALL)
    if unreleased and unreleased[1].strip():
        raise ToolError(f"CHANGELOG.md lists changes under Unreleased: move them to {version}")
    return newest["text"].strip() + "\n"


def checksums(folder: Path) -> str:
    """Return the SHA-256 of each file in a folder, as ``sha256sum --check`` reads them."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)


def main(arguments: list[str] | None = None) -> int:
    """Write the release's files to build/release/ and its notes to build/release-notes.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("tag")
    tag = parser.parse_args(arguments).tag
    try:
        notes = release_notes(
            tag,
            (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
            (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        )
    except ToolError as error:
        print(error, file=sys.stderr)
        return 1
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(FOLDER), str(ROOT)]
    subprocess.run(wheel, check=True)
    shutil.copy(BILL, FOLDER)
    sums = checksums(FOLDER)
    (FOLDER / "SHA256SUMS").write_text(sums, encoding="utf-8")
    NOTES.write_text(notes, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
