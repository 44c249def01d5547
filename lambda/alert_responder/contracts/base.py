"""What the models of all contracts share."""

from pydantic import BaseModel, ConfigDict


class Incoming(BaseModel):
    """Comes from outside: frozen once read, unknown fields are ignored so that senders may add some."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Outgoing(BaseModel):
    """Is made by us: frozen, and an unknown field is a mistake of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")
