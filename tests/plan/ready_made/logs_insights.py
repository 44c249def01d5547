"""The inspector `logs-insights`."""

from tests.plan.ready_made import ReadyMade, Refused, refused_members

LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:"
TRAIL = {"dialect": "cloudtrail", "log_groups": [f"{LOGS}trail"]}
CLUSTERS = {
    "dialect": "eks-audit",
    "log_groups": [f"arn:aws:logs:eu-west-1:{account}:log-group:/aws/eks/*" for account in ("*", "777788889999")],
}
SHOP = {
    "dialect": "application",
    "log_groups": [f"{LOGS}/shop/*", "arn:aws:logs:eu-west-1:444455556666:log-group:shop"],
    "columns": {"user": "who", "address": "ip", "action": "what"},
    "parse": '"* from * did *" as who, ip, what',
}
QUERY = {
    "attribute_types": ["username"],
    "log_groups": [f"{LOGS}vpn"],
    "query": "filter who in :values and what != 'x | y :z' and what not like / :no/ "
    "| stats count(*) as count by who as value, gate as target",
}
ROLE = "arn:aws:iam::444455556666:role/reader"

_PARAMETER = "Each query in queries must use :values only after in and outside quotes"
_COMMANDS = "without comments and the commands SOURCE, diff, join and unmask"


def _query(**changed: object) -> dict[str, object]:
    return {"queries": {"vpn": {**QUERY, **changed}}}


def _source(**changed: object) -> dict[str, object]:
    return {"sources": {"x": {**TRAIL, **changed}}}


def _shop(**changed: object) -> dict[str, object]:
    return {"sources": {"x": {**SHOP, **changed}}}


MODULE = ReadyMade(
    module="logs-insights",
    kind="inspector",
    required={"sources": {"trail": TRAIL}, "max_gb_per_day": 100},
    variants={
        "options": {
            "attribute_types": ["ipaddr", "username"],
            "cache_seconds": 300,
            "contexts": ["remote"],
            "detectors": ["guardduty"],
            "enabled": False,
            "external_id": "reader",
            "hours_after": 2,
            "hours_before": 48,
            "max_days": 4,
            "max_gb_per_query": 5,
            "max_per_minute": 10,
            "name": "logs",
            "queries": {"vpn": QUERY},
            "role_arns": [ROLE],
            "session_name": "responder",
            "sources": {"shop": SHOP, "trail": TRAIL},
            "time_budget_seconds": 120,
            "usd_per_gb": 0.006,
        },
        "members": {
            "external_id": "reader",
            "member_role_name": "alert-responder-reader",
            "queries": {"vpn": {**QUERY, "log_groups": [LOGS.replace("111122223333", "*") + "vpn"]}},
            "sources": {"clusters": CLUSTERS, "trail": TRAIL},
        },
    },
    refused=(
        Refused({"attribute_types": []}, "attribute_types must be null or contain at least one type"),
        *refused_members([ROLE]),
        Refused(
            {"sources": {"x": CLUSTERS}}, "with an asterisk as account require member_role_name", while_planning=True
        ),
        Refused({"external_id": "x"}, "external_id must have 2 to 1224 letters"),
        *(Refused({"hours_after": hours}, "hours_after must be a whole number of hours from 0") for hours in (-1, 169)),
        *(
            Refused({"hours_before": hours}, "hours_before must be a whole number of hours from 1")
            for hours in (0, 337)
        ),
        *(Refused({"max_days": days}, "max_days must be a whole number of days from 1 to 31") for days in (0, 32)),
        Refused(
            {"hours_before": 168},
            "since hours_before and hours_after are",
            while_planning=True,
        ),
        Refused(
            {**_query(), "attribute_types": ["ipaddr"]},
            "attribute_types of queries must be among attribute_types, unless that is null",
            while_planning=True,
        ),
        Refused({"max_gb_per_day": 0}, "max_gb_per_day must be a number from 1 to 1000000"),
        Refused({"max_gb_per_query": 0}, "max_gb_per_query must be a number from 0.01 to 100000"),
        Refused({"max_gb_per_query": 101}, "max_gb_per_query must be at most max_gb_per_day", while_planning=True),
        Refused({"name": "x" * 34}, "name must have 1 to 33 lower-case letters, digits and single hyphens."),
        Refused(_query(query="filter who = 'x' | fields who as value"), _PARAMETER),
        Refused(_query(query="filter who in ':values' | fields who as value"), _PARAMETER),
        Refused(_query(query="filter who like /:values/ | fields who as value"), _PARAMETER),
        Refused(_query(query="filter who in :values"), _PARAMETER),
        *(
            Refused(_query(query=f"{QUERY['query']} | filter {more}"), "The only parameter of each query in queries is")
            for more in ("@timestamp > :begins", "what in [:ends, 'x']", "what = :value")
        ),
        Refused({"queries": {"My query": QUERY}}, "queries must contain at most 20 queries, with names of 1 to 40"),
        Refused(
            {"queries": {"trail": QUERY}}, "Names of queries must differ from those of sources", while_planning=True
        ),
        *(
            Refused(_query(query=f"{before}{QUERY['query']}{after}"), _COMMANDS)
            for before, after in (
                ("SOURCE logGroups() | ", ""),
                ("", " | diff"),
                ("", " | join x"),
                ("", " | Unmask who"),
                ("", " # | limit 1"),
                ("", " " * 2000),
            )
        ),
        Refused(_query(attribute_types=[]), "Each of queries must have attribute_types, and log_groups of 1 to 50"),
        Refused(_query(log_groups=["vpn"]), "Each of queries must have attribute_types, and log_groups of 1 to 50"),
        Refused({"role_arns": ["reader"]}, "role_arns must contain at most 50 ARNs of roles"),
        Refused({"role_arns": [ROLE, f"{ROLE}2"]}, "role_arns must contain at most one role for each account"),
        Refused({"session_name": "x"}, "session_name must have 2 to 64 letters"),
        *(
            Refused({"sources": sources}, "sources must contain at most 20 sources", while_planning=True)
            for sources in ({}, {"A b": TRAIL})
        ),
        Refused(_source(dialect="syslog"), "The dialect of each of sources must be application, cloudtrail,"),
        *(
            Refused(_source(log_groups=arns), "log_groups of each of sources must have 1 to 50 ARNs of log groups")
            for arns in ([], [f"{LOGS}trail:*"], ["trail"])
        ),
        Refused(_source(columns={"user": "who"}), "columns of each of sources must be fields of letters"),
        Refused(_shop(columns={"action": "what"}), "columns of each of sources must be fields of letters"),
        Refused(_shop(columns={"user": "who | limit 1"}), "columns of each of sources must be fields of letters"),
        *(
            Refused(_shop(parse=text), "parse of each of sources must be null, a glob in double quotes followed")
            for text in ("user=*", '"*" as a | limit 1', "/a/ | limit 1/")
        ),
        *(
            Refused({"time_budget_seconds": seconds}, "time_budget_seconds must be a whole number of seconds from 15")
            for seconds in (14, 801)
        ),
        Refused({"usd_per_gb": -1}, "usd_per_gb must be a number of USD from 0 to 1"),
    ),
    everywhere=frozenset({"logs:GetQueryResults", "logs:StopQuery"}),
)
