"""Build the Lambda packages: equal sources give a byte-identical zip. Standard library only."""

import argparse
import csv
import re
import sys
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Container, Iterable
from hashlib import sha256
from pathlib import Path

from alert_responder_cli.plugins.zip_package import folder_files, zip_files, zip_folder

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lambda" / "alert_responder"
PLUGINS = ROOT / "lambda" / "alert_responder_plugins"
TARGET = ROOT / "dist" / "alert_responder.zip"
KIT = "kit.zip"
PLUGINS_ZIP = "plugins.zip"
REQUIREMENTS = ROOT / "requirements"
WITH_PACKAGES = ("pagerduty", "slack")
"""The ready-made plug-ins with third-party packages, each in its own zip; their pins are in a file of the same name."""

ZIPS = (TARGET.name, KIT, PLUGINS_ZIP, *(f"{plugin}.zip" for plugin in WITH_PACKAGES))
EXAMPLE = ROOT / "examples" / "complete"
PINS = REQUIREMENTS / "page.txt"
"""Third-party packages in the functions' zip: the layer does not have them."""

ENVIRONMENT = Path(sys.prefix)
"""The virtual environment from which they are copied: this one, in which pip checked their hashes."""

_OWN = (".py", ".jinja", ".css", ".bin")
_UNUSED = re.compile(
    r"slack/|slack_sdk/(?:(?:audit_logs|oauth|rtm|rtm_v2|scim|signature|socket_mode)/|aiohttp_|(?:\w+/)*(?:builtin_)?(?:async|legacy)_)"
)
"""Parts of packages that the plug-ins do not import."""


class MissingPackageError(Exception):
    """A third-party package for the zip is not installed as pinned."""


def build(
    target: Path = TARGET,
    *,
    source: Path = SOURCE,
    below: str = "",
    others: Iterable[tuple[str, Path]] = (),
    without: Container[str] = (),
) -> None:
    """Write a package of our code, in the folder `below` of the zip, and `others` at the top.

    Our code is Python files, templates, style sheets, data and the ``py.typed`` marker, without the folders `without`.
    """

    def wanted(path: Path) -> bool:
        return path.parts[0] not in without and (path.suffix in _OWN or path.name == "py.typed")

    own = folder_files(source, f"{below}{source.name}/", wanted)
    zip_files([*own, *others], target)


def brought_along(pins: Path = PINS, environment: Path = ENVIRONMENT) -> list[tuple[str, Path]]:
    """List the Python files, metadata and licences of the pinned packages by their names in the zip.

    Compiled extensions are left out: they are optional in each of these packages.

    Raises
    ------
    MissingPackageError
        If a package is not installed in the pinned version, or one of its files has changed since.
    """
    folder = next(iter(sorted(environment.glob("lib/python3*/site-packages"))), environment)
    found: list[tuple[str, Path]] = []
    for name, version in re.findall(r"^([a-z0-9-]+)==(\S+)", pins.read_text(encoding="utf-8"), re.MULTILINE):
        record = folder / f"{name.replace('-', '_')}-{version}.dist-info" / "RECORD"
        if not record.is_file():
            raise MissingPackageError(f"{name} {version} is not installed in {environment.name}")
        with record.open(encoding="utf-8", newline="") as lines:
            for path, digest, _ in csv.reader(lines):
                if (path.endswith((".py", "/METADATA")) or "/licenses/" in path) and not _UNUSED.match(path):
                    if _digest(folder / path) != digest:
                        raise MissingPackageError(f"{path} in {environment.name} has changed since it was installed")
                    found.append((path, folder / path))
    return found


def build_all(folder: Path = TARGET.parent) -> None:
    """Write all zips: the functions, the kit (the same code as a layer), and the ready-made plug-ins."""
    build(folder / TARGET.name, others=brought_along())
    # Lambda looks for a layer's Python packages in this folder.
    build(folder / KIT, below="python/")
    build(folder / PLUGINS_ZIP, source=PLUGINS, without=WITH_PACKAGES)
    for plugin in WITH_PACKAGES:
        without = {path.name for path in PLUGINS.iterdir() if path.is_dir()} - {"common", plugin}
        packages = brought_along(REQUIREMENTS / f"{plugin}.txt")
        build(folder / f"{plugin}.zip", source=PLUGINS, without=without, others=packages)


def differences(tracked: Path, built: Path) -> list[str]:
    """Describe how the tracked package differs from a fresh one, a line for each file; empty if the bytes are equal."""
    if not tracked.is_file():
        return [f"{tracked.name} does not exist"]
    if tracked.read_bytes() == built.read_bytes():
        return []
    old, new = _contents(tracked), _contents(built)
    lines = [f"{name} is missing" for name in sorted(new.keys() - old.keys())]
    lines += [f"{name} is no longer a source file" for name in sorted(old.keys() - new.keys())]
    lines += [f"{name} differs" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return lines or ["the files are equal, but packed differently"]


def main(arguments: list[str] | None = None) -> int:
    """Build the packages, or with ``--check`` fail if the tracked ones are outdated."""
    parser = argparse.ArgumentParser(description="Build the zips in dist/ and the zip of examples/complete.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the tracked zips are outdated")
    check = parser.parse_args(arguments).check
    fresh = ROOT / "build" / "check" if check else TARGET.parent
    try:
        build_all(fresh)
    except MissingPackageError as error:
        print(f"{error}. Run 'make setup'.", file=sys.stderr)
        return 1
    if not check:
        zip_folder(EXAMPLE / "plugins", EXAMPLE / "plugins.zip")
        return 0
    found = [f"dist/{name}: {line}" for name in ZIPS for line in differences(TARGET.parent / name, fresh / name)]
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("Run 'make package' and commit the zips together with the sources.", file=sys.stderr)
    return 1 if found else 0


def _digest(path: Path) -> str:
    """Hash a file in the notation of RECORD files."""
    return "sha256=" + urlsafe_b64encode(sha256(path.read_bytes()).digest()).rstrip(b"=").decode()


def _contents(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {}


if __name__ == "__main__":
    sys.exit(main())
