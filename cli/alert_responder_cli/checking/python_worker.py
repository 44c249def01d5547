"""Runs a Python plug-in as Lambda would: a process of its own that takes one event after the other.

The caller's side is `python_target`. Started as a file by `python -I`, with two file descriptors (for requests and for
answers), where modules are found (JSON), the module or file, and the function. It imports nothing of this package.
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
    """What a handler gets as its context, as far as plug-ins use it."""

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
        """Tell how long the call may still take [ms]."""
        return max(0, round((self._until - time.monotonic()) * 1000))


def main(events_fd: int, answers_fd: int, module: str, name: str) -> None:
    """Load the function, say whether that worked, and answer events until there are no more."""
    with os.fdopen(events_fd, "rb") as events, os.fdopen(answers_fd, "w", encoding="utf-8") as answers:

        def say(document: Any) -> None:
            answers.write(json.dumps(document) + "\n")
            answers.flush()

        try:
            handler = getattr(_load(module), name)
            if not callable(handler):
                raise TypeError(f"{name} is not a function.")  # noqa: TRY301 - said like what else fails here
        except Exception as error:  # noqa: BLE001 - anything may go wrong in somebody else's module
            say(_failure(error))
            return
        say({"ready": True})
        for number, line in enumerate(events):
            call = json.loads(line)
            try:
                answer = json.dumps(handler(call["event"], Context(number, call["seconds"])))
            except Exception as error:  # noqa: BLE001 - what it raises is the plug-in's answer
                say(_failure(error))
            else:
                say({"answer": answer})


def _load(module: str) -> ModuleType:
    if not module.endswith(".py"):
        return importlib.import_module(module)
    path = Path(module)
    # Modules beside it are found first, as in the function's zip.
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be imported.")
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made
    spec.loader.exec_module(made)
    return made


def _failure(error: Exception) -> dict[str, str]:
    return {"errorType": type(error).__name__, "errorMessage": str(error)}


if __name__ == "__main__":
    installed = json.loads(sys.argv[3])
    sys.path[:] = installed + [part for part in sys.path if part not in installed]
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[4], sys.argv[5])
