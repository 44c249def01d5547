"""Runs a Python plug-in like Lambda: in its own process, one event after the other.

`python_target` starts this file with `python -I` and two file descriptors (for requests and answers), the module search
path (JSON), the module or file, and the function. It imports nothing of this package.
"""

import importlib
import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any


class Context:
    """The context of a handler, as far as plug-ins use it."""

    function_name = "check"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:check"
    log_group_name = "/aws/lambda/check"
    log_stream_name = "check"
    memory_limit_in_mb = "128"

    def __init__(self, number: int, seconds: float) -> None:
        self.aws_request_id = f"00000000-0000-0000-0000-{number:012d}"
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time of the call [ms]."""
        return max(0, round((self._until - time.monotonic()) * 1000))


def main(events_fd: int, answers_fd: int, module: str, name: str) -> None:
    """Load the function, report whether that succeeded, and answer events until the input ends."""
    with os.fdopen(events_fd, "rb") as events, os.fdopen(answers_fd, "w", encoding="utf-8") as answers:

        def say(document: Any) -> None:
            answers.write(json.dumps(document) + "\n")
            answers.flush()

        try:
            handler = getattr(_load(module), name)
            if not callable(handler):
                raise TypeError(f"{name} is not a function.")  # noqa: TRY301 - reported like other failures here
        except Exception as error:  # noqa: BLE001 - a user's module may raise anything
            say(_failure(error))
            return
        say({"ready": True})
        for number, line in enumerate(events):
            call = json.loads(line)
            try:
                answer = json.dumps(handler(call["event"], Context(number, call["seconds"])))
            except Exception as error:  # noqa: BLE001 - the exception is the answer of the plug-in
                say(_failure(error))
            else:
                say({"answer": answer})


def _load(module: str) -> ModuleType:
    if not module.endswith(".py"):
        return importlib.import_module(module)
    path = Path(module)
    # Modules next to it come first, as in the zip of the function.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be imported.")
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def _failure(error: Exception) -> dict[str, str]:
    return {"errorType": type(error).__name__, "errorMessage": str(error)}


if __name__ == "__main__":
    installed = json.loads(sys.argv[3])
    sys.path[:] = installed + [part for part in sys.path if part not in installed]
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[4], sys.argv[5])
