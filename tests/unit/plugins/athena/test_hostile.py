"""Values of alerts in SQL: they decode unchanged, and none is SQL text."""

import random
import re
import string
from datetime import timedelta

import pytest

from alert_responder.plugin import Attribute
from alert_responder_plugins.athena import literals
from alert_responder_plugins.athena.custom_queries import CustomQuery, CustomTable, build_custom_query
from alert_responder_plugins.athena.dialects import DIALECTS
from alert_responder_plugins.athena.query import MAX_QUERY, build_query
from alert_responder_plugins.athena.sources import Source
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.logs.questions import AskedKey, asked_keys
from alert_responder_plugins.logs.windows import TimeKind, Window, around
from tests.unit.plugins.athena.builders import NOW, ROLLUP, SOURCES, custom_query

WINDOW: Window = around(NOW, NOW, timedelta(hours=24), timedelta(hours=1))
_LITERAL = re.compile(r"from_utf8\(from_hex\('([0-9a-f]*)'\)\)")
_PARTS = (
    *(
        "'",
        "''",
        '"',
        "`",
        "\\",
        "\\'",
        "--",
        "/*",
        "*/",
        ";",
        "')",
        "%27",
        "\x00",
        "\n",
        "\u2028",
        "ä",
        "😀",
        "\u202e",
    ),
    *(" OR 1=1", " UNION SELECT", "$$", "{{", ":values", "E'\\x27'", "U&'\\0027'", "from_utf8(", "?", "DROP TABLE t"),
)


def hostile_values(number: int) -> list[str]:
    dice = random.Random(19)
    values = []
    for _ in range(number):
        parts = [dice.choice((dice.choice(_PARTS), dice.choice(string.printable))) for _ in range(dice.randint(1, 30))]
        values.append("".join(parts))
    return values


def decoded(sql: str) -> list[str]:
    return [bytes.fromhex(digits).decode() for digits in _LITERAL.findall(sql)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_value_is_text_of_a_query(dialect: str) -> None:
    source = Source("s", "security", "t", DIALECTS[dialect], baseline_days=30)
    [kind, *_] = sorted(source.kinds)
    values = hostile_values(1000)
    plain = _LITERAL.sub("X", build_query(source, WINDOW, [[AskedKey(kind, "a")]], ROLLUP))
    for first in range(0, 1000, 100):
        some = values[first : first + 100]
        sql = build_query(source, WINDOW, [[AskedKey(kind, value)] for value in some], ROLLUP)
        assert decoded(sql) == some
        # What remains is the same text for every value, except the number of rows.
        rest = re.sub(r"\(\d+, '(by|to)', '[a-z]+:' \|\| X, ARRAY\[\]\)(,\s+)?", "", _LITERAL.sub("X", sql))
        expected = re.sub(r"\(\d+, '(by|to)', '[a-z]+:' \|\| X, ARRAY\[\]\)(,\s+)?", "", plain)
        assert re.sub(r"rank <= \d+", "", rest) == re.sub(r"rank <= \d+", "", expected)


def test_no_value_is_text_of_a_custom_query() -> None:
    query = custom_query("SELECT :values, :begins, :ends")
    values = hostile_values(1000)
    sql = build_custom_query(query, values, WINDOW)
    assert decoded(sql) == values
    assert re.fullmatch(r"[A-Za-z0-9_ ()'\",:.*/<>=\n-]+", _LITERAL.sub("X", sql))


def test_duckdb_decodes_values_unchanged() -> None:
    duckdb, sqlglot = pytest.importorskip("duckdb"), pytest.importorskip("sqlglot")
    values = [value for value in hostile_values(1000) if "\x00" not in value]
    sql = "SELECT " + ", ".join(map(literals.text, values))
    [translated] = sqlglot.transpile(sql, read="athena", write="duckdb")
    assert list(duckdb.connect().execute(translated).fetchone()) == values


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT who AS value FROM vpn WHERE who IN :values OR 1 = 1",
        "SELECT who AS value FROM vpn WHERE NOT (who IN :values AND seen >= :begins)",
        "SELECT who AS value FROM vpn UNION ALL SELECT who FROM vpn WHERE :values IS NOT NULL",
        "SELECT who AS value FROM vpn UNION ALL FROM vpn SELECT who",
        "SELECT a.who AS value FROM vpn a FULL JOIN vpn b ON a.who <> b.who OR a.seen < b.seen",
        "SELECT who AS value FROM vpn WHERE EXISTS (SELECT 1 FROM vpn x WHERE x.seen < vpn.seen) OR who IN :values",
        "WITH vpn AS (SELECT * FROM vpn) SELECT who AS value FROM vpn",
        "WITH v AS (SELECT * FROM vpn WHERE :ends < :begins OR true) SELECT who AS value FROM v",
        'SELECT who AS value FROM "VPN"',
        "SELECT who AS value FROM vpn) AS x UNION ALL (SELECT who FROM vpn",
        "SELECT max(who) OVER () AS value FROM vpn",
    ],
)
def test_no_condition_of_a_custom_query_extends_its_window(sql: str) -> None:
    duckdb, sqlglot = pytest.importorskip("duckdb"), pytest.importorskip("sqlglot")
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA security")
    connection.execute("CREATE TABLE security.vpn (who VARCHAR, seen TIMESTAMP, day VARCHAR)")
    rows = [
        ("alice", WINDOW.begins, "2026/11/26"),
        ("too early", WINDOW.begins - timedelta(seconds=1), "2026/11/26"),
        ("too late", WINDOW.ends, "2026/11/27"),
        ("in another partition", WINDOW.begins, "2026/11/25"),
    ]
    for who, at, day in rows:
        connection.execute("INSERT INTO security.vpn VALUES (?, ?, ?)", [who, at.replace(tzinfo=None), day])

    [translated] = sqlglot.transpile(
        build_custom_query(custom_query(sql), ["alice"], WINDOW), read="athena", write="duckdb"
    )

    assert {row[0] for row in connection.execute(translated).fetchall()} <= {"alice", None}


@pytest.mark.parametrize(
    ("kind", "literal"),
    [("iso", "'2026-11-26T15:00:00'"), ("epoch", "1795705200"), ("epoch_ms", "1795705200000")],
)
def test_times_of_custom_tables(kind: TimeKind, literal: str) -> None:
    query = CustomQuery(
        "q", "security", "SELECT :values", frozenset({"username"}), (CustomTable("vpn", "seen", kind, {}),)
    )
    assert f'FROM "security"."vpn"\n  WHERE "seen" >= {literal} AND' in build_custom_query(query, ["alice"], WINDOW)


def test_long_values_are_not_asked_about() -> None:
    assert literals.fits("x" * 512)
    assert not literals.fits("x" * 513)
    assert not literals.fits("😀" * 129)


def test_the_longest_query_fits() -> None:
    longest = {
        "username": f"{'x' * 509}{{:03}}",
        "arn": f"arn:aws:iam::111122223333:role/{'x' * 420}/{'y' * 57}{{:03}}",
    }
    for type_, value in longest.items():
        keys = [asked_keys(Attribute(type=type_, value=value.format(number))) for number in range(100)]
        assert {len(key.value) for asked in keys for key in asked} <= {60, 512}
        for source in SOURCES:
            assert len(build_query(source, WINDOW, keys, ROLLUP)) <= MAX_QUERY


@pytest.mark.parametrize("name", ['a"b', "a;b", "", "ä", "a b", "x" * 256])
def test_names_that_the_settings_must_not_have(name: str) -> None:
    with pytest.raises(SettingsFaultError):
        literals.name(name)


@pytest.mark.parametrize(
    ("kind", "value", "keys"),
    [
        ("ipaddr", "192.0.2.1", ["address", "answer"]),
        ("accesskey", "AKIAIOSFODNN7EXAMPLE", ["key", "issued", "target"]),
        ("username", "alice", ["user", "target"]),
        ("username", "Alice@example.com", ["user", "target", "email"]),
        ("email", "alice@example.com", ["user", "email"]),
        ("domain", "Evil.Example.", ["domain"]),
        ("instance", "i-0123456789abcdef0", ["instance", "user", "target"]),
        ("url", "https://evil.example/x", []),
        ("filehashvalue", "0" * 64, []),
        ("ipaddr", "not an address", []),
    ],
)
def test_what_is_asked_about_an_attribute(kind: str, value: str, keys: list[str]) -> None:
    assert [key.kind for key in asked_keys(Attribute(type=kind, value=value))] == keys


@pytest.mark.parametrize(
    ("arn", "keys"),
    [
        ("arn:aws:iam::111122223333:user/ops/alice", [("principal", 0), ("target", 0), ("target", "alice")]),
        ("arn:aws:sts::111122223333:assumed-role/web/i-1", [("principal", 0), ("target", 0), ("target", "i-1")]),
        ("arn:aws:s3:::payroll/2026/x.csv", [("target", 0), ("target", "payroll")]),
        ("arn:aws:lambda:eu-west-1:111122223333:function:pay", [("target", 0), ("target", "pay")]),
        (
            "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0",
            [("target", 0), *((kind, "i-0123456789abcdef0") for kind in ("target", "instance", "user"))],
        ),
    ],
)
def test_what_is_asked_about_an_arn(arn: str, keys: list[tuple[str, object]]) -> None:
    wanted = [(kind, arn if value == 0 else value) for kind, value in keys]
    assert [tuple(key) for key in asked_keys(Attribute(type="arn", value=arn))] == wanted
