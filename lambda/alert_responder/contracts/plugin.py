"""The registry: which plug-ins are attached, and the installation's settings; Terraform writes both into the table."""

from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from pydantic import Field

from alert_responder.contracts.base import Incoming


class _Plugin(Incoming):
    name: str = Field(min_length=1)
    arn: str = Field(min_length=1)
    version: Literal[1]
    enabled: bool = True


class External(Incoming):
    """What an inspector that tells a third party may be sent in spite of the rules (`domain.egress`).

    Attributes
    ----------
    allow_internal
        Addresses and domains that are internal, reserved, or the organisation's own.
    allow_identities
        What names people or parts of the own estate.
    allow_query
        The query and the fragment of URLs.
    """

    allow_internal: bool = False
    allow_identities: bool = False
    allow_query: bool = False


class InspectorPlugin(_Plugin):
    """An attached inspector. An empty filter lets everything through.

    Attributes
    ----------
    cache_seconds, cache_empty_seconds
        How long an answer is reused in other reports, and one that says nothing is known [seconds, 0: never].
    external
        None: it tells nobody outside.
    max_per_minute
        Most calls of it in a minute, over all reports [0: no quota].
    """

    attribute_types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()
    cache_seconds: int = Field(default=0, ge=0)
    cache_empty_seconds: int = Field(default=0, ge=0)
    external: External | None = None
    max_per_minute: int = Field(default=0, ge=0)


class EmitterPlugin(_Plugin):
    """An attached emitter. An empty filter lets everything through."""

    severities: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()


class ReviewerPlugin(_Plugin):
    """The attached reviewer; there is at most one."""


class InstallationSettings(Incoming):
    """What the root module says to all functions and would not fit their environments.

    Attributes
    ----------
    internal_networks, internal_domains
        The organisation's own; a domain stands for those below it as well.
    """

    version: Literal[1] = 1
    internal_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    internal_domains: tuple[str, ...] = ()


class Plugins(Incoming):
    """All that is attached, each kind sorted by name, and the installation's settings, read together."""

    inspectors: tuple[InspectorPlugin, ...] = ()
    emitters: tuple[EmitterPlugin, ...] = ()
    reviewer: ReviewerPlugin | None = None
    settings: InstallationSettings = Field(default_factory=InstallationSettings)
