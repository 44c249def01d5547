"""Athena on DuckDB: the real SQL of the inspector, transpiled from Trino's dialect.

What it does not do like Athena: partitions are ordinary columns, a query has ended when it is polled, and each scans
1,000,000 bytes, or 1,001,000 if its result has rows.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

duckdb: Any = importlib.import_module("duckdb")
sqlglot: Any = importlib.import_module("sqlglot")

_CLOUDTRAIL = """
  useridentity STRUCT("type" VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, invokedby VARCHAR,
    accesskeyid VARCHAR, username VARCHAR, sessioncontext STRUCT(sessionissuer STRUCT("type" VARCHAR,
    principalid VARCHAR, arn VARCHAR, accountid VARCHAR, username VARCHAR))),
  eventtime VARCHAR, eventsource VARCHAR, eventname VARCHAR, awsregion VARCHAR, sourceipaddress VARCHAR,
  useragent VARCHAR, errorcode VARCHAR, requestparameters VARCHAR, responseelements VARCHAR, readonly VARCHAR,
  resources STRUCT(arn VARCHAR, accountid VARCHAR, "type" VARCHAR)[], "timestamp" VARCHAR"""
_FLOWS = """
  interface_id VARCHAR, srcaddr VARCHAR, dstaddr VARCHAR, srcport INTEGER, dstport INTEGER, protocol BIGINT,
  packets BIGINT, bytes BIGINT, "start" BIGINT, action VARCHAR, instance_id VARCHAR, flow_direction VARCHAR,
  "date" DATE"""
_NAMES = """
  query_timestamp VARCHAR, query_name VARCHAR, query_type VARCHAR, rcode VARCHAR,
  answers STRUCT(rdata VARCHAR, "type" VARCHAR, "class" VARCHAR)[], srcaddr VARCHAR,
  srcids STRUCT(instance VARCHAR, resolver_endpoint VARCHAR), "date" VARCHAR"""
_ROLLUP = "subject VARCHAR, what VARCHAR, network VARCHAR, times BIGINT, source VARCHAR, day VARCHAR"

TABLES = {"cloudtrail": _CLOUDTRAIL, "flows": _FLOWS, "names": _NAMES, "rollup": _ROLLUP}


class DuckDbAthena:
    """The operations of boto3's client that the inspector uses.

    Parameters
    ----------
    folder
        Where rows are written before they are loaded.
    cutoff
        BytesScannedCutoffPerQuery of the workgroup.
    """

    def __init__(self, folder: Path, cutoff: int | None = 1_000_000_000) -> None:
        self.connection = duckdb.connect()
        self.connection.execute("CREATE SCHEMA security")
        self.queries: list[str] = []
        self.calls: list[str] = []
        self._folder = folder
        self._cutoff = cutoff
        self._executions: dict[str, dict[str, Any]] = {}
        for table, columns in TABLES.items():
            self.connection.execute(f"CREATE TABLE security.{table} ({columns})")

    def load(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows."""
        path = self._folder / f"{table}.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        described = self.connection.execute(f"DESCRIBE security.{table}").fetchall()
        columns = ", ".join(f"{_quoted(name)}: {_quoted(kind)}" for name, kind, *_ in described)
        self.connection.execute(f"INSERT INTO security.{table} BY NAME FROM read_json('{path}', columns={{{columns}}})")

    def get_work_group(self, WorkGroup: str) -> dict[str, Any]:  # noqa: N803
        """Return the limit of bytes."""
        self.calls.append("get_work_group")
        configuration = {} if self._cutoff is None else {"BytesScannedCutoffPerQuery": self._cutoff}
        return {"WorkGroup": {"Name": WorkGroup, "Configuration": configuration}}

    def start_query_execution(self, QueryString: str, **_request: Any) -> dict[str, str]:  # noqa: N803
        """Run a query."""
        self.calls.append("start_query_execution")
        self.queries.append(QueryString)
        query_id = f"00000000-0000-4000-8000-{len(self._executions):012d}"
        self._executions[query_id] = self._run(QueryString)
        return {"QueryExecutionId": query_id}

    def batch_get_query_execution(self, QueryExecutionIds: list[str]) -> dict[str, Any]:  # noqa: N803
        """Return the states of queries."""
        self.calls.append("batch_get_query_execution")
        return {"QueryExecutions": [{"QueryExecutionId": each, **self._executions[each]} for each in QueryExecutionIds]}

    def get_query_results(
        self,
        QueryExecutionId: str,  # noqa: N803
        MaxResults: int,  # noqa: N803
        NextToken: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        """Return a page of a result."""
        self.calls.append("get_query_results")
        rows, first = self._executions[QueryExecutionId]["rows"], int(NextToken)
        page = [{"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]} for row in rows[first:]]
        more = {"NextToken": str(first + MaxResults)} if len(page) > MaxResults else {}
        return {"ResultSet": {"Rows": page[:MaxResults]}, **more}

    def stop_query_execution(self, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        """Stop a query."""
        self.calls.append("stop_query_execution")
        self._executions[QueryExecutionId]["Status"] = {"State": "CANCELLED"}
        return {}

    def _run(self, sql: str) -> dict[str, Any]:
        [translated] = sqlglot.transpile(sql, read="athena", write="duckdb")
        try:
            found = self.connection.execute(translated)
        except duckdb.Error as error:
            return {"Status": {"State": "FAILED", "StateChangeReason": f"SYNTAX_ERROR: {error}"}, "rows": []}
        names = [column[0] for column in found.description or ()]
        rows = [[_text(value) for value in row] for row in found.fetchall()]
        scanned = 1000 if len(rows) else 0
        return {
            "Status": {"State": "SUCCEEDED"},
            "Statistics": {"DataScannedInBytes": 1_000_000 + scanned},
            "rows": [names, *rows],
        }


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
