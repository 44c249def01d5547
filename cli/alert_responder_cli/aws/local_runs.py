"""Local runs that `make up` started on this machine: their records, and the choice of `--local`."""

import hashlib
import json
import os
import socket
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from alert_responder_cli.errors import CommandError

CHOICE = "ALERT_RESPONDER_LOCAL"
"""Environment variable with the folder of the clone whose run is to be used."""

_CONNECT_SECONDS = 2


@dataclass(frozen=True)
class LocalRun:
    """A run that `make up` started.

    Attributes
    ----------
    folder
        The clone in which it was started.
    endpoint
        Address of the emulated AWS.
    authority
        File with the certificate to trust; it is removed when the emulated AWS ends.
    started_at
        Start time [s since the epoch].
    """

    folder: str
    endpoint: str
    authority: str
    started_at: float

    def ended(self) -> CommandError:
        """Return the error that explains that the run has ended."""
        return CommandError(
            f"The local run of {self.folder} has ended: nothing answers at {self.endpoint}, and its reports are lost. "
            f"Run 'make up' in {self.folder} to start another one."
        )


def record(run: LocalRun) -> None:
    """Record a run for all command lines of this user; replaces an earlier run of the same clone."""
    folder = _records_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = _record_file(run.folder)
    written = target.with_suffix(".new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(run), file)
    written.replace(target)


def forget(folder: str) -> None:
    """Remove the record of a clone's run, if there is one."""
    _record_file(folder).unlink(missing_ok=True)


def recorded() -> list[LocalRun]:
    """List the recorded runs, newest first, including those that have ended."""
    found = [_read(path) for path in _records_folder().glob("*.json")]
    return sorted((run for run in found if run is not None), key=lambda run: run.started_at, reverse=True)


def answers(run: LocalRun) -> bool:
    """Return whether something listens at the address of a run, even if it is busy."""
    address = urllib.parse.urlsplit(run.endpoint)
    if not Path(run.authority).is_file():
        return False
    try:
        socket.create_connection((address.hostname or "", address.port or 443), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def choose(
    runs: Iterable[LocalRun], choice: str | None, here: Path, is_alive: Callable[[LocalRun], bool]
) -> tuple[LocalRun, list[LocalRun]]:
    """Choose the run for `--local`: that of the chosen or current clone, or the newest that answers.

    Parameters
    ----------
    runs
        The recorded runs, newest first.
    choice
        Folder of the clone that the user chose, or None.
    here
        The current folder.

    Returns
    -------
    tuple
        The run, and the others that answer if it was chosen only because it is the newest.

    Raises
    ------
    CommandError
        No run was found, or the chosen one has ended.
    """
    runs = list(runs)
    if choice is not None:
        wanted = Path(choice).expanduser().resolve()
        found = _of_clone(runs, wanted)
        if found is None:
            started = f" Local runs were started in: {_folders(runs)}." if runs else ""
            raise CommandError(f"No local run was started in {wanted}, the folder in {CHOICE}.{started}")
    else:
        found = _of_clone(runs, here.resolve())
    if found is not None:
        if not is_alive(found):
            raise found.ended()
        return found, []
    alive = [run for run in runs if is_alive(run)]
    if alive:
        return alive[0], alive[1:]
    if runs:
        raise runs[0].ended()
    raise CommandError("No local run was found on this machine: run 'make up' in a clone of the repository.")


def current() -> LocalRun:
    """Return the run for `--local`; raise `CommandError` as `choose` does."""
    return _chosen_here()[0]


def note() -> str | None:
    """Describe the choice if the newest of several runs was chosen; None otherwise."""
    try:
        run, others = _chosen_here()
    except CommandError:
        return None
    if not others:
        return None
    return (
        f"Several local runs answer: using the newest, of {run.folder}. To use another one, set {CHOICE} to its "
        f"folder: {_folders(others)}."
    )


def ended_at(endpoint: str, *, by_stranger: bool = False) -> CommandError | None:
    """Return the error that explains a failing address if it belongs to a recorded run that has ended.

    Parameters
    ----------
    by_stranger
        Something answers there without the certificate of the run: another program uses the port now.
    """
    for run in recorded():
        if _address(run.endpoint) == _address(endpoint) and (by_stranger or not answers(run)):
            return run.ended()
    return None


def _chosen_here() -> tuple[LocalRun, list[LocalRun]]:
    return choose(recorded(), os.environ.get(CHOICE) or None, Path.cwd(), answers)


def _of_clone(runs: Iterable[LocalRun], inside: Path) -> LocalRun | None:
    """Return the run of the clone that contains a folder."""
    folders = {str(inside), *map(str, inside.parents)}
    found = [run for run in runs if run.folder in folders]
    return max(found, key=lambda run: len(run.folder), default=None)


def _records_folder() -> Path:
    """Return the folder of the records; see https://specifications.freedesktop.org/basedir-spec (XDG_STATE_HOME)."""
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".local" / "state") / "alert-responder" / "local-runs"


def _record_file(folder: str) -> Path:
    return _records_folder() / f"{hashlib.sha256(folder.encode()).hexdigest()[:16]}.json"


def _read(path: Path) -> LocalRun | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return LocalRun(
            folder=str(found["folder"]),
            endpoint=str(found["endpoint"]),
            authority=str(found["authority"]),
            started_at=float(found["started_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _address(url: str) -> tuple[str | None, int | None]:
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


def _folders(runs: Iterable[LocalRun]) -> str:
    return ", ".join(run.folder for run in runs)
