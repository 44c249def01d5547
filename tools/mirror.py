"""Find a copy of the AWS provider on this machine, so that Terraform does not have to download it."""

import os
import platform
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

PROVIDER = Path("registry.terraform.io") / "hashicorp" / "aws"
MINIMUM_VERSION = (5, 100)

# Folders for add-on software.
_ADD_ONS = ("/opt", "/usr/local/lib", "/usr/local/share", "/usr/lib", "/usr/share", "/srv", "/var/lib", "/var/cache")


def find_mirror() -> Path | None:
    """Return a folder of providers that contains hashicorp/aws for this machine, or None.

    Searches Terraform's implied local mirrors, then the folders for add-on software, at most two levels deep.
    """
    return next((folder for folder in _candidates() if holds_provider(folder)), None)


def holds_provider(folder: Path) -> bool:
    """Check whether a folder has hashicorp/aws, new enough and for this machine, unpacked or as a zip."""
    system = f"{platform.system().lower()}_{_architecture()}"
    try:
        names = [entry.name for entry in (folder / PROVIDER).iterdir()]
        return any(
            _is_new_enough(version) and (packed or (folder / PROVIDER / version / system).is_dir())
            for version, packed in _versions(names, system)
        )
    except OSError:
        return False


def _versions(names: Iterable[str], system: str) -> Iterator[tuple[str, bool]]:
    for name in names:
        packed = re.fullmatch(rf"terraform-provider-aws_(.+)_{system}\.zip", name)
        yield (packed[1], True) if packed else (name, False)


def _is_new_enough(version: str) -> bool:
    numbers = re.match(r"(\d+)\.(\d+)\.\d+$", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= MINIMUM_VERSION


def _candidates() -> Iterator[Path]:
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    yield Path.home() / ".terraform.d" / "plugins"
    for folder in [home, *shared.split(os.pathsep)]:
        yield Path(folder) / "terraform" / "plugins"
    for parent in _ADD_ONS:
        yield Path(parent)
        for pattern in ("*", "*/*"):
            # A mirror is recognised by its first folder, so that a big tree costs one look-up for each folder.
            for found in _glob(Path(parent), f"{pattern}/{PROVIDER.parts[0]}"):
                yield found.parent


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _architecture() -> str:
    machine = platform.machine().lower()
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
