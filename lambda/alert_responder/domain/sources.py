"""The ways in which the alerts of a report came: which products told of them, in which regions, by which standards."""

from collections.abc import Iterable
from functools import lru_cache

from alert_responder.contracts.alert import MAX_STANDARDS, Alert, Source

MAX_SOURCES = 20
"""Most sources that a report names; of more, the first by name are kept. AWS has about 35 regions."""


UNNAMED = "unknown"
"""The product of an alert whose detector is blank: a detector is any text, a product has at least one visible
character."""

_CACHED_LENGTH = 512
"""Longest source that is cached [characters]."""


def source_of(product: str, region: str | None = None, standards: tuple[str, ...] = ()) -> Source:
    """Return a source, from the cache where possible: alerts come from few of them. The product may be blank."""
    length = len(product) + len(region or "") + sum(map(len, standards))
    return (_cached if length <= _CACHED_LENGTH else _source)(product, region, standards)


def _source(product: str, region: str | None, standards: tuple[str, ...]) -> Source:
    return Source(product=product if product.strip() else UNNAMED, region=region, standards=standards)


_cached = lru_cache(maxsize=256)(_source)


def sources_of(alerts: Iterable[Alert]) -> tuple[Source, ...]:
    """Return the ways in which alerts came, as `united` does; one that names none came from its detector."""
    # Hundreds of alerts have a few sources: most are told apart before one is made of them.
    alerts = list(alerts)
    named = set(filter(None, (alert.source for alert in alerts)))
    detectors = {alert.detector for alert in alerts if alert.source is None}
    return united([*named, *map(source_of, detectors)])


def united(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Unite sources: each product and region once, with all of its standards, by name.

    Returns
    -------
    tuple of Source
        At most `MAX_SOURCES`, each with at most `MAX_STANDARDS`: the first by name. So uniting what was united before
        gives the same in any order and grouping.
    """
    standards: dict[tuple[str, str], set[str]] = {}
    for source in sources:
        standards.setdefault((source.product, source.region or ""), set()).update(source.standards)
    return tuple(
        Source(product=product, region=region or None, standards=tuple(sorted(found)[:MAX_STANDARDS]))
        for (product, region), found in sorted(standards.items())[:MAX_SOURCES]
    )
