"""The package is the same bytes for the same sources, and the check names what differs."""

import os
import zipfile
from pathlib import Path

import pytest

from tools import package


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "lambda" / "alert_responder"
    (folder / "domain" / "__pycache__").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "py.typed").write_text("")
    (folder / "domain" / "events.py").write_text("A = 1\n")
    (folder / "domain" / "__pycache__" / "events.cpython-311.pyc").write_bytes(b"x")
    (folder / "domain" / "notes.md").write_text("no")
    (folder / ".hidden.py").write_text("no")
    return folder


def test_only_python_files_and_the_marker_are_packed(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "a.zip", source=source)

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == [
            "alert_responder/__init__.py",
            "alert_responder/domain/events.py",
            "alert_responder/py.typed",
        ]
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}


def test_times_and_modes_do_not_change_the_bytes(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "a.zip", source=source)
    os.utime(source / "__init__.py", (1, 1))
    (source / "__init__.py").chmod(0o755)
    package.build(tmp_path / "b.zip", source=source)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_differences_name_the_file(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "a.zip", source=source)
    (source / "domain" / "events.py").write_text("A = 2\n")
    (source / "new.py").write_text("")
    (source / "py.typed").unlink()
    package.build(tmp_path / "b.zip", source=source)

    assert package.differences(tmp_path / "a.zip", tmp_path / "b.zip") == [
        "alert_responder/new.py is missing in it",
        "alert_responder/py.typed is no longer a source",
        "alert_responder/domain/events.py differs",
    ]


def test_a_missing_or_broken_package_is_a_difference(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "b.zip", source=source)
    (tmp_path / "a.zip").write_bytes(b"not a zip")

    assert package.differences(tmp_path / "none.zip", tmp_path / "b.zip") == ["none.zip does not exist"]
    assert "alert_responder/py.typed is missing in it" in package.differences(tmp_path / "a.zip", tmp_path / "b.zip")


def test_equal_packages_do_not_differ(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "a.zip", source=source)
    package.build(tmp_path / "b.zip", source=source)

    assert package.differences(tmp_path / "a.zip", tmp_path / "b.zip") == []
