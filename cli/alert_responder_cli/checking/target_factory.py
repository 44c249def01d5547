"""Make a target of a function on this machine, whatever it is written in."""

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
    """Make the target; it is a context manager that ends the process.

    Parameters
    ----------
    environment
        Variables that the plug-in gets beside those of this process.
    log
        Takes what the plug-in prints; None: it is thrown away. It may hold what attackers wrote.

    Raises
    ------
    CommandError
        When nothing on this machine can run it.
    """
    match meant:
        case PythonFunction(module, function):
            return PythonTarget(module, function, environment, log)
        case NodeFunction(file, function):
            return NodeTarget(file, function, environment, log)
        case CustomRuntime(file, handler):
            return RuntimeTarget(file, handler, environment, log)
