"""The runs of `make up` on this machine: where each is recorded, and which one `--local` means."""

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
"""Environment variable that names the folder of the clone whose run is meant."""

_CONNECT_SECONDS = 2


@dataclass(frozen=True)
class LocalRun:
    """A run that `make up` started.

    Attributes
    ----------
    folder
        The clone it was started in.
    endpoint
        Address of the emulated AWS.
    authority
        File with the certificate to trust there; it disappears with the emulated AWS.
    started_at
        When, in seconds since the epoch.
    """

    folder: str
    endpoint: str
    authority: str
    started_at: float

    def ended(self) -> CommandError:
        """Explain that nobody answers any more; the reports were in the emulated AWS's memory."""
        return CommandError(
            f"The local run of {self.folder} has ended: nothing answers at {self.endpoint}, and its reports are gone. "
            f"Run 'make up' in {self.folder} to start another one."
        )


def record(run: LocalRun) -> None:
    """Record a run for all command lines of this user, instead of an earlier one of the same clone."""
    folder = _records_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = _record_file(run.folder)
    written = target.with_suffix(".new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(run), file)
    written.replace(target)


def forget(folder: str) -> None:
    """Remove the record of a clone's run; harmless when there is none."""
    _record_file(folder).unlink(missing_ok=True)


def recorded() -> list[LocalRun]:
    """List the runs that are recorded, the newest first, whether they still answer or not."""
    found = [_read(path) for path in _records_folder().glob("*.json")]
    return sorted((run for run in found if run is not None), key=lambda run: run.started_at, reverse=True)


def answers(run: LocalRun) -> bool:
    """Return whether something listens at the run's address; a busy emulated AWS counts, a slow answer too."""
    address = urllib.parse.urlsplit(run.endpoint)
    if not Path(run.authority).is_file():
        return False
    try:
        socket.create_connection((address.hostname or "", address.port or 443), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def meant(
    runs: Iterable[LocalRun], choice: str | None, here: Path, is_alive: Callable[[LocalRun], bool]
) -> tuple[LocalRun, list[LocalRun]]:
    """Decide which run `--local` means: the chosen one, that of the clone at hand, or the newest that answers.

    Parameters
    ----------
    runs
        The recorded runs, the newest first.
    choice
        Folder of the clone that the user chose; None: nobody chose.
    here
        The current folder.

    Returns
    -------
    tuple
        The run, and the other ones that answer if it was taken only for being the newest.

    Raises
    ------
    CommandError
        There is none, or the one that is meant has ended.
    """
    runs = list(runs)
    if choice is not None:
        wanted = Path(choice).expanduser().resolve()
        found = _of_clone(runs, wanted)
        if found is None:
            started = f" Local runs were started in: {_folders(runs)}." if runs else ""
            raise CommandError(f"{CHOICE} names {wanted}, where 'make up' has started no local run.{started}")
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
    raise CommandError("There is no local run on this machine: 'make up' in a clone of the repository starts one.")


def current() -> LocalRun:
    """Return the run that `--local` means here and now; raise `CommandError` as `meant` does."""
    return _meant_here()[0]


def note() -> str | None:
    """Name the run that was taken for being the newest, and the others; None: there was nothing to choose."""
    try:
        run, others = _meant_here()
    except CommandError:
        return None
    if not others:
        return None
    return (
        f"Several local runs answer: this is the newest, of {run.folder}. For another one, set {CHOICE} to its folder: "
        f"{_folders(others)}."
    )


def ended_at(endpoint: str, *, by_stranger: bool = False) -> CommandError | None:
    """Explain why an address fails, if it is that of a recorded run that has ended.

    Parameters
    ----------
    by_stranger
        Whether something answers there, but not with the certificate of the run: another program has its port now.
    """
    for run in recorded():
        if _address(run.endpoint) == _address(endpoint) and (by_stranger or not answers(run)):
            return run.ended()
    return None


def _meant_here() -> tuple[LocalRun, list[LocalRun]]:
    return meant(recorded(), os.environ.get(CHOICE) or None, Path.cwd(), answers)


def _of_clone(runs: Iterable[LocalRun], inside: Path) -> LocalRun | None:
    """Return the run of the clone that a folder is, or lies in."""
    folders = {str(inside), *map(str, inside.parents)}
    found = [run for run in runs if run.folder in folders]
    return max(found, key=lambda run: len(run.folder), default=None)


def _records_folder() -> Path:
    """Return the folder of the records: https://specifications.freedesktop.org/basedir-spec (XDG_STATE_HOME)."""
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
