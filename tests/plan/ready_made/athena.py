"""The inspector `athena`."""

from tests.plan.harness import arn
from tests.plan.ready_made import ReadyMade, Refused

CLOUDTRAIL = {
    "database": "security",
    "table": "cloudtrail",
    "dialect": "cloudtrail",
    "location": "s3://invented-trail/AWSLogs/111122223333/CloudTrail/",
}
FLOWS = {
    "database": "amazon_security_lake_glue_db_eu_west_1",
    "table": "amazon_security_lake_table_eu_west_1_vpc_flow_2_0",
    "dialect": "security-lake-2",
}
QUERY = {
    "attribute_types": ["username"],
    "database": "security",
    "tables": {"vpn": {"time": "at", "partition": {"day": "yyyy-MM-dd"}}},
    "locations": ["s3://invented-vpn/logs"],
    "sql": "SELECT who AS value, count(*) AS count FROM vpn v WHERE v.who IN :values AND at < :ends "
    "AND \"action\" <> 'delete -- it''s in security.vpn: x' GROUP BY 1",
}
ROLE = "arn:aws:iam::444455556666:role/logs"
SOURCES = {"cloudtrail": CLOUDTRAIL, "vpcflow": FLOWS}

_PARAMETERS = "Each sql in queries must return the column value and use the parameter :values"
_ONE = "Each sql in queries must be one SELECT without a semicolon, comments and words"
_TABLES = "Each sql in queries must name its tables without their database, and no table"
_TYPES = "attribute_types must contain only accesskey, arn, domain, email, instance,"


def _query(**changed: object) -> dict[str, object]:
    return {"queries": {"vpn": {**QUERY, **changed}}}


def _source(**changed: object) -> dict[str, object]:
    return {"sources": {"x": {**CLOUDTRAIL, **changed}}}


MODULE = ReadyMade(
    module="athena",
    kind="inspector",
    required={"sources": SOURCES, "max_gb_per_day": 500},
    variants={
        "other_account": {
            "external_id": "secops",
            "role_arn": ROLE,
            "result_location": "s3://invented-results/athena/",
            "sources": {"cloudtrail": CLOUDTRAIL, "vpcflow": {**FLOWS, "account": "accountid"}},
            "workgroup": "security",
        },
        "options": {
            "attribute_types": ["ipaddr", "username"],
            "cache_seconds": 300,
            "contexts": ["remote"],
            "detectors": ["guardduty"],
            "enabled": False,
            "hours_after": 2,
            "hours_before": 48,
            "kms_key_arns": [arn("kms", "key/0123")],
            "max_per_minute": 10,
            "name": "logs",
            "queries": {"vpn": QUERY},
            "result_location": "s3://invented-results/athena/",
            "sources": {
                "trail": {
                    **CLOUDTRAIL,
                    "baseline_days": 30,
                    "fixed": {"region": ["eu-west-1"], "account": ["111122223333"]},
                    "kms_key_arn": arn("kms", "key/4567"),
                    "partition": {"year": "yyyy", "month": "MM", "day": "dd"},
                }
            },
            "time_budget_seconds": 120,
            "usd_per_tb": 6.25,
            "workgroup": "security",
        },
        # Results that Athena manages, and no baseline: nothing is stored. Lake Formation grants the data of the query.
        "least": {
            "max_gb_per_day": 1,
            "queries": {"vpn": {**QUERY, "locations": []}},
            "sources": {"cloudtrail": CLOUDTRAIL},
            "workgroup": "security",
        },
        "queries": {
            "attribute_types": ["account"],
            "sources": {},
            "queries": {
                "vpn": {
                    **QUERY,
                    "attribute_types": ["account"],
                    "tables": {"vpn": {"time": "at", "time_type": "epoch_ms", "partition": {}}},
                }
            },
        },
    },
    refused=(
        *(
            Refused(_source(account=column, **more), "account of each of sources must be null or the name of a column")
            for column, more in (
                ("account id", {}),
                ("account_id", {"baseline_days": 1}),
                ("account_id", {"fixed": {"account_id": ["111122223333"]}}),
            )
        ),
        Refused({"role_arn": "reader", "workgroup": "w"}, "role_arn must be null or the ARN of a role"),
        Refused({"role_arn": ROLE}, "role_arn requires workgroup", while_planning=True),
        Refused(
            {"role_arn": ROLE, "workgroup": "w", "sources": {"x": {**CLOUDTRAIL, "baseline_days": 30}}},
            "baseline_days of each of sources must be null or 0 with role_arn",
            while_planning=True,
        ),
        Refused({"external_id": "x", "role_arn": ROLE, "workgroup": "w"}, "external_id must have 2 to 1224 letters"),
        Refused({"external_id": "secops"}, "external_id requires role_arn", while_planning=True),
        *(
            Refused({"attribute_types": types}, _TYPES, while_planning=True)
            for types in (["ipaddr", "url"], ["account"])
        ),
        Refused({"attribute_types": []}, "attribute_types must be null or contain at least one type"),
        *(Refused({"hours_after": hours}, "hours_after must be a whole number of hours from 0") for hours in (-1, 169)),
        *(
            Refused({"hours_before": hours}, "hours_before must be a whole number of hours from 1")
            for hours in (0, 337)
        ),
        *(
            Refused({"kms_key_arns": [key]}, "kms_key_arns must contain at most 10 ARNs of KMS keys")
            for key in ("key", arn("kms", "alias/trail"))
        ),
        Refused({"max_gb_per_day": 0}, "max_gb_per_day must be a number from 1 to 1000000"),
        Refused({"max_gb_per_query": 0}, "max_gb_per_query must be a number from 0.01 to 100000"),
        Refused({"max_gb_per_query": 501}, "max_gb_per_query must be at most max_gb_per_day", while_planning=True),
        Refused({"name": "x" * 34}, "name must have 1 to 33 lower-case letters, digits and single hyphens."),
        *(
            Refused(_query(sql=str(QUERY["sql"]).replace(":values", instead)), _PARAMETERS)
            for instead in (
                *("('x')", "(':values')", ":values AND day = :first_day", ":values AND ':ends' = 'x'"),
                ":values OR who = :values",
            )
        ),
        Refused(_query(sql=str(QUERY["sql"]).replace(" AS value", "")), _PARAMETERS),
        Refused(
            _query(locations=["invented-vpn/logs"]), "locations of each of queries must be locations such as s3://"
        ),
        Refused({"queries": {"My query": QUERY}}, "queries must contain at most 20 queries, with names of 1 to 40"),
        Refused(
            {"queries": {"vpcflow": QUERY}}, "Names of queries must differ from those of sources", while_planning=True
        ),
        *(
            Refused(_query(sql=f"{QUERY['sql']} {more}"), _ONE)
            for more in ("; SELECT 1", "DELETE", "/* all */", "-- all", "HAVING '")
        ),
        *(
            Refused(_query(sql=f"{QUERY['sql']} {more}"), _TABLES, while_planning=True)
            for more in (
                "UNION ALL SELECT who, 1 FROM security.vpn",
                'UNION ALL SELECT who, 1 FROM "Security" . "vpn"',
                "UNION ALL TABLE awsdatacatalog.security.vpn",
                "HAVING count(*) > (SELECT count(*) FROM SECURITY\n.vpn)",
                ") UNION ALL (SELECT who, 1 FROM security.vpn",
                "UNION ALL SELECT eventname, 1 FROM cloudtrail",
                'UNION ALL SELECT eventname, 1 FROM "CloudTrail"',
                f"UNION ALL TABLE {FLOWS['database']}.{FLOWS['table']}",
            )
        ),
        Refused(_query(tables={}), "Each of queries must have attribute_types and tables"),
        *(
            Refused(_query(tables={"vpn": {"time": "at", "partition": {}, **changed}}), message)
            for changed, message in (
                ({"time": "1 = 1 OR at"}, "Each of queries must have attribute_types and tables"),
                ({"time_type": "text"}, "time_type of each of tables in queries must be epoch, epoch_ms, iso or"),
                ({"partition": {"day": "yyyy' OR '1"}}, "time_type of each of tables in queries must be epoch,"),
            )
        ),
        Refused(
            {**_query(), "attribute_types": ["ipaddr"]},
            "attribute_types of queries must be among attribute_types, unless that is null",
            while_planning=True,
        ),
        Refused({"result_location": "bucket"}, "result_location must be null or a location such as"),
        *(
            Refused({"rollup_schedule": schedule}, "rollup_schedule must be a schedule expression with six fields")
            for schedule in ("daily", "cron(30 3 * * *)", "rate(day)")
        ),
        Refused({"sources": {}}, "sources may be empty only with queries", while_planning=True),
        Refused({"sources": {"A b": CLOUDTRAIL}}, "sources must contain at most 20 sources"),
        Refused(_source(dialect="syslog"), "The dialect of each of sources must be alb, cloudtrail,"),
        Refused(_source(dialect="security-lake-2"), "The dialect of each of sources must be alb, cloudtrail,"),
        Refused(_source(table='x"y'), "database and table of each of sources must have 1 to 255 letters"),
        Refused(_source(kms_key_arn="alias/trail"), "kms_key_arn of each of sources must be null or the ARN of a KMS"),
        Refused(_source(location="bucket"), "location of each of sources must be null or a location such as"),
        Refused(_source(partition={"day": "%Y"}), "partition of each of sources must have formats of yyyy, MM, dd"),
        Refused(
            _source(fixed={"region": ["a'b"]}), "fixed must have lists of values of letters, digits and characters"
        ),
        Refused(_source(baseline_days=91), "baseline_days of each of sources must be null or a whole number from 0"),
        *(
            Refused({"time_budget_seconds": seconds}, "time_budget_seconds must be a whole number of seconds from 15")
            for seconds in (14, 801)
        ),
        Refused({"usd_per_tb": -1}, "usd_per_tb must be a number of USD from 0 to 100"),
        Refused({"workgroup": "a b"}, "workgroup must be null or have 1 to 128 letters"),
    ),
    everywhere=frozenset({"lakeformation:GetDataAccess"}),
)
