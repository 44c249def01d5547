"""What goes wrong in the tools: always one error with a message a person can act on."""


class ToolError(Exception):
    """Something a tool needs is missing or failed; the message says what, and what to do."""
