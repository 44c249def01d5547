"""A local Python function as a target, called in its own process like on Lambda."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from alert_responder_cli.checking.process_target import ProcessTarget

_WORKER = Path(__file__).with_name("python_worker.py")


class PythonTarget(ProcessTarget):
    """A function in a module or a file; see `ProcessTarget`.

    The interpreter is isolated (`-I`): neither the current folder nor environment variables influence imports.

    Parameters
    ----------
    module
        Dotted name of an installed module, or path of a file that ends in `.py`.
    function
        Name of the handler.
    """

    def __init__(
        self, module: str, function: str, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
    ) -> None:
        path = Path(module).resolve() if module.endswith(".py") else None
        super().__init__(f"{module}:{function}", path and path.parent, environment, log)
        self._module, self._function = str(path or module), function

    def command(self, events: int, answers: int) -> Sequence[str]:
        """See `ProcessTarget`."""
        # Unbuffered, so that the log is complete even if the process is killed.
        flags = ["-I", "-u", "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else [])]
        given = [str(events), str(answers), json.dumps(_installed()), self._module, self._function]
        return [sys.executable, *flags, str(_WORKER), *given]

    def advice(self, failure: Mapping[str, Any]) -> str:
        """See `ProcessTarget`: explain differences from Lambda, and modules that are files."""
        if failure.get("errorType") == "NoRegionError":
            return "Lambda sets the region. Here, set AWS_DEFAULT_REGION, or use --region with 'check'."
        if self._folder or failure.get("errorType") != "ModuleNotFoundError":
            return ""
        file = f"{self._module.replace('.', '/')}.py"
        if Path(file).is_file():
            return f"To load a module of the current folder, give its file: {file}:{self._function}."
        return "Modules must be installed. For a version or an alias of a function on Lambda, give its ARN."


def _installed() -> list[str]:
    """List the module search path of this process, without the current folder unless PYTHONPATH contains it."""
    here = Path.cwd()
    named = {Path(part).absolute() for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part}
    return [part for part in sys.path if part and (Path(part).absolute() != here or here in named)]
