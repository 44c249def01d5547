"""A local Node.js function as a target, run by the user's `node` in its own process."""

import json
import os
import shutil
import subprocess  # the user's node alone is started, without a shell  # nosec B404
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from alert_responder_cli.checking.process_target import ProcessTarget
from alert_responder_cli.errors import CommandError

LEAST_VERSION = 18
"""The oldest major version that Lambda still runs."""

_WORKER = Path(__file__).with_name("node_worker.cjs")
_INSTALL = "Install it from https://nodejs.org/en/download and add it to the PATH."
_VERSION_SECONDS = 20
_FLAGS = ("--experimental-require-module", "--experimental-detect-module")
_FLAGGED_UP_TO = 22
"""Up to this version Lambda disables these features."""

_ASK = (
    "process.stdout.write(JSON.stringify({version: process.versions.node, "
    f"flags: {json.dumps(_FLAGS)}.filter((flag) => process.allowedNodeEnvironmentFlags.has(flag))}}))"
)
_AWS_SDK = "@aws-sdk/"


@dataclass(frozen=True)
class Node:
    """A usable `node`.

    Attributes
    ----------
    options
        Command-line options: those of Lambda, and the restriction to modules next to the plug-in.
    """

    program: str
    version: str
    options: tuple[str, ...]


class NodeTarget(ProcessTarget):
    """A function in an ES module or a CommonJS module; see `ProcessTarget`.

    Parameters
    ----------
    file
        Path of a file that ends in `.mjs`, `.cjs` or `.js`.
    function
        Name of the handler; dots separate nested objects.

    Raises
    ------
    CommandError
        `node` was not found, or it is too old.
    """

    # The environment must not influence Node.js, like an isolated Python.
    left_out = frozenset({"NODE_OPTIONS", "NODE_PATH"})

    def __init__(
        self, file: str, function: str, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
    ) -> None:
        self._file = Path(file).resolve()
        super().__init__(f"{file}:{function}", self._file.parent, environment, log)
        self._function = function
        self._node = find_node(file)

    def command(self, events: int, answers: int) -> Sequence[str]:
        """See `ProcessTarget`."""
        node = self._node
        return [node.program, *node.options, str(_WORKER), str(events), str(answers), str(self._file), self._function]

    def advice(self, failure: Mapping[str, Any]) -> str:
        """See `ProcessTarget`: explain differences from Lambda and common errors."""
        kind, message = str(failure.get("errorType")), str(failure.get("errorMessage"))
        if kind == "SyntaxError" and self._file.suffix != ".mjs" and ("import" in message or "export" in message):
            return 'An ES module must end in .mjs or have a package.json next to it with "type": "module".'
        if _AWS_SDK in message and "Cannot find" in message:
            return "Lambda provides the AWS SDK. Here, install the package next to the file (npm install --no-save)."
        if kind == "Runtime.CallbackHandlerDeprecated":
            return f"This is Node.js {self._node.version}. To check it for nodejs22.x, put Node.js 22 on the PATH."
        return ""


def find_node(file: str) -> Node:
    """Find the `node` on the PATH and its version.

    Parameters
    ----------
    file
        The file that needs it, for messages.

    Raises
    ------
    CommandError
        `node` was not found, cannot be run, or is too old.
    """
    needed = f"{file} needs Node.js {LEAST_VERSION} or newer"
    program = shutil.which("node")
    if program is None:
        raise CommandError(f"{needed}, but 'node' was not found on the PATH. {_INSTALL}")
    node = _probe(program)
    if node is None:
        raise CommandError(f"{needed}, but {program} cannot be run. {_INSTALL}")
    if _major(node.version) < LEAST_VERSION:
        raise CommandError(f"{needed}, but {program} is Node.js {node.version}. {_INSTALL}")
    return node


@cache
def _probe(program: str) -> Node | None:
    kept = {name: value for name, value in os.environ.items() if name not in NodeTarget.left_out}
    try:
        asked = subprocess.run(  # nosec B603 # noqa: S603 - the program was found on the PATH
            [program, "-e", _ASK], capture_output=True, timeout=_VERSION_SECONDS, env=kept, check=True
        )
        found = json.loads(asked.stdout)
        version, flags = str(found["version"]), found["flags"]
        disabled = [f"--no-{flag.removeprefix('--')}" for flag in flags] if _major(version) <= _FLAGGED_UP_TO else []
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None
    return Node(program, version, ("--no-global-search-paths", *disabled))


def _major(version: str) -> int:
    return int(version.partition(".")[0])
