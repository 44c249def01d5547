"""``make up`` and ``make down``: an installation that keeps running on this machine until you end it."""

import argparse
import contextlib
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.text import Text

from alert_responder_cli.aws import local_runs
from tools import custom_plugins, guard
from tools.account import Account
from tools.custom_plugins import CustomPlugin
from tools.emulator import Emulator, end_emulator
from tools.errors import ToolError
from tools.installation import Installation, LocalExample
from tools.next_steps import next_steps
from tools.paths import BUILD, ROOT
from tools.plugin_loader import require_loadable
from tools.processes import runs
from tools.steps import Steps, make_console

FOLDER = BUILD / "local"
REGISTRY_SECONDS = 30
"""How long the functions cache which plug-ins are attached."""

WAIT_SCALE = 0.5
"""The emulator waits up to a minute before it retries a refused call; the workflow specifies half a minute."""

WINDOW_SECONDS = 60
"""Short, so that a user who changed a plug-in can send the same alert again and get a new report."""

_WAITS = {"inspection_delay_seconds": 2, "update_interval_seconds": 5}
_BUSY_SECONDS = 60
_INSTALLATION = FOLDER / "installation.json"
_PID = FOLDER / "pid"
_CUSTOM = FOLDER / "custom.json"


@dataclass(frozen=True)
class Wishes:
    """The custom plug-ins that `make up` attaches and detaches; see `tools.custom_plugins`."""

    plugins: Sequence[CustomPlugin] = field(default=())
    detached: str = ""


def up(steps: Steps, wishes: Wishes) -> None:
    """Start an emulator that keeps running and apply the example, or update the one that runs already."""
    running = _running()
    before = custom_plugins.load(_CUSTOM) if running else []
    plugins = custom_plugins.changed(before, wishes.plugins, wishes.detached)
    account = running.account if running else _start(steps)
    try:
        for plugin in plugins:
            with steps.step(f"Load the {plugin.kind} {plugin.name}"):
                require_loadable(plugin, account)
        installation = _apply(steps, account, plugins)
    except BaseException:
        if not running:
            _remove()
        raise
    installation.save(_INSTALLATION)
    custom_plugins.save(_CUSTOM, plugins)
    _record(steps, account)
    if running and plugins != before:
        with steps.step(f"Wait until the functions reload the list of plug-ins ({REGISTRY_SECONDS} s)"):
            time.sleep(REGISTRY_SECONDS)
    steps.console.print(Text(next_steps(installation, plugins, Path.cwd())), soft_wrap=True)


def down(steps: Steps) -> None:
    """End the local run and remove everything; does nothing if it is not running."""
    existed = _INSTALLATION.is_file()
    if _remove():
        result = "Stopped the local run and removed it with its reports."
    elif existed:
        result = "The local run had already stopped, and its reports are lost. Removed its files."
    else:
        result = "No local run found."
    steps.console.print(Text(result))


def main(arguments: list[str] | None = None) -> int:
    """Run one command: up, down."""
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("down", help="stop the local run")
    starting = commands.add_parser("up", help="start or update the local run")
    for kind in custom_plugins.KINDS:
        starting.add_argument(f"--{kind}", default="", metavar="PLUGIN", help=f"attach a custom {kind}")
    starting.add_argument("--types", default="", help="types of the attributes that the inspector is asked about")
    starting.add_argument("--batch-size", default="", help="maximum number of tasks in one call of the inspector")
    starting.add_argument("--detach", default="", metavar="NAME", help="detach custom plug-ins")
    given = parser.parse_args(arguments)
    steps = Steps(make_console())
    try:
        if given.command == "down":
            down(steps)
        else:
            up(steps, _wishes(given))
    except (ToolError, OSError) as error:
        steps.console.print(Text(str(error), style="red"), soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _wishes(given: argparse.Namespace) -> Wishes:
    of_inspectors = {"inspector": (given.types, given.batch_size)}
    plugins = [
        plugin
        for kind in custom_plugins.KINDS
        for plugin in custom_plugins.given(kind, getattr(given, kind), *of_inspectors.get(kind, ()))
    ]
    if given.types.strip() and not given.inspector.strip():
        raise ToolError("TYPES requires INSPECTOR: it lists the attribute types that the inspector looks up.")
    if given.batch_size.strip() and not given.inspector.strip():
        raise ToolError("BATCH_SIZE requires INSPECTOR: it is the maximum number of tasks in its calls.")
    return Wishes(plugins, given.detach)


def _start(steps: Steps) -> Account:
    if _INSTALLATION.is_file():
        steps.console.print(Text("The earlier local run has stopped, and its reports are lost.", style="yellow"))
    _remove()
    FOLDER.mkdir(mode=0o700, parents=True)
    emulator = Emulator(detached=True, log=FOLDER / "ministack.log", wait_scale=WAIT_SCALE)
    with steps.step("Start the emulated AWS, with IAM enforced"):
        emulator.start()
    _PID.write_text(str(emulator.pid), encoding="ascii")
    return emulator.account


def _apply(steps: Steps, account: Account, plugins: Sequence[CustomPlugin]) -> Installation:
    waits = {name: round(seconds / WAIT_SCALE) for name, seconds in _WAITS.items()}
    variables = {"aggregation_window_seconds": WINDOW_SECONDS, **waits, **custom_plugins.variables(plugins)}
    example = LocalExample(account, FOLDER, variables)
    for plugin in plugins:
        plugin.write_zip(FOLDER / "plugins")
    with steps.step("Apply examples/local with Terraform"):
        return example.apply()


def _record(steps: Steps, account: Account) -> None:
    """Record the run so that `--local` finds it from every folder; the run works without the record."""
    try:
        local_runs.record(local_runs.LocalRun(str(ROOT), account.endpoint, account.authority, time.time()))
    except (OSError, RuntimeError) as error:
        warning = f"The local run could not be recorded, so --local will not find it: {error}."
        steps.console.print(Text(warning, style="yellow"), soft_wrap=True)


def _running() -> Installation | None:
    """Return the running installation, or None.

    Raises
    ------
    ToolError
        Its process is alive but does not answer for a minute; its reports are not lost yet.
    """
    if not _INSTALLATION.is_file():
        return None
    installation = Installation.load(_INSTALLATION)
    until = time.monotonic() + _BUSY_SECONDS
    while _is_alive():
        if installation.account.is_healthy():
            return installation
        if time.monotonic() > until:
            raise ToolError(
                "The local run does not answer, but its process is alive: wait, or stop it with 'make down'."
            )
        time.sleep(1)
    return None


def _is_alive() -> bool:
    return _PID.is_file() and runs(int(_PID.read_text(encoding="ascii")), guard.__file__)


def _remove() -> bool:
    """End the local run and remove its files and its record; return whether it was running."""
    ended = _PID.is_file() and end_emulator(int(_PID.read_text(encoding="ascii")))
    shutil.rmtree(FOLDER, ignore_errors=True)
    with contextlib.suppress(OSError, RuntimeError):
        local_runs.forget(str(ROOT))
    return ended


if __name__ == "__main__":
    sys.exit(main())
