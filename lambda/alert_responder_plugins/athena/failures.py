"""Why a query failed, as a sentence for the report. Pure.

Messages of Athena may quote the query, and through it an alert: only names and codes of a fixed form are taken over.
"""

import re

from alert_responder_plugins.logs.failures import Failure

_ACTION = re.compile(r"not authorized to perform:? \"?([a-z0-9-]{2,40}:[A-Za-z0-9]{2,60})")
_TABLE = re.compile(r"TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|CATALOG_NOT_FOUND|EntityNotFoundException|does not exist")
_COLUMN = re.compile(
    r"COLUMN_NOT_FOUND[^']{0,100}'([A-Za-z0-9_.\"]{1,128})'|Column '([A-Za-z0-9_.\"]{1,128})' cannot be"
)
_FIELD = re.compile(r"Expression .{0,200}? (?:is not of type ROW|has no field)|TYPE_MISMATCH|TYPE_NOT_FOUND")
_CODE = re.compile(r"\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b")
_LIMIT = re.compile(r"[Bb]ytes scanned limit was exceeded")
_LAKE = re.compile(r"[Ll]ake ?[Ff]ormation")
_DENIED = re.compile(
    r"[Aa]ccess ?[Dd]enied|PERMISSION_DENIED|[Ii]nsufficient (?:Lake Formation )?permission|not authorized"
)
_OUTPUT = re.compile(r"[Oo]utput|PutObject|result")
_BUSY = re.compile(
    r"TooManyRequests|[Tt]oo many|Rate exceeded|QUERY_QUEUE_FULL|EXCEEDED_MEMORY_LIMIT|exhausted resources"
)


def explain(state: str, message: str, table: str) -> Failure:
    """Explain why a query ended without a result.

    Parameters
    ----------
    state
        `FAILED` or `CANCELLED`.
    message
        Reason of the change of state, from Athena.
    table
        Database and table of the query, from the settings.
    """
    if _LIMIT.search(message):
        return Failure(
            "failed",
            f"The query on {table} was cancelled, because it would have scanned more than the limit of a query.",
            limited=True,
        )
    if _BUSY.search(message):
        return Failure("throttled", f"Athena had no capacity for the query on {table}.")
    if column := _COLUMN.search(message):
        missing = column[1] or column[2]
        return Failure(
            "failed",
            f"The table {table} has no column {missing}, or the role may not read it. Check dialect and partition.",
        )
    if _DENIED.search(message):
        return _denied(message, table)
    if _TABLE.search(message):
        return Failure("failed", f"The table {table} does not exist, or the role may not see it.")
    if _FIELD.search(message):
        return Failure("failed", f"A column of {table} has another type than its dialect has. Check the dialect.")
    if state == "CANCELLED":
        return Failure("failed", f"The query on {table} was cancelled.")
    code = _CODE.search(message)
    return Failure("failed", f"The query on {table} failed{f' ({code[1]})' if code else ''}.")


def _denied(message: str, table: str) -> Failure:
    if action := _ACTION.search(message):
        return Failure("failed", f"The role lacks the permission {action[1]} for {table}.")
    if _LAKE.search(message):
        return Failure("failed", f"The role lacks the permission SELECT of Lake Formation on {table}.")
    if _OUTPUT.search(message):
        return Failure("failed", "The role lacks the permission s3:PutObject for the results of the workgroup.")
    return Failure("failed", f"The role lacks the permission s3:GetObject for the data of {table}.")
