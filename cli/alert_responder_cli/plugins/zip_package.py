"""Zip files for Lambda: the same files give the same bytes on every machine. Standard library only."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

# The earliest time that a zip can store: a fixed time, so that the bytes depend only on the sources.
_TIME = (1980, 1, 1, 0, 0, 0)
_FILE, _PROGRAM = 0o100644 << 16, 0o100755 << 16
_UNIX = 3
_PROGRAMS = (b"#!", b"\x7fELF")
"""How scripts and binaries begin: Lambda starts a `bootstrap` only if it is executable."""


def zip_folder(source: Path, target: Path, *, prefix: str = "", wanted: Callable[[Path], bool] | None = None) -> None:
    """Write the files below a folder into a zip: the same files give the same bytes on every machine.

    Parameters
    ----------
    source : Path
        The folder. Byte code and hidden files are left out.
    target : Path
        The zip; its folder is created if it is missing.
    prefix : str
        Prefix of the names in the zip, such as ``alert_responder/``.
    wanted : Callable
        Filter for paths relative to `source`; None: all files.
    """
    zip_files(folder_files(source, prefix, wanted), target)


def zip_files(files: Iterable[tuple[str, Path]], target: Path) -> None:
    """Write files into a zip under the given names; see `zip_folder`."""
    entries = sorted(files)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, path in entries:
            # Stored, not compressed: the bytes must not depend on a version of zlib.
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = _UNIX
            data = path.read_bytes()
            # By content: modes differ between machines.
            entry.external_attr = _PROGRAM if data.startswith(_PROGRAMS) else _FILE
            archive.writestr(entry, data)


def folder_files(source: Path, prefix: str, wanted: Callable[[Path], bool] | None) -> Iterator[tuple[str, Path]]:
    """List the files of a folder by their names in a zip; see `zip_folder`."""
    for path in source.rglob("*"):
        if path.is_file() and _belongs(path.relative_to(source), wanted):
            yield prefix + path.relative_to(source).as_posix(), path


def _belongs(path: Path, wanted: Callable[[Path], bool] | None) -> bool:
    litter = path.suffix == ".pyc" or any(part == "__pycache__" or part.startswith(".") for part in path.parts)
    return not litter and (wanted is None or wanted(path))
