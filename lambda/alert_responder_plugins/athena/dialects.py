"""How each kind of table is read. Data.

Columns are those of the table definitions in AWS' documentation: CloudTrail, VPC flow logs, ALB and S3 access logs and
Resolver query logs in the Athena user guide; Security Lake, source version 2 (OCSF 1.1), in its user guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from alert_responder_plugins.logs.questions import TARGETS
from alert_responder_plugins.logs.rows import ShapeName
from alert_responder_plugins.logs.windows import TimeKind

SECURITY_LAKE = "security-lake-2"
"""Prefix of the dialects of Security Lake; the end of the table's name says which one it is."""


@dataclass(frozen=True)
class Dialect:
    """A kind of table.

    Attributes
    ----------
    columns
        Expression of each column of the shape.
    time, time_kind
        Expression of the time of a row, and how it is stored.
    partition
        Partition columns with their formats (`partitions.partition_predicate`), unless the settings name others. Empty:
        the table is partitioned by its time column itself.
    columnar
        Whether the table is stored by columns, so that a query reads only the ones it needs.
    """

    shape: ShapeName
    columns: Mapping[str, str]
    time: str
    time_kind: TimeKind
    partition: Mapping[str, str]
    columnar: bool = False


def _first(column: str, *paths: str) -> str:
    """Return an expression with the first value in a JSON text that exists."""
    return f"coalesce({', '.join(_json(column, path) for path in paths)})"


def _json(column: str, path: str) -> str:
    return f"json_extract_scalar({column}, '$.{path}')"


def _host(column: str) -> str:
    """Return an expression for a host that a client sent, in any case, with or without the final dot and the port."""
    return rf"regexp_replace(lower({column}), '\.?(:[0-9]+)?$', '')"


_ISSUED = ("credentials.accessKeyId", "accessKey.accessKeyId")
"""Where an answer has the access key that it creates: of AssumeRole and similar calls, and of CreateAccessKey."""

CLOUDTRAIL = Dialect(
    shape="calls",
    columns={
        "region": "awsregion",
        "principal": "coalesce(useridentity.arn, useridentity.invokedby, useridentity.principalid, '')",
        "issuer": "coalesce(useridentity.sessioncontext.sessionissuer.arn, '')",
        "user_name": "coalesce(useridentity.username, useridentity.sessioncontext.sessionissuer.username)",
        "session": "regexp_extract(useridentity.arn, ':assumed-role/[^/]+/(.+)$', 1)",
        "access_key": "useridentity.accesskeyid",
        "issued_key": _first("responseelements", *_ISSUED),
        "address": "coalesce(sourceipaddress, '')",
        "service": "eventsource",
        "action": "eventname",
        "error": "coalesce(errorcode, CASE WHEN eventname = 'ConsoleLogin' "
        f"AND {_json('responseelements', 'ConsoleLogin')} = 'Failure' THEN 'Failure' END, '')",
        "target": _first("requestparameters", *TARGETS),
        "resource": "element_at(resources, 1).arn",
        "agent": "useragent",
        "writes": "coalesce(readonly, '') = 'false'",
    },
    time="eventtime",
    time_kind="iso",
    partition={"timestamp": "yyyy/MM/dd"},
)

VPC_FLOW = Dialect(
    shape="flows",
    columns={
        "source": "srcaddr",
        "destination": "dstaddr",
        "source_port": "coalesce(srcport, 0)",
        "destination_port": "coalesce(dstport, 0)",
        "protocol": "protocol",
        "bytes": "coalesce(bytes, 0)",
        "verdict": "CASE action WHEN 'ACCEPT' THEN 'accepted' WHEN 'REJECT' THEN 'rejected' ELSE 'unknown' END",
        "outgoing": "CASE flow_direction WHEN 'egress' THEN true WHEN 'ingress' THEN false END",
        "instance": "nullif(instance_id, '-')",
    },
    time='"start"',
    time_kind="epoch",
    partition={"date": "date"},
)

ALB = Dialect(
    shape="requests",
    columns={
        "address": "client_ip",
        "principal": "cast(NULL AS varchar)",
        "method": "request_verb",
        "host": f"coalesce(nullif({_host('domain_name')}, '-'), elb)",
        "path": "request_url",
        "status": "cast(elb_status_code AS varchar)",
        "bytes": "coalesce(sent_bytes, 0)",
        "agent": "user_agent",
    },
    time='"time"',
    time_kind="iso",
    partition={"day": "yyyy/MM/dd"},
)

S3_ACCESS = Dialect(
    shape="requests",
    columns={
        "address": "remoteip",
        "principal": "nullif(requester, '-')",
        "method": "operation",
        "host": "bucket_name",
        "path": "key",
        "status": "httpstatus",
        "bytes": "coalesce(bytessent, 0)",
        "agent": "useragent",
    },
    time="date_parse(requestdatetime, '%d/%b/%Y:%H:%i:%s +0000')",
    time_kind="timestamp",
    partition={"timestamp": "yyyy/MM/dd"},
)

ROUTE53_RESOLVER = Dialect(
    shape="names",
    columns={
        "address": "srcaddr",
        "instance": "srcids.instance",
        "name": r"regexp_replace(lower(query_name), '\.$', '')",
        "answer": "element_at(answers, 1).rdata",
        "code": "rcode",
        "kind_of_record": "query_type",
    },
    time="query_timestamp",
    time_kind="iso",
    partition={"date": "yyyy/MM/dd"},
)


def _lake(shape: ShapeName, columns: Mapping[str, str]) -> Dialect:
    return Dialect(shape, columns, time="time_dt", time_kind="timestamp", partition={}, columnar=True)


_LAKE_CALLS = _lake(
    "calls",
    {
        "region": "cloud.region",
        "principal": "coalesce(actor.user.uid, actor.user.uid_alt, actor.user.name, '')",
        "issuer": "coalesce(actor.session.issuer, '')",
        "user_name": "actor.user.name",
        "session": "regexp_extract(actor.user.uid, ':assumed-role/[^/]+/(.+)$', 1)",
        "access_key": "actor.user.credential_uid",
        "issued_key": _first("api.response.data", *_ISSUED),
        "address": "coalesce(src_endpoint.ip, src_endpoint.domain, '')",
        "service": "api.service.name",
        "action": "api.operation",
        "error": "coalesce(api.response.error, CASE WHEN status = 'Failure' THEN 'Failure' END, '')",
        "target": _first("api.request.data", *TARGETS),
        "resource": "element_at(resources, 1).uid",
        "agent": "http_request.user_agent",
        "writes": "activity_name IN ('Create', 'Update', 'Delete')",
    },
)

_LAKE_EKS = _lake(
    "calls",
    {
        "region": "cloud.region",
        "principal": "coalesce(actor.user.name, actor.user.uid, '')",
        "issuer": "''",
        "user_name": "actor.user.name",
        "session": "cast(NULL AS varchar)",
        "access_key": "cast(NULL AS varchar)",
        "issued_key": "cast(NULL AS varchar)",
        "address": "coalesce(src_endpoint.ip, '')",
        "service": "'kubernetes'",
        "action": "activity_name || ' ' || coalesce(element_at(resources, 1).type, '')",
        "error": "CASE WHEN api.response.code >= 400 THEN cast(api.response.code AS varchar) ELSE '' END",
        "target": "element_at(resources, 1).name",
        "resource": "http_request.url.path",
        "agent": "http_request.user_agent",
        "writes": "activity_name IN ('Create', 'Update', 'Patch', 'Delete')",
    },
)

_LAKE_FLOWS = _lake(
    "flows",
    {
        "source": "src_endpoint.ip",
        "destination": "dst_endpoint.ip",
        "source_port": "coalesce(src_endpoint.port, 0)",
        "destination_port": "coalesce(dst_endpoint.port, 0)",
        "protocol": "connection_info.protocol_num",
        "bytes": "coalesce(traffic.bytes, 0)",
        "verdict": "CASE action WHEN 'Allowed' THEN 'accepted' WHEN 'Denied' THEN 'rejected' ELSE 'unknown' END",
        "outgoing": "CASE connection_info.direction WHEN 'Outbound' THEN true WHEN 'Inbound' THEN false END",
        "instance": "nullif(coalesce(nullif(src_endpoint.instance_uid, '-'), dst_endpoint.instance_uid), '-')",
    },
)

_LAKE_NAMES = _lake(
    "names",
    {
        "address": "src_endpoint.ip",
        "instance": "src_endpoint.instance_uid",
        "name": r"regexp_replace(lower(query.hostname), '\.$', '')",
        "answer": "element_at(answers, 1).rdata",
        "code": "upper(rcode)",
        "kind_of_record": "query.type",
    },
)

_LAKE_WAF = _lake(
    "requests",
    {
        "address": "src_endpoint.ip",
        "principal": "cast(NULL AS varchar)",
        "method": "http_request.http_method",
        "host": _host("http_request.url.hostname"),
        "path": "http_request.url.path",
        "status": "action",
        "bytes": "0",
        "agent": "http_request.user_agent",
    },
)

LAKE_TABLES: Mapping[str, Dialect] = {
    "cloud_trail_mgmt_2_0": _LAKE_CALLS,
    "lambda_execution_2_0": _LAKE_CALLS,
    "s3_data_2_0": _LAKE_CALLS,
    "eks_audit_2_0": _LAKE_EKS,
    "vpc_flow_2_0": _LAKE_FLOWS,
    "route53_2_0": _LAKE_NAMES,
    "waf_2_0": _LAKE_WAF,
}
"""Dialects of Security Lake by the end of the table's name."""

DIALECTS: Mapping[str, Dialect] = {
    "alb": ALB,
    "cloudtrail": CLOUDTRAIL,
    "route53-resolver": ROUTE53_RESOLVER,
    "s3-access": S3_ACCESS,
    "vpcflow": VPC_FLOW,
    **{f"{SECURITY_LAKE}/{end}": dialect for end, dialect in LAKE_TABLES.items()},
}


def find_dialect(dialect: str, table: str) -> Dialect | None:
    """Return a dialect by its name in the settings; that of a table of Security Lake by the end of its name."""
    if dialect == SECURITY_LAKE:
        return next((found for end, found in LAKE_TABLES.items() if table.lower().endswith(end)), None)
    return DIALECTS.get(dialect)
