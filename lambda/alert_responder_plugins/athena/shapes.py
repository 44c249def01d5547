"""The four shapes of logs: calls, flows, DNS queries and requests. Data.

A shape lists the columns that each dialect of it must provide, and what a query makes of them. Expressions are SQL of
Athena (Trino); `s` is the row with the columns of the dialect.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alert_responder_plugins.logs.rows import ShapeName

_PRIVATE = (
    r"'^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|100\.(6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\.|f[cd][0-9a-f]{2}:)'"
)
_PORT = "cast(least(a.source_port, a.destination_port) AS varchar)"
# The last labels of a name, however many others an attacker puts before them.
_DOMAINS = tuple(rf"regexp_extract(s.name, '([^.]+\.){{{number}}}[^.]+$')" for number in range(1, 6))


def network_of(column: str) -> str:
    """Return an expression for the network of an address: /24, or /48; other texts, such as services, are unchanged."""
    return (
        rf"CASE WHEN regexp_like({column}, '^[0-9.]+$') THEN regexp_replace({column}, '\.[0-9]+$', '.0/24') "
        rf"WHEN strpos({column}, ':') > 0 "
        rf"THEN regexp_extract({column}, '^([0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F]*)', 1) || '::/48' "
        rf"ELSE coalesce({column}, '') END"
    )


def _email(column: str) -> str:
    """Return an expression for a name that is an email address, whose case differs from one log to the next."""
    return f"CASE WHEN strpos({column}, '@') > 0 THEN lower({column}) END"


@dataclass(frozen=True)
class Shape:
    """A shape of logs.

    Attributes
    ----------
    columns
        Columns that a dialect provides, besides its time.
    keys
        Expressions by kind of key (`questions.AskedKey`): a row belongs to an attribute that has one of these values.
    derived
        Expressions that depend on the key by which a row was found, `k.key`.
    groups
        Expressions by which rows are counted; `a` is the row with derived columns.
    measures
        Aggregates of a group.
    failed
        Condition of groups that did not succeed.
    order
        Which groups are shown first, after new ones.
    subject, what, network
        Columns of groups: who acts, what is done and from where, by which "new or usual" is decided.
    """

    name: ShapeName
    columns: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    groups: Mapping[str, str]
    failed: str
    order: str
    subject: str
    what: str
    network: str
    measures: Mapping[str, str]
    derived: Mapping[str, str]


CALLS = Shape(
    name="calls",
    columns=(
        "region",
        "principal",
        "issuer",
        "user_name",
        "session",
        "access_key",
        "issued_key",
        "address",
        "service",
        "action",
        "error",
        "target",
        "resource",
        "agent",
        "writes",
    ),
    keys=(
        ("key", "s.access_key"),
        ("issued", "s.issued_key"),
        ("user", "s.user_name"),
        ("user", "s.session"),
        ("email", _email("s.user_name")),
        ("email", _email("s.session")),
        ("principal", "s.principal"),
        ("principal", "s.issuer"),
        ("address", "s.address"),
        ("target", "s.target"),
        ("target", "s.resource"),
    ),
    derived={},
    groups={
        "principal": "a.principal",
        "issuer": "a.issuer",
        "address": "a.address",
        "service": "a.service",
        "action": "a.action",
        "error": "a.error",
        "writes": "a.writes",
    },
    measures={
        "regions": "array_join(array_sort(array_agg(DISTINCT a.region)), ', ')",
        "target": "min(coalesce(a.target, a.resource))",
        "targets": "count(DISTINCT coalesce(a.target, a.resource))",
        "agent": "max(a.agent)",
    },
    failed="g.error <> ''",
    order="CASE WHEN g.error <> '' OR g.writes THEN 0 ELSE 1 END, g.last_at DESC",
    subject="coalesce(nullif(a.issuer, ''), a.principal)",
    what="a.service || ':' || a.action",
    network=network_of("a.address"),
)

FLOWS = Shape(
    name="flows",
    columns=(
        "source",
        "destination",
        "source_port",
        "destination_port",
        "protocol",
        "bytes",
        "verdict",
        "outgoing",
        "instance",
    ),
    keys=(
        ("address", "s.source"),
        ("address", "s.destination"),
        ("instance", "s.instance"),
    ),
    # The side that was asked about: the source of the flow, or its destination.
    derived={
        "inner_source": f"coalesce(s.outgoing, regexp_like(s.source, {_PRIVATE}))",
        "own_source": "k.key = 'address:' || s.source OR (k.key LIKE 'instance:%' "
        f"AND coalesce(s.outgoing, regexp_like(s.source, {_PRIVATE})))",
    },
    groups={
        "peer": "CASE WHEN a.own_source THEN a.destination ELSE a.source END",
        "own": "CASE WHEN a.own_source THEN a.source ELSE a.destination END",
        # A scan of ports is one row, not one for each port.
        "port": f"CASE WHEN a.verdict = 'accepted' THEN {_PORT} ELSE '' END",
        "protocol": "a.protocol",
        # The side with the higher port opened the connection.
        "opened": "(a.own_source AND a.source_port >= a.destination_port) "
        "OR (NOT a.own_source AND a.destination_port > a.source_port)",
        "verdict": "a.verdict",
        "instance": "coalesce(a.instance, '')",
    },
    measures={
        "first_port": "min(least(a.source_port, a.destination_port))",
        "ports": "count(DISTINCT least(a.source_port, a.destination_port))",
        "bytes_out": "sum(CASE WHEN a.own_source THEN a.bytes ELSE 0 END)",
        "bytes_in": "sum(CASE WHEN a.own_source THEN 0 ELSE a.bytes END)",
    },
    failed="g.verdict <> 'accepted'",
    order="g.bytes_out + g.bytes_in DESC, g.times DESC",
    subject="CASE WHEN a.inner_source THEN a.source ELSE a.destination END",
    what=f"CASE WHEN a.verdict = 'accepted' THEN {_PORT} ELSE a.verdict END || ' ' || "
    + network_of("(CASE WHEN a.inner_source THEN a.destination ELSE a.source END)"),
    network="''",
)

NAMES = Shape(
    name="names",
    columns=("address", "instance", "name", "answer", "code", "kind_of_record"),
    # A name belongs to the domains of two to six labels above it, too.
    keys=(
        ("domain", "s.name"),
        *(("domain", domain) for domain in _DOMAINS),
        ("address", "s.address"),
        ("instance", "s.instance"),
        ("answer", "s.answer"),
    ),
    derived={},
    groups={
        "address": "a.address",
        "instance": "coalesce(a.instance, '')",
        "parent": r"regexp_extract(a.name, '([^.]+\.[^.]+)$', 1)",
        "code": "a.code",
    },
    measures={
        "name": "min(a.name)",
        "names": "count(DISTINCT a.name)",
        "answer": "min(a.answer)",
        "records": "max(a.kind_of_record)",
    },
    failed="g.code <> 'NOERROR'",
    order="g.names DESC, g.last_at DESC",
    subject="coalesce(nullif(a.instance, ''), a.address)",
    what=r"regexp_extract(a.name, '([^.]+\.[^.]+)$', 1)",
    network="''",
)

REQUESTS = Shape(
    name="requests",
    columns=("address", "principal", "method", "host", "path", "status", "bytes", "agent"),
    keys=(
        ("address", "s.address"),
        ("principal", "s.principal"),
        ("domain", "s.host"),
        ("target", "s.host"),
        ("target", "s.path"),
    ),
    derived={},
    groups={
        "address": "a.address",
        "principal": "coalesce(a.principal, '')",
        "method": "a.method",
        "host": "a.host",
        "status": "a.status",
    },
    measures={
        "path": "min(a.path)",
        "paths": "count(DISTINCT a.path)",
        "bytes_out": "sum(a.bytes)",
        "agent": "max(a.agent)",
    },
    failed="regexp_like(g.status, '^([45]|Denied)')",
    order="g.times DESC, g.last_at DESC",
    subject="coalesce(nullif(a.principal, ''), a.host)",
    what="a.host || ' ' || a.method",
    network=network_of("a.address"),
)

SHAPES: Mapping[ShapeName, Shape] = {shape.name: shape for shape in (CALLS, FLOWS, NAMES, REQUESTS)}
