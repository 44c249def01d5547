"""Every dialect on DuckDB: a table with its columns, one event, and what is learnt about it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alert_responder.plugin import Activity, Attribute
from alert_responder_plugins.athena.dialects import DIALECTS, LAKE_TABLES, find_dialect
from alert_responder_plugins.athena.query import Rollup, build_query, build_rollup, result_columns
from alert_responder_plugins.athena.rows import read_row
from alert_responder_plugins.athena.shapes import NAMES
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.logs.questions import AskedKey, asked_keys
from alert_responder_plugins.logs.rows import Row, activity
from alert_responder_plugins.logs.windows import Window

WINDOW = Window(datetime(2026, 11, 26, 13, tzinfo=UTC), datetime(2026, 11, 27, 14, tzinfo=UTC))
AT = "2026-11-27T12:00:00"
LAKE = "time_dt TIMESTAMP, accountid VARCHAR, region VARCHAR, cloud STRUCT(region VARCHAR)"
API = "STRUCT(operation VARCHAR, service STRUCT(name VARCHAR), request STRUCT(data VARCHAR), "
ACTOR = (
    'STRUCT("user" STRUCT(uid VARCHAR, uid_alt VARCHAR, name VARCHAR, credential_uid VARCHAR), '
    "session STRUCT(issuer VARCHAR))"
)
HTTP = "STRUCT(user_agent VARCHAR, http_method VARCHAR, url STRUCT(hostname VARCHAR, path VARCHAR))"
ENDPOINT = "STRUCT(ip VARCHAR, port INTEGER, domain VARCHAR, instance_uid VARCHAR)"
LAKE_CALL = (
    f"{LAKE}, activity_name VARCHAR, status VARCHAR, actor {ACTOR}, "
    f"api {API}response STRUCT(error VARCHAR, data VARCHAR)), "
    f'src_endpoint {ENDPOINT}, http_request {HTTP}, resources STRUCT(uid VARCHAR, "type" VARCHAR, name VARCHAR)[]'
)
LAKE_CALL_ROW: dict[str, Any] = {
    "time_dt": AT,
    "activity_name": "Create",
    "cloud": {"region": "eu-west-1"},
    "actor": {
        "user": {"uid": "arn:aws:sts::111122223333:assumed-role/ops/alice", "name": "ops", "credential_uid": "ASIAX"},
        "session": {"issuer": "arn:aws:iam::111122223333:role/ops"},
    },
    "api": {
        "operation": "CreateUser",
        "service": {"name": "iam.amazonaws.com"},
        "request": {"data": '{"userName": "eve"}'},
        "response": {"error": "AccessDenied", "data": None},
    },
    "src_endpoint": {"ip": "192.0.2.7"},
    "resources": [],
}
CALL = ("CreateUser (AccessDenied)", "assumed-role/ops/alice", "192.0.2.7", "eve")

# Columns of the table, a row, the key that is asked, and what is learnt: action, principal, address, target.
CASES: dict[str, tuple[str, dict[str, Any], AskedKey, tuple[str, str, str, str]]] = {
    "alb": (
        'type VARCHAR, "time" VARCHAR, elb VARCHAR, client_ip VARCHAR, request_verb VARCHAR, request_url VARCHAR, '
        "domain_name VARCHAR, elb_status_code INTEGER, sent_bytes BIGINT, user_agent VARCHAR, day VARCHAR",
        {
            "time": f"{AT}.123456Z",
            "client_ip": "192.0.2.7",
            "request_verb": "GET",
            "request_url": "https://shop.example.com:443/admin",
            "domain_name": "shop.example.com",
            "elb_status_code": 403,
            "sent_bytes": 10,
            "day": "2026/11/27",
        },
        AskedKey("address", "192.0.2.7"),
        ("GET (403)", "", "192.0.2.7", "https://shop.example.com:443/admin"),
    ),
    "s3-access": (
        "bucket_name VARCHAR, requestdatetime VARCHAR, remoteip VARCHAR, requester VARCHAR, operation VARCHAR, "
        'key VARCHAR, httpstatus VARCHAR, bytessent BIGINT, useragent VARCHAR, "timestamp" VARCHAR',
        {
            "bucket_name": "payroll",
            "requestdatetime": "27/Nov/2026:12:00:00 +0000",
            "remoteip": "192.0.2.7",
            "requester": "arn:aws:iam::111122223333:user/alice",
            "operation": "REST.GET.OBJECT",
            "key": "2026.csv",
            "httpstatus": "200",
            "timestamp": "2026/11/27",
        },
        AskedKey("target", "payroll"),
        ("REST.GET.OBJECT (200)", "user/alice", "192.0.2.7", "2026.csv"),
    ),
    "security-lake-2/cloud_trail_mgmt_2_0": (LAKE_CALL, LAKE_CALL_ROW, AskedKey("user", "alice"), CALL),
    "security-lake-2/s3_data_2_0": (LAKE_CALL, LAKE_CALL_ROW, AskedKey("key", "ASIAX"), CALL),
    "security-lake-2/lambda_execution_2_0": (
        LAKE_CALL,
        LAKE_CALL_ROW,
        AskedKey("principal", "arn:aws:iam::111122223333:role/ops"),
        CALL,
    ),
    "security-lake-2/eks_audit_2_0": (
        f"{LAKE}, activity_name VARCHAR, actor {ACTOR}, api {API}response STRUCT(code INTEGER)), "
        f'src_endpoint {ENDPOINT}, http_request {HTTP}, resources STRUCT(uid VARCHAR, "type" VARCHAR, name VARCHAR)[]',
        {
            "time_dt": AT,
            "activity_name": "Create",
            "actor": {"user": {"name": "system:anonymous"}},
            "api": {"response": {"code": 403}},
            "src_endpoint": {"ip": "192.0.2.7"},
            "resources": [{"name": "shell", "type": "pods"}],
        },
        AskedKey("address", "192.0.2.7"),
        ("Create pods (403)", "system:anonymous", "192.0.2.7", "shell"),
    ),
    "security-lake-2/vpc_flow_2_0": (
        f"{LAKE}, src_endpoint {ENDPOINT}, dst_endpoint {ENDPOINT}, traffic STRUCT(bytes BIGINT, packets BIGINT), "
        "connection_info STRUCT(protocol_num INTEGER, direction VARCHAR), action VARCHAR",
        {
            "time_dt": AT,
            "src_endpoint": {"ip": "10.0.0.5", "port": 40000, "instance_uid": "i-0123456789abcdef0"},
            "dst_endpoint": {"ip": "192.0.2.7", "port": 22},
            "traffic": {"bytes": 10},
            "connection_info": {"protocol_num": 6, "direction": "Outbound"},
            "action": "Denied",
        },
        AskedKey("instance", "i-0123456789abcdef0"),
        ("connected to (rejected)", "i-0123456789abcdef0", "192.0.2.7", "10 bytes out, 0 bytes in"),
    ),
    "security-lake-2/route53_2_0": (
        f'{LAKE}, src_endpoint {ENDPOINT}, query STRUCT(hostname VARCHAR, "type" VARCHAR), rcode VARCHAR, '
        "answers STRUCT(rdata VARCHAR)[]",
        {
            "time_dt": AT,
            "src_endpoint": {"ip": "10.0.0.5", "instance_uid": "i-0123456789abcdef0"},
            "query": {"hostname": "A.Evil.Example.", "type": "A"},
            "rcode": "NoError",
            "answers": [{"rdata": "192.0.2.7"}],
        },
        AskedKey("answer", "192.0.2.7"),
        ("resolved", "i-0123456789abcdef0", "192.0.2.7", "a.evil.example"),
    ),
    "security-lake-2/waf_2_0": (
        f"{LAKE}, src_endpoint {ENDPOINT}, http_request {HTTP}, action VARCHAR",
        {
            "time_dt": AT,
            "src_endpoint": {"ip": "192.0.2.7"},
            "http_request": {
                "http_method": "GET",
                "url": {"hostname": "shop.example.com", "path": "/.aws/credentials"},
            },
            "action": "Denied",
        },
        AskedKey("domain", "shop.example.com"),
        ("GET (Denied)", "", "192.0.2.7", "/.aws/credentials"),
    ),
}


def test_all_dialects_are_run() -> None:
    """Those that are not here are in `test_month`."""
    assert set(DIALECTS) == CASES.keys() | {"cloudtrail", "vpcflow", "route53-resolver"}


class Logs:
    """A table with one row, and an empty rollup."""

    def __init__(self, name: str, row: dict[str, Any], folder: Path) -> None:
        duckdb, self._sqlglot = pytest.importorskip("duckdb"), pytest.importorskip("sqlglot")
        self.connection = connection = duckdb.connect()
        self.source = Source("s", "security", "t", DIALECTS[name], baseline_days=30)
        self.rollup = Rollup("security", "counts")
        columns, *_ = CASES[name]
        connection.execute(f'CREATE SCHEMA security; CREATE TABLE security."t" ({columns})')
        connection.execute(
            "CREATE TABLE security.counts "
            "(subject VARCHAR, what VARCHAR, network VARCHAR, times BIGINT, source VARCHAR, day VARCHAR)"
        )
        path = folder / "row.jsonl"
        path.write_text(json.dumps(row))
        described = connection.execute("DESCRIBE security.t").fetchall()
        types = ", ".join(f"'{column}': '{kind}'" for column, kind, *_ in described)
        connection.execute(f"INSERT INTO security.t BY NAME FROM read_json('{path}', columns={{{types}}})")

    def run(self, sql: str) -> list[Any]:
        [translated] = self._sqlglot.transpile(sql, read="athena", write="duckdb")
        found: list[Any] = self.connection.execute(translated).fetchall()
        return found

    def about(self, keys: Sequence[AskedKey], window: Window = WINDOW) -> list[Activity]:
        found = self.run(build_query(self.source, window, [keys], self.rollup))
        return [activity(self.source.dialect.shape, self._row(values)) for values in found]

    def _row(self, values: Sequence[Any]) -> Row:
        texts = [None if one is None else str(one).lower() if isinstance(one, bool) else str(one) for one in values]
        return read_row(self.source, result_columns(self.source), texts)


@pytest.mark.parametrize("name", CASES)
def test_an_event_is_found(name: str, tmp_path: Path) -> None:
    _, row, key, wanted = CASES[name]
    logs = Logs(name, row, tmp_path)
    logs.run(build_rollup(logs.source, WINDOW, logs.rollup))
    assert logs.connection.execute("SELECT count(*) FROM security.counts").fetchone() == (1,)
    [done] = logs.about([key])
    assert (done.action, done.remote_addr, done.target) == (wanted[0], wanted[2], wanted[3])
    assert done.principal.endswith(wanted[1])
    assert done.count == 1
    assert done.last_seen == f"{AT}Z"
    outside = Window(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
    assert logs.about([key], outside) == []


def as_session(name: str) -> dict[str, Any]:
    """Return the call of a role's session with this name."""
    arn = f"arn:aws:sts::111122223333:assumed-role/ops/{name}"
    actor = {"user": {"uid": arn, "name": "ops"}, "session": LAKE_CALL_ROW["actor"]["session"]}
    return {**LAKE_CALL_ROW, "actor": actor}


def to_host(name: str) -> dict[str, Any]:
    """Return the request of a client that spells the host like this."""
    row = CASES["security-lake-2/waf_2_0"][1]
    http = row["http_request"]
    return {**row, "http_request": {**http, "url": {**http["url"], "hostname": name}}}


@pytest.mark.parametrize(
    ("dialect", "row", "type_", "value"),
    [
        ("alb", {**CASES["alb"][1], "domain_name": "Shop.EXAMPLE.com"}, "domain", "shop.example.com"),
        ("alb", {**CASES["alb"][1], "domain_name": "shop.example.com."}, "domain", "shop.example.com"),
        ("security-lake-2/waf_2_0", to_host("SHOP.example.COM"), "domain", "shop.example.com"),
        ("security-lake-2/waf_2_0", to_host("shop.example.com.:8443"), "domain", "Shop.example.com."),
        ("security-lake-2/cloud_trail_mgmt_2_0", as_session("Eve@SUB.example"), "email", "eve@sub.EXAMPLE"),
        ("security-lake-2/cloud_trail_mgmt_2_0", as_session("eve@sub.example"), "username", "Eve@Sub.Example"),
        ("security-lake-2/cloud_trail_mgmt_2_0", as_session("eve@sub.example"), "email", "eve@sub.example"),
    ],
)
def test_an_event_is_found_however_it_is_spelled(
    dialect: str, row: dict[str, Any], type_: str, value: str, tmp_path: Path
) -> None:
    found = Logs(dialect, row, tmp_path).about(asked_keys(Attribute(type=type_, value=value)))
    assert [one.count for one in found] == [1]


@pytest.mark.parametrize(("name", "asked"), [("eve@sub.example", "eve@sub.example.com"), ("Zoe", "zoe")])
def test_names_of_others_are_not_found(name: str, asked: str, tmp_path: Path) -> None:
    logs = Logs("security-lake-2/cloud_trail_mgmt_2_0", as_session(name), tmp_path)
    assert logs.about(asked_keys(Attribute(type="username", value=asked))) == []


def test_tables_of_security_lake_are_recognised_by_the_end_of_their_name() -> None:
    for end, dialect in LAKE_TABLES.items():
        assert find_dialect("security-lake-2", f"amazon_security_lake_table_eu_west_1_{end}") is dialect
    assert find_dialect("security-lake-2", "cloudtrail") is None
    assert find_dialect("unknown", "cloudtrail") is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (".".join([*"abcdefghijklmnopqrstuvwxyz", "evil.example"]), {"evil.example", "z.evil.example"}),
        ("evil.example", {"evil.example"}),
        ("not-evil.example", {"not-evil.example"}),
        ("example", {"example"}),
    ],
)
def test_a_domain_is_found_below_any_number_of_labels(name: str, found: set[str]) -> None:
    duckdb, sqlglot = pytest.importorskip("duckdb"), pytest.importorskip("sqlglot")
    connection = duckdb.connect()
    connection.execute("CREATE TABLE s (name VARCHAR)")
    connection.execute("INSERT INTO s VALUES (?)", [name])
    keys = ", ".join(expression for kind, expression in NAMES.keys if kind == "domain")
    [translated] = sqlglot.transpile(f"SELECT ARRAY[{keys}] FROM s", read="athena", write="duckdb")  # noqa: S608
    [(values,)] = connection.execute(translated).fetchall()
    assert {name} <= set(values) - {""} <= {name} | {name.split(".", count)[-1] for count in range(name.count(".") + 1)}
    assert {"evil.example", "z.evil.example", "not-evil.example", "example"} & set(values) == found
