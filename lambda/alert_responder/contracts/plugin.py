"""The registry: which plug-ins are attached, as Terraform writes them into the table."""

from typing import Literal

from pydantic import Field

from alert_responder.contracts.base import Incoming


class _Plugin(Incoming):
    name: str = Field(min_length=1)
    arn: str = Field(min_length=1)
    version: Literal[1]
    enabled: bool = True


class InspectorPlugin(_Plugin):
    """An attached inspector. An empty filter lets everything through.

    Attributes
    ----------
    cache_seconds
        How long an answer is reused in other reports [seconds, 0: never].
    """

    attribute_types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()
    cache_seconds: int = Field(default=0, ge=0)


class EmitterPlugin(_Plugin):
    """An attached emitter. An empty filter lets everything through."""

    severities: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()


class ReviewerPlugin(_Plugin):
    """The attached reviewer; there is at most one."""


class Plugins(Incoming):
    """All that is attached, each kind sorted by name."""

    inspectors: tuple[InspectorPlugin, ...] = ()
    emitters: tuple[EmitterPlugin, ...] = ()
    reviewer: ReviewerPlugin | None = None
