"""The same sources give the same bytes, and the check names files that differ."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from alert_responder_cli.plugins import zip_package
from tools import package
from tools.paths import ROOT


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


def test_two_builds_on_different_machines_are_the_same_bytes(tmp_path: Path) -> None:
    """Varies the folder, the order of files, the environment and the umask."""
    folders = [tmp_path / "a", tmp_path / "a longer name" / "b"]
    machines: list[dict[str, str]] = [
        {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "0"},
        {"TZ": "Pacific/Chatham", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "LANG": "de_DE.UTF-8"},
    ]
    files = sorted(path.relative_to(package.SOURCE) for path in package.SOURCE.rglob("*.py"))
    for folder, machine, umask, order in zip(folders, machines, (0o022, 0o077), (files, files[::-1]), strict=True):
        for path in [*order, Path("py.typed")]:
            copy = folder / package.SOURCE.name / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((package.SOURCE / path).read_bytes())
        build = "import sys, pathlib; from tools import package; "
        build += "package.build(pathlib.Path('built.zip'), source=pathlib.Path(sys.argv[1]))"
        subprocess.run(
            [sys.executable, "-c", build, str(folder / package.SOURCE.name)],
            cwd=folder,
            env=machine | {"PYTHONPATH": f"{package.ROOT}:{package.ROOT / 'cli'}"},
            umask=umask,
            check=True,
        )

    first, second = (folder / "built.zip" for folder in folders)
    assert first.stat().st_mode != second.stat().st_mode
    assert first.read_bytes() == second.read_bytes()


def test_differences_name_the_file(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "a.zip", source=source)
    (source / "domain" / "events.py").write_text("A = 2\n")
    (source / "new.py").write_text("")
    (source / "py.typed").unlink()
    package.build(tmp_path / "b.zip", source=source)

    assert package.differences(tmp_path / "a.zip", tmp_path / "b.zip") == [
        "alert_responder/new.py is missing",
        "alert_responder/py.typed is no longer a source file",
        "alert_responder/domain/events.py differs",
    ]


def test_a_missing_or_broken_package_is_a_difference(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "b.zip", source=source)
    (tmp_path / "a.zip").write_bytes(b"not a zip")

    assert package.differences(tmp_path / "none.zip", tmp_path / "b.zip") == ["none.zip does not exist"]
    assert "alert_responder/py.typed is missing" in package.differences(tmp_path / "a.zip", tmp_path / "b.zip")


def test_equal_packages_do_not_differ(source: Path, tmp_path: Path) -> None:
    package.build(tmp_path / "a.zip", source=source)
    package.build(tmp_path / "b.zip", source=source)

    assert package.differences(tmp_path / "a.zip", tmp_path / "b.zip") == []


def test_templates_and_their_style_are_packed(source: Path, tmp_path: Path) -> None:
    for name in ("page.html.jinja", "page.css", "notes.html"):
        (source / "domain" / name).write_text("")
    package.build(tmp_path / "a.zip", source=source)

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        added = [name for name in archive.namelist() if not name.endswith((".py", "py.typed"))]
    assert added == ["alert_responder/domain/page.css", "alert_responder/domain/page.html.jinja"]


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """Return an environment with one package, and write a file of pins for it."""
    packages = tmp_path / "environment" / "lib" / "python3.11" / "site-packages"
    files = {
        "shown/__init__.py": b"",
        "shown/_speedups.so": b"machine code",
        "shown-1.0.dist-info/licenses/LICENSE": b"do what you like",
        "shown-1.0.dist-info/METADATA": b"Name: shown",
    }
    lines = []
    for name, content in files.items():
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_bytes(content)
        lines.append(f"{name},{package._digest(packages / name)},{len(content)}")
    (packages / "shown-1.0.dist-info" / "RECORD").write_text("\n".join([*lines, "shown-1.0.dist-info/RECORD,,"]))
    (tmp_path / "page.txt").write_text("# pins\nshown==1.0 \\\n    --hash=sha256:00\n")
    return tmp_path / "environment"


def test_pinned_packages_are_included_without_compiled_extensions(environment: Path, tmp_path: Path) -> None:
    found = package.brought_along(tmp_path / "page.txt", environment)

    information = "shown-1.0.dist-info"
    names = ["shown/__init__.py", f"{information}/licenses/LICENSE", f"{information}/METADATA"]
    assert [name for name, _ in found] == names
    zip_package.zip_files(found, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("shown-1.0.dist-info/licenses/LICENSE") == b"do what you like"


def test_another_version_or_a_changed_file_is_an_error(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "later.txt").write_text("shown==1.1\n")
    with pytest.raises(package.MissingPackageError, match=r"shown 1\.1 is not installed"):
        package.brought_along(tmp_path / "later.txt", environment)

    next(environment.rglob("__init__.py")).write_text("changed")
    with pytest.raises(package.MissingPackageError, match="has changed since it was installed"):
        package.brought_along(tmp_path / "page.txt", environment)


def test_the_tracked_package_includes_pinned_packages_and_runs_on_any_machine() -> None:
    with zipfile.ZipFile(package.TARGET) as archive:
        names = archive.namelist()
    assert {"jinja2/__init__.py", "markupsafe/_native.py", "alert_responder/page/templates/page.css"} <= set(names)
    assert {Path(name).suffix for name in names if "/" in name} <= {".py", ".jinja", ".css", ".typed", ".txt", ""}


GIVEN = {
    "annotated_types",
    "aws_lambda_powertools",
    "boto3",
    "botocore",
    "certifi",
    "dateutil",
    "jmespath",
    "pydantic",
    "pydantic_core",
    "s3transfer",
    "six.py",
    "typing_extensions.py",
    "typing_inspection",
    "urllib3",
}
"""What the runtime and the public layer have."""

IMPORTED = """
import importlib, json, sys, sysconfig
from pathlib import Path
sys.modules |= dict.fromkeys(["anyio", "h2", "sniffio", "trio"])  # Optional: the zip does not have them.
sys.path[:0] = sys.argv[2:]
importlib.import_module(f"alert_responder_plugins.{sys.argv[1]}.handler")
if sys.argv[1] == "pagerduty":
    import pagerduty
    pagerduty.EventsApiV2Client("a" * 32)
packages = Path(sysconfig.get_path("purelib"))
files = [Path(getattr(module, "__file__", None) or "/") for module in list(sys.modules.values())]
print(json.dumps(sorted({path.relative_to(packages).parts[0] for path in files if path.is_relative_to(packages)})))
"""


@pytest.mark.parametrize("plugin", ["github", "pagerduty", "slack", "virustotal"])
def test_a_plug_in_needs_only_its_zip_the_layer_and_the_runtime(plugin: str, tmp_path: Path) -> None:
    with_packages = plugin in package.WITH_PACKAGES
    package_zip = ROOT / "dist" / (f"{plugin}.zip" if with_packages else package.PLUGINS_ZIP)
    with zipfile.ZipFile(package_zip) as own, zipfile.ZipFile(ROOT / "dist" / package.KIT) as kit:
        own.extractall(tmp_path)
        kit.extractall(tmp_path)
    run = subprocess.run(
        [sys.executable, "-I", "-c", IMPORTED, plugin, str(tmp_path), str(tmp_path / "python")],
        stdout=subprocess.PIPE,
        check=True,
    )

    assert set(json.loads(run.stdout)) - {"_distutils_hack"} <= GIVEN


def test_tracked_zips_are_small_enough_for_a_repository() -> None:
    assert {path.name for path in (ROOT / "dist").iterdir()} == set(package.ZIPS)
    assert sum(path.stat().st_size for path in (ROOT / "dist").iterdir()) <= 6_000_000
