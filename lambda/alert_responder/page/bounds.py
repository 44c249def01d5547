"""Limits of a report page."""

from dataclasses import dataclass

MAX_PAGE_BYTES = 1_000_000
"""Maximum size of a page [bytes of UTF-8], so that phones load it quickly."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Maximum numbers and lengths on a page; the page counts what is left out, and the JSON contains it.

    Attributes
    ----------
    value, name, reason, body
        Length of a value, a name, the reviewer's reason, and the body of an alert [characters].
    nodes
        Attributes in the graph.
    findings, inspectors
        Attributes with findings, and inspectors of one attribute.
    facts, listed
        Facts of one content, and values of one fact.
    activities, attributes, lookups
        Rows of the tables of activities, of all attributes, and of the lookups without findings.
    rows
        Notes, deliveries and steps, of each.
    alerts
        Complete alerts.
    """

    value: int
    name: int
    reason: int
    body: int
    nodes: int
    findings: int
    inspectors: int
    facts: int
    listed: int
    activities: int
    attributes: int
    lookups: int
    rows: int
    alerts: int


BOUNDS = (
    Bounds(
        value=1_000,
        name=100,
        reason=4_000,
        body=20_000,
        nodes=60,
        findings=200,
        inspectors=50,
        facts=40,
        listed=20,
        activities=200,
        attributes=500,
        lookups=500,
        rows=200,
        alerts=25,
    ),
    Bounds(
        value=300,
        name=80,
        reason=4_000,
        body=5_000,
        nodes=60,
        findings=100,
        inspectors=20,
        facts=20,
        listed=10,
        activities=100,
        attributes=200,
        lookups=200,
        rows=100,
        alerts=20,
    ),
    Bounds(
        value=200,
        name=60,
        reason=2_000,
        body=500,
        nodes=40,
        findings=50,
        inspectors=10,
        facts=10,
        listed=5,
        activities=50,
        attributes=50,
        lookups=50,
        rows=50,
        alerts=10,
    ),
    Bounds(
        value=60,
        name=30,
        reason=300,
        body=0,
        nodes=20,
        findings=10,
        inspectors=3,
        facts=3,
        listed=2,
        activities=10,
        attributes=10,
        lookups=10,
        rows=20,
        alerts=2,
    ),
)
"""The first bounds with which a page is small enough are used.

A character that is spelled out takes 12 bytes. With the last bounds, a page of nothing but such characters has half of
the maximum size.
"""
