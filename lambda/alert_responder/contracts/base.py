"""What the models of all contracts share.

They are built when first used: each function, and each step of one, uses a few of them. Building is not made for
several threads at once, so that who uses one in threads has it built before (`bootstrap`). Alert and Attribute are
built at once, since every function reads them.
"""

from pydantic import BaseModel, ConfigDict


class Incoming(BaseModel):
    """Comes from outside: frozen once read, unknown fields are ignored so that senders may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Outgoing(BaseModel):
    """Is made by us: frozen, and an unknown field is a mistake of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
