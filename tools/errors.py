"""The tools' only exception."""


class ToolError(Exception):
    """Something that a tool needs is missing or failed; the message describes it and what to do."""
