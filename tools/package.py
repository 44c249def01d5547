"""Build the Lambda packages: equal sources give a byte-identical zip. Standard library only."""

import argparse
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "lambda" / "alert_responder"
PLUGINS = ROOT / "lambda" / "alert_responder_plugins"
TARGET = ROOT / "dist" / "alert_responder.zip"
KIT = "kit.zip"
PLUGINS_ZIP = "plugins.zip"
EXAMPLE = ROOT / "examples" / "complete"

# The earliest time a zip can carry; a fixed one, so that the bytes depend on the sources alone.
_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_UNIX = 3


def zip_folder(source: Path, target: Path, *, prefix: str = "", wanted: Callable[[Path], bool] | None = None) -> None:
    """Write the files below a folder into a zip, the same bytes for the same files on every machine.

    Parameters
    ----------
    source : Path
        The folder. Byte code and hidden files are left out.
    target : Path
        The zip; its folder is made if it is missing.
    prefix : str
        What the names in the zip begin with, such as ``alert_responder/``.
    wanted : Callable
        Says of a path relative to `source` whether it belongs in the zip; None: all do.
    """
    files = sorted(
        (path.relative_to(source).as_posix(), path)
        for path in source.rglob("*")
        if path.is_file() and _belongs(path.relative_to(source), wanted)
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, path in files:
            # Stored, not compressed: the bytes must not depend on a version of zlib.
            entry = zipfile.ZipInfo(prefix + name, _TIME)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            archive.writestr(entry, path.read_bytes())


def build(target: Path = TARGET, *, source: Path = SOURCE, below: str = "") -> None:
    """Write a package of our own code: Python files and the ``py.typed`` marker, in the folder `below` of the zip."""
    zip_folder(
        source,
        target,
        prefix=f"{below}{source.name}/",
        wanted=lambda path: path.suffix == ".py" or path.name == "py.typed",
    )


def build_all(folder: Path = TARGET.parent) -> None:
    """Write all packages: the functions', the kit (the same code as a layer), and the ready-made plug-ins'."""
    build(folder / TARGET.name)
    # Where Lambda looks for the Python packages of a layer.
    build(folder / KIT, below="python/")
    build(folder / PLUGINS_ZIP, source=PLUGINS)


def differences(tracked: Path, built: Path) -> list[str]:
    """Tell how the tracked package differs from a fresh one, one line a file; empty when the bytes are equal."""
    if not tracked.is_file():
        return [f"{tracked.name} does not exist"]
    if tracked.read_bytes() == built.read_bytes():
        return []
    old, new = _contents(tracked), _contents(built)
    lines = [f"{name} is missing in it" for name in sorted(new.keys() - old.keys())]
    lines += [f"{name} is no longer a source" for name in sorted(old.keys() - new.keys())]
    lines += [f"{name} differs" for name in sorted(old.keys() & new.keys()) if old[name] != new[name]]
    return lines or ["the files are equal, but not how they are packed"]


def main(arguments: list[str] | None = None) -> int:
    """Build the package, or with ``--check`` say whether the tracked one is up to date."""
    parser = argparse.ArgumentParser(description="Build the zips in dist/ and that of examples/complete.")
    parser.add_argument("--check", action="store_true", help="build nothing, fail if the tracked zip is not up to date")
    if not parser.parse_args(arguments).check:
        build_all()
        zip_folder(EXAMPLE / "plugins", EXAMPLE / "plugins.zip")
        return 0
    fresh = ROOT / "build" / "check"
    build_all(fresh)
    found = [
        f"dist/{name}: {line}"
        for name in (TARGET.name, KIT, PLUGINS_ZIP)
        for line in differences(TARGET.parent / name, fresh / name)
    ]
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("Run 'make package' and commit the zips together with the sources.", file=sys.stderr)
    return 1 if found else 0


def _belongs(path: Path, wanted: Callable[[Path], bool] | None) -> bool:
    litter = path.suffix == ".pyc" or any(part == "__pycache__" or part.startswith(".") for part in path.parts)
    return not litter and (wanted is None or wanted(path))


def _contents(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    except zipfile.BadZipFile:
        return {}


if __name__ == "__main__":
    sys.exit(main())
