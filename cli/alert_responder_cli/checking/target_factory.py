"""Create the target of a local function, depending on its language."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import IO

from alert_responder_cli.checking.node_target import NodeTarget
from alert_responder_cli.checking.python_target import PythonTarget
from alert_responder_cli.checking.runtime_target import RuntimeTarget
from alert_responder_cli.checking.target import Target
from alert_responder_cli.checking.targets import CustomRuntime, LocalFunction, NodeFunction, PythonFunction


def local_target(
    meant: LocalFunction, environment: Mapping[str, str] | None = None, log: IO[bytes] | None = None
) -> AbstractContextManager[Target]:
    """Create the target, a context manager that ends the process.

    Parameters
    ----------
    environment
        Variables that are added to those of this process.
    log
        Gets the output of the plug-in, which may contain text of attackers; None: discard it.

    Raises
    ------
    CommandError
        The function cannot be run on this machine.
    """
    match meant:
        case PythonFunction(module, function):
            return PythonTarget(module, function, environment, log)
        case NodeFunction(file, function):
            return NodeTarget(file, function, environment, log)
        case CustomRuntime(file, handler):
            return RuntimeTarget(file, handler, environment, log)
