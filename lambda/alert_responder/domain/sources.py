"""The sources of a report's alerts: products, regions and standards."""

from collections.abc import Iterable
from functools import lru_cache

from alert_responder.contracts.alert import MAX_STANDARDS, Alert, Source

MAX_SOURCES = 20
"""Maximum number of sources in a report; the first by name are kept. AWS has about 35 regions."""


UNNAMED = "unknown"
"""The product of an alert with a blank detector: a detector may be any text, but a product has a visible character."""

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
    """Return the merged sources of alerts; the default is the detector."""
    # Hundreds of alerts have a few sources: duplicates are removed before a source is built.
    alerts = list(alerts)
    named = set(filter(None, (alert.source for alert in alerts)))
    detectors = {alert.detector for alert in alerts if alert.source is None}
    return united([*named, *map(source_of, detectors)])


def united(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Merge sources: each product and region once, with all of its standards, sorted by name.

    Returns
    -------
    tuple of Source
        At most `MAX_SOURCES`, each with at most `MAX_STANDARDS`, the first by name. Merging is idempotent and
        associative.
    """
    standards: dict[tuple[str, str], set[str]] = {}
    for source in sources:
        standards.setdefault((source.product, source.region or ""), set()).update(source.standards)
    return tuple(
        Source(product=product, region=region or None, standards=tuple(sorted(found)[:MAX_STANDARDS]))
        for (product, region), found in sorted(standards.items())[:MAX_SOURCES]
    )
