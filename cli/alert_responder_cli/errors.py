"""How a command ends when it cannot do what it was asked."""

from collections.abc import Iterable

from alert_responder.errors import AlertResponderError

EXIT_OK, EXIT_PROBLEMS, EXIT_ERROR = 0, 1, 2
"""Exit codes: all is well; something is wrong with what was looked at; it could not be looked at."""


class CommandError(AlertResponderError):
    """A command cannot go on.

    Parameters
    ----------
    message
        One sentence or two: what is wrong, and what to do.
    lines
        What is shown below it, a line each, such as what to choose from.
    """

    def __init__(self, message: str, lines: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.lines = tuple(lines)
