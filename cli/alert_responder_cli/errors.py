"""Exit codes, and the error that ends a command."""

from collections.abc import Iterable

from alert_responder.errors import AlertResponderError

EXIT_OK, EXIT_PROBLEMS, EXIT_ERROR = 0, 1, 2
"""Exit codes: success; the command found problems; the command could not run."""


class CommandError(AlertResponderError):
    """A command cannot run.

    Parameters
    ----------
    message
        One or two sentences: what is wrong, and what to do.
    lines
        Lines to show below the message, such as a list of choices.
    """

    def __init__(self, message: str, lines: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.lines = tuple(lines)
