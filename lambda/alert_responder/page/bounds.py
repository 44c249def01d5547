"""How much of a report is on its page."""

from dataclasses import dataclass

MAX_PAGE_BYTES = 1_000_000
"""Largest page [bytes of UTF-8]: what a phone loads and shows at once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most there is of each thing on the page; what is beyond is counted there, and stands in the JSON.

    Attributes
    ----------
    value, name, reason, body
        Longest value, name, reason of the reviewer, and body of an alert [characters].
    nodes
        Attributes in the graph.
    entities, answers
        Entities of which something was found, and inspectors that answered, of one entity.
    facts, listed
        Facts of one answer, and values of one fact.
    attributes, silences
        Rows of the tables of all attributes, and of lookups that found nothing.
    rows
        Notes, deliveries and steps, of each.
    alerts
        Alerts shown whole.
    """

    value: int
    name: int
    reason: int
    body: int
    nodes: int
    entities: int
    answers: int
    facts: int
    listed: int
    attributes: int
    silences: int
    rows: int
    alerts: int


BOUNDS = (
    Bounds(
        value=1_000,
        name=100,
        reason=4_000,
        body=20_000,
        nodes=60,
        entities=200,
        answers=50,
        facts=40,
        listed=20,
        attributes=500,
        silences=500,
        rows=200,
        alerts=25,
    ),
    Bounds(
        value=300,
        name=80,
        reason=4_000,
        body=5_000,
        nodes=60,
        entities=100,
        answers=20,
        facts=20,
        listed=10,
        attributes=200,
        silences=200,
        rows=100,
        alerts=20,
    ),
    Bounds(
        value=200,
        name=60,
        reason=2_000,
        body=500,
        nodes=40,
        entities=50,
        answers=10,
        facts=10,
        listed=5,
        attributes=50,
        silences=50,
        rows=50,
        alerts=10,
    ),
    Bounds(
        value=60,
        name=30,
        reason=300,
        body=0,
        nodes=20,
        entities=10,
        answers=3,
        facts=3,
        listed=2,
        attributes=10,
        silences=10,
        rows=20,
        alerts=2,
    ),
)
"""From the widest on, the first with which a page is small enough is taken.

A character may become 12 bytes (one that is spelled out). With the last bounds a page of nothing but such characters
is half as large as it may be.
"""
