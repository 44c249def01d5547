"""Applied examples, saved on disk: another installation of the same code starts in seconds, without an apply.

An apply takes a minute. So it runs once for each recipe, and the states of the emulator and of Terraform are saved;
every installation starts from a copy of them.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock

from tools.account import Account
from tools.emulator import Emulator, state_settings
from tools.installation import Installation, LocalExample
from tools.paths import BUILD, ROOT
from tools.terraform import binary

FOLDER = BUILD / "installations"

_KEPT = 8
"""Number of saved installations on disk; the least recently used ones are removed."""

_EXAMPLE = "example"
_SAVED = "saved.json"


def _nothing(_account: Account) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Recipe:
    """Everything besides the code that determines an installation.

    Attributes
    ----------
    variables : Mapping
        Variables of the local example.
    prepare : Callable
        Creates resources in the account before the apply, and returns the variables that depend on them.
    prepared_with : str
        Describes everything that `prepare` depends on, except `addresses`.
    addresses : Mapping
        Addresses of servers that the installation uses, by name; they may change between starts.
    """

    variables: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Account], Mapping[str, Any]] = _nothing
    prepared_with: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)


class Started(NamedTuple):
    """An installation that runs, with its emulator and its working copy of the example."""

    emulator: Emulator
    example: LocalExample
    installation: Installation


@contextmanager
def started(recipe: Recipe, *, settings: Mapping[str, str] | None = None) -> Generator[Started]:
    """Start an installation of the current code from its saved state; apply and save it first if there is none.

    Safe to call from several processes at once: one of them applies, the others wait for it. Everything lies in the
    emulator's folder, which is removed in the end.

    Parameters
    ----------
    recipe
        Its recipe.
    settings
        Further environment variables of the emulator.
    """
    saved = save(recipe)
    values = json.loads((saved / _SAVED).read_text(encoding="utf-8"))

    def restore(folder: Path) -> None:
        copy(saved, folder, recipe.addresses)

    with Emulator(settings={**(settings or {}), "PERSIST_STATE": "1", "S3_PERSIST": "1"}, prepare=restore) as emulator:
        variables = _moved(values["variables"], _moves(values, emulator.folder, recipe.addresses))
        example = LocalExample(emulator.account, emulator.folder / _EXAMPLE, variables)
        yield Started(emulator, example, example.installation())


def is_saved(recipe: Recipe) -> bool:
    """Check whether an installation can start without an apply."""
    return (FOLDER / _key(recipe)).is_dir()


def save(recipe: Recipe) -> Path:
    """Apply the example and save it, unless it is saved already.

    Returns
    -------
    Path
        The folder with the saved state.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    key = _key(recipe)
    target = FOLDER / key
    with FileLock(FOLDER / f"{key}.lock"):
        if target.is_dir():
            target.touch()
            return target
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=FOLDER))
        try:
            _apply(recipe, unfinished)
            unfinished.rename(target)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
    _remove_oldest()
    return target


def copy(saved: Path, folder: Path, addresses: Mapping[str, str]) -> None:
    """Copy a saved installation into a folder, and replace the addresses of its servers by the current ones."""
    values = json.loads((saved / _SAVED).read_text(encoding="utf-8"))
    shutil.copytree(saved, folder, dirs_exist_ok=True)
    moves = _moves(values, folder, addresses)
    for path in [*(folder / "state").glob("*.json"), folder / _EXAMPLE / "terraform.tfstate"]:
        text = path.read_text(encoding="utf-8")
        for old, new in moves.items():
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")


def _apply(recipe: Recipe, folder: Path) -> None:
    emulator = Emulator(settings=state_settings(folder))
    with emulator:
        variables = {**recipe.variables, **recipe.prepare(emulator.account)}
        example = LocalExample(emulator.account, folder / _EXAMPLE, variables)
        example.apply()
        emulator.save_and_stop()
    for path in (folder / _EXAMPLE).iterdir():
        if path.name != "terraform.tfstate":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    values = {"folder": str(folder), "addresses": dict(recipe.addresses), "variables": variables}
    (folder / _SAVED).write_text(json.dumps(values), encoding="utf-8")


def _moves(values: Mapping[str, Any], folder: Path, addresses: Mapping[str, str]) -> dict[str, str]:
    """Map the folder and addresses in a saved installation to the current ones."""
    moves = {old: addresses[name] for name, old in values["addresses"].items()}
    return {**moves, values["folder"]: str(folder)}


def _moved(variables: Any, moves: Mapping[str, str]) -> Any:
    text = json.dumps(variables)
    for old, new in moves.items():
        text = text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
    return json.loads(text)


def _key(recipe: Recipe) -> str:
    """Hash everything that the result of an apply depends on."""
    digest = hashlib.sha256()
    parts = [json.dumps([recipe.variables, recipe.prepared_with], sort_keys=True), _versions()]
    for part in parts:
        digest.update(f"{len(part)} {part}".encode())
    for path in sorted(_sources()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)} {len(content)} ".encode() + content)
    return digest.hexdigest()[:32]


def _sources() -> Iterable[Path]:
    yield from ROOT.glob("*.tf")
    yield ROOT / "requirements" / "emulator.txt"
    yield ROOT / "pyproject.toml"
    for folder in ("dist", "lambda", "modules", "templates", "tools", "examples/local", "examples/policy"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                yield path


def _versions() -> str:
    """Return the version of Terraform: the configuration pins all others."""
    return subprocess.run([binary(), "version", "-json"], capture_output=True, text=True, check=True).stdout


def _remove_oldest() -> None:
    saved = [path for path in FOLDER.iterdir() if path.is_dir() and (path / _SAVED).is_file()]
    for path in sorted(saved, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)
