"""Base classes of all contract models, and descriptions of their validation errors.

Models are built when they are first used, because each function uses only a few of them. Building is not thread-safe:
code that uses a model in threads builds it before (`bootstrap`). Alert and Attribute are built on import, because
every function reads them.
"""

import re

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

_SHOULD = re.compile(r"^[A-Z]\w* should ")
_NO_TAG = re.compile(r"^Unable to extract tag using discriminator '(\w+)'$")
_BY_TYPE = {
    "dict_type": "must be an object",
    "extra_forbidden": "is not allowed",
    "missing": "is required",
    "model_attributes_type": "must be an object",
    "model_type": "must be an object",
    "tuple_type": "must be an array",
}


class Incoming(BaseModel):
    """Read from outside: frozen, and unknown fields are ignored so that senders may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Outgoing(BaseModel):
    """Written by this package: frozen, and an unknown field is a bug."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def fault_path(fault: ErrorDetails) -> str:
    """Return where a fault is, such as `attributes[0].type`; empty for the whole document."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"]).removeprefix(".")


def fault_message(fault: ErrorDetails) -> str:
    """Return what is allowed, such as `must be a string`; the input is not quoted."""
    found = _NO_TAG.sub(r"must have the field \1", fault["msg"].removeprefix("Value error, "))
    message = _SHOULD.sub("must ", found).replace("a valid integer", "an integer")
    return _BY_TYPE.get(fault["type"]) or (message[:1].lower() + message[1:]).replace("a valid ", "a ")


def fault_clause(path: str, message: str) -> str:
    """Join a path and what is allowed there: `rule_id is required`."""
    return f"{path}{' ' if message.startswith(('must ', 'is ')) else ': '}{message}"


def describe_faults(error: ValidationError, document: str) -> list[str]:
    """Describe each fault of a document by its path and what is allowed, without quoting the input.

    Parameters
    ----------
    document
        Name of the document, for faults that concern all of it.

    Returns
    -------
    list of str
        Clauses such as `attributes[0].type is required`, in the order of the fields.
    """
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return [fault_clause(fault_path(fault) or document, fault_message(fault)) for fault in faults]
