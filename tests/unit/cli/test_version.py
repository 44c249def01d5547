"""The version identifies the copy: a clone, or an installed version and commit."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from alert_responder_cli.version import version
from tests.unit.cli.command_runner import run
from tools.paths import ROOT

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, origin: str | None) -> None:
    """Leave what pip leaves of an installed package."""
    metadata = folder / "alert_responder-7.8.9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.4\nName: alert-responder\nVersion: 7.8.9\n")
    if origin is not None:
        (metadata / "direct_url.json").write_text(origin)
    monkeypatch.setattr(sys, "path", [str(folder)])


def test_the_version_names_the_clone() -> None:
    result = run("--version")

    assert result.exit_code == 0
    assert result.output == f"alert-responder {DECLARED} (from the clone {ROOT})\n"


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (None, "alert-responder 7.8.9"),
        ("{", "alert-responder 7.8.9"),
        ("[]", "alert-responder 7.8.9"),
        (json.dumps({"url": "file:///x", "dir_info": {}}), "alert-responder 7.8.9"),
        (
            json.dumps({"url": "https://x", "vcs_info": {"vcs": "git", "commit_id": "0b6f2e2"}}),
            "alert-responder 7.8.9 (commit 0b6f2e2)",
        ),
    ],
)
def test_an_installed_package_shows_version_and_commit(
    origin: str | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, origin)

    assert version(tmp_path / "site-packages") == said


def test_a_clone_takes_precedence_over_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, None)
    clone = tmp_path / "clone"
    clone.mkdir()
    (clone / "pyproject.toml").write_text('[project]\nname = "alert-responder"\nversion = "3.2.1"\n')

    assert version(clone) == f"alert-responder 3.2.1 (from the clone {clone})"


@pytest.mark.parametrize("text", ["", "[project]\nname = 'another'\nversion = '1'\n", "not TOML"])
def test_another_project_is_not_a_clone(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, None)
    (tmp_path / "pyproject.toml").write_text(text)

    assert version(tmp_path) == "alert-responder 7.8.9"


def test_a_copy_without_metadata_has_an_unknown_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    assert "version unknown" in version(tmp_path)
