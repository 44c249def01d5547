import hashlib
from pathlib import Path

import pytest

from tools.errors import ToolError
from tools.release import checksums, release_notes

PROJECT = '[project]\nversion = "1.2.3"\n'
CHANGELOG = "# Changelog\n\n## 1.2.3 - 2026-11-28\n\n### Added\n\n- One thing.\n\n## 1.2.2 - 2026-10-01\n\n- Older.\n"


def test_the_notes_are_those_of_the_version() -> None:
    assert release_notes("v1.2.3", PROJECT, CHANGELOG) == "### Added\n\n- One thing.\n"
    assert release_notes("v1.2.3", PROJECT, CHANGELOG.replace("## 1.2.3", "## Unreleased\n\n## 1.2.3"))


@pytest.mark.parametrize(
    ("tag", "changelog", "message"),
    [
        ("v1.2.4", CHANGELOG, r"the tag must be v1\.2\.3, the version in pyproject\.toml, got v1\.2\.4"),
        ("1.2.3", CHANGELOG, "the tag must be"),
        ("v1.2.3", CHANGELOG.replace("1.2.3 -", "1.2.4 -"), r"must be '## 1\.2\.3 - YYYY-MM-DD', got 1\.2\.4"),
        ("v1.2.3", "# Changelog\n\n## 1.2.3\n\n- No date.\n", "got none"),
        ("v1.2.3", CHANGELOG.replace("## 1.2.3", "## Unreleased\n\n- New.\n\n## 1.2.3"), "under Unreleased"),
    ],
)
def test_a_release_whose_versions_disagree_is_refused(tag: str, changelog: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        release_notes(tag, PROJECT, changelog)


def test_checksums_are_those_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"two")
    (tmp_path / "a").write_bytes(b"one")
    one, two = (hashlib.sha256(data).hexdigest() for data in (b"one", b"two"))
    assert checksums(tmp_path) == f"{one}  a\n{two}  b\n"
