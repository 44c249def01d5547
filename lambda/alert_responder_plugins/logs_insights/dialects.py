"""How each kind of log is read. Data.

Fields are those that Logs Insights discovers in JSON, by the formats in AWS' documentation: CloudTrail records,
Resolver query logs, Kubernetes audit events of EKS; and those that it names itself in VPC flow logs of the default
format.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from alert_responder_plugins.logs.questions import TARGETS
from alert_responder_plugins.logs.rows import ShapeName

PREFIX = "q_"
"""Prefix of the names that a query defines, which keeps them apart from the fields of the log."""

KINDS_BY_COLUMN = {
    "address": "address",
    "domain": "domain",
    "instance": "instance",
    "key": "key",
    "principal": "principal",
    "target": "target",
    "user": "user",
}
"""Kinds of keys by the columns of application logs."""

APPLICATION_COLUMNS = (*KINDS_BY_COLUMN, "action", "error", "service")

_FIELD = re.compile(r"@?[A-Za-z0-9_.]{1,100}")


@dataclass(frozen=True)
class Dialect:
    """A kind of log.

    Attributes
    ----------
    columns
        Expression of each column by which rows are counted.
    keys
        Kinds of keys (`questions.AskedKey`) with the columns that have them.
    measures
        Aggregates of the rows with the same columns, besides their number and their first and last time.
    parse
        Commands before all others, which define fields.
    condition
        Condition that all rows fulfil; empty: none.
    """

    shape: ShapeName
    columns: Mapping[str, str]
    keys: tuple[tuple[str, str], ...]
    measures: Mapping[str, str]
    parse: tuple[str, ...] = ()
    condition: str = ""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of keys by which rows are found."""
        return frozenset(kind for kind, _ in self.keys)


def _parameters(paths: Iterable[str]) -> Iterable[str]:
    """Return the fields of parameters; elements of lists are written with a period."""
    return (f"requestParameters.{path.replace('[', '.').replace(']', '')}" for path in paths)


CLOUDTRAIL = Dialect(
    shape="calls",
    # Names of groups in regular expressions have letters and digits only.
    parse=(r"parse userIdentity.arn /:assumed-role\/[^\/]+\/(?<qSession>.+)$/",),
    columns={
        "region": "awsRegion",
        "principal": "coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId)",
        "issuer": "userIdentity.sessionContext.sessionIssuer.arn",
        "user_name": "coalesce(userIdentity.userName, userIdentity.sessionContext.sessionIssuer.userName)",
        "session": "qSession",
        "access_key": "userIdentity.accessKeyId",
        "issued_key": "coalesce(responseElements.credentials.accessKeyId, responseElements.accessKey.accessKeyId)",
        "address": "sourceIPAddress",
        "service": "eventSource",
        "action": "eventName",
        "error": "coalesce(errorCode, responseElements.ConsoleLogin)",
        "target": f"coalesce({', '.join(_parameters(TARGETS))})",
        "resource": "resources.0.ARN",
        "read_only": "readOnly",
    },
    keys=(
        ("key", "access_key"),
        ("issued", "issued_key"),
        ("user", "user_name"),
        ("user", "session"),
        ("principal", "principal"),
        ("principal", "issuer"),
        ("address", "address"),
        ("target", "target"),
        ("target", "resource"),
    ),
    measures={"agent": "latest(userAgent)"},
)

VPC_FLOW = Dialect(
    shape="flows",
    columns={
        "source": "srcAddr",
        "destination": "dstAddr",
        "port": "least(srcPort, dstPort)",
        "protocol": "protocol",
        "verdict": "action",
    },
    keys=(("address", "source"), ("address", "destination")),
    measures={"bytes": "sum(bytes)", "source_port": "max(srcPort)", "destination_port": "max(dstPort)"},
)

ROUTE53_RESOLVER = Dialect(
    shape="names",
    columns={
        "address": "srcaddr",
        "instance": "srcids.instance",
        "name": "query_name",
        "answer": "answers.0.Rdata",
        "code": "rcode",
        "records": "query_type",
    },
    keys=(("domain", "name"), ("address", "address"), ("instance", "instance"), ("answer", "answer")),
    measures={},
)

EKS_AUDIT = Dialect(
    shape="calls",
    condition='stage = "ResponseComplete" and ispresent(verb)',
    columns={
        "principal": "coalesce(user.extra.canonicalArn.0, user.username)",
        "user_name": "user.username",
        "session": "user.extra.sessionName.0",
        "access_key": "user.extra.accessKeyId.0",
        "address": "sourceIPs.0",
        "verb": "verb",
        "kind": "objectRef.resource",
        "namespace": "objectRef.namespace",
        "target": "objectRef.name",
        "status": "responseStatus.code",
    },
    keys=(
        ("key", "access_key"),
        ("user", "user_name"),
        ("user", "session"),
        ("principal", "principal"),
        ("address", "address"),
        ("target", "target"),
    ),
    measures={"agent": "latest(userAgent)"},
)

DIALECTS: Mapping[str, Dialect] = {
    "cloudtrail": CLOUDTRAIL,
    "eks-audit": EKS_AUDIT,
    "route53-resolver": ROUTE53_RESOLVER,
    "vpcflow": VPC_FLOW,
}

APPLICATION = "application"
"""Name of the dialect of logs whose fields the settings name."""


def application(columns: Mapping[str, str], parse: str) -> Dialect:
    """Return the dialect of an application's logs.

    Parameters
    ----------
    columns
        Field of each column (`APPLICATION_COLUMNS`); at least one of them is a key.
    parse
        Pattern of the command `parse` on `@message`; empty if the fields are discovered.

    Raises
    ------
    ValueError
        A column or a field is invalid, or no column is a key.
    """
    unknown = sorted(set(columns) - set(APPLICATION_COLUMNS))
    if unknown or not set(columns) & set(KINDS_BY_COLUMN):
        raise ValueError(
            f"columns must be some of {', '.join(APPLICATION_COLUMNS)}, at least one of them before action, "
            f"got {', '.join(sorted(columns)) or 'none'}"
        )
    invalid = [field for field in columns.values() if not _FIELD.fullmatch(field)]
    if invalid:
        raise ValueError(f"{invalid[0]!a} must be a field of letters, digits, underscores and periods")
    return Dialect(
        shape="events",
        columns=dict(columns),
        keys=tuple((kind, column) for column, kind in KINDS_BY_COLUMN.items() if column in columns),
        measures={},
        parse=(f"parse @message {parse}",) if parse else (),
    )
