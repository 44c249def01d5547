"""How a command ends when it cannot do what it was asked."""

from alert_responder.errors import AlertResponderError

FINE, FAULTY, IMPOSSIBLE = 0, 1, 2
"""Exit codes: all is well; something is wrong with what was looked at; it could not be looked at."""


class CommandError(AlertResponderError):
    """A command cannot go on; the message is one sentence or two: what is wrong, and what to do."""
