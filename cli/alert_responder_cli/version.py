"""The version of this copy of the command line."""

import json
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

PACKAGE = "alert-responder"

_CLONE = Path(__file__).resolve().parents[2]


def version(clone: Path = _CLONE) -> str:
    """Return name and version in one line, with the clone or the commit that the code comes from.

    Parameters
    ----------
    clone
        Two folders above this package. If it is a clone of the repository, its version counts, even if a package of the
        same name is installed.
    """
    number = version_number(clone)
    if number is None:
        return f"{PACKAGE}, version unknown: neither installed nor in a clone of the repository"
    if _project(clone) is not None:
        return f"{PACKAGE} {number} (from the clone {clone})"
    commit = _commit(distribution(PACKAGE))
    return f"{PACKAGE} {number}{f' (commit {commit})' if commit else ''}"


def version_number(clone: Path = _CLONE) -> str | None:
    """Return the version, such as `1.2.0`; None: neither installed nor in a clone."""
    project = _project(clone)
    if project is not None:
        return str(project["version"])
    try:
        return distribution(PACKAGE).version
    except PackageNotFoundError:
        return None


def _project(clone: Path) -> dict[str, Any] | None:
    """Read the project metadata of a clone; None: the folder is not a clone of this repository."""
    try:
        project: dict[str, Any] = tomllib.loads((clone / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    except (OSError, ValueError, KeyError):
        return None
    return project if project.get("name") == PACKAGE else None


def _commit(installed: Distribution) -> str | None:
    """Return the commit that pip installed from a repository (PEP 610), or None if it is unknown."""
    try:
        commit = json.loads(installed.read_text("direct_url.json") or "{}")["vcs_info"]["commit_id"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(commit)
