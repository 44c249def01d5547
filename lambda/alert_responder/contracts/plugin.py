"""The registry of attached plug-ins and the installation's settings, which Terraform writes into the table."""

from ipaddress import IPv4Network, IPv6Network
from typing import Literal

from pydantic import Field

from alert_responder.contracts.base import Incoming

MAX_BATCH = 100
"""Maximum number of lookups in one call of an inspector."""


class _Plugin(Incoming):
    name: str = Field(min_length=1)
    arn: str = Field(min_length=1)
    version: Literal[1]
    enabled: bool = True


class External(Incoming):
    """Exceptions from the egress rules (`domain.egress`) for an external inspector.

    Attributes
    ----------
    allow_internal
        Allow internal and reserved addresses and domains.
    allow_identities
        Allow values that identify people or internal resources.
    allow_query
        Allow the query and the fragment of URLs.
    """

    allow_internal: bool = False
    allow_identities: bool = False
    allow_query: bool = False


class InspectorPlugin(_Plugin):
    """An attached inspector. An empty filter matches everything.

    Attributes
    ----------
    cache_seconds, cache_empty_seconds
        How long an answer, or an empty answer, is reused in other reports [seconds; 0: never].
    external
        None for an internal inspector.
    max_per_minute, max_per_day
        Quotas: maximum number of calls per minute, and per day (UTC), over all reports [0: no quota].
    batch_size
        Maximum number of lookups in one call [1 to 100; 1: each lookup is a call, without a batch around it].
    batch_types
        Attribute types that are looked up in batches; None: all its types.
    per_account
        Whether its answers depend on the account of the alert: they are reused only for alerts about that account.
    """

    attribute_types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()
    cache_seconds: int = Field(default=0, ge=0)
    cache_empty_seconds: int = Field(default=0, ge=0)
    external: External | None = None
    max_per_minute: int = Field(default=0, ge=0)
    max_per_day: int = Field(default=0, ge=0)
    batch_size: int = Field(default=1, ge=1, le=MAX_BATCH)
    batch_types: tuple[str, ...] | None = None
    per_account: bool = False


class EmitterPlugin(_Plugin):
    """An attached emitter. An empty filter matches everything.

    Attributes
    ----------
    labels
        The report must have one of them, unless no reviewer rated it.
    """

    severities: tuple[str, ...] = ()
    detectors: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class ReviewerPlugin(_Plugin):
    """The attached reviewer, of which there is at most one."""


class InstallationSettings(Incoming):
    """Settings of the root module that are too large for environment variables.

    Attributes
    ----------
    internal_networks, internal_domains
        The organisation's networks and domains; a domain includes its subdomains.
    """

    version: Literal[1] = 1
    internal_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    internal_domains: tuple[str, ...] = ()


class Plugins(Incoming):
    """All attached plug-ins, sorted by name, and the installation's settings, read together."""

    inspectors: tuple[InspectorPlugin, ...] = ()
    emitters: tuple[EmitterPlugin, ...] = ()
    reviewer: ReviewerPlugin | None = None
    settings: InstallationSettings = Field(default_factory=InstallationSettings)
