"""The inspector `aws-context`."""

from tests.plan.ready_made import ReadyMade, Refused, refused_members

ROLES = [
    "arn:aws:iam::444455556666:role/security/alert-responder-reader",
    "arn:aws:iam::777788889999:role/alert-responder-reader",
]

MEMBERS = {
    "accounts": ["777788889999"],
    "external_id": "secops/7",
    "member_role_name": "alert-responder-reader",
    "organizational_units": ["Root/Workloads"],
}

MODULE = ReadyMade(
    module="aws-context",
    kind="inspector",
    variants={
        "options": {
            "activity_hours": 168,
            "attribute_types": ["ipaddr"],
            "cache_seconds": 0,
            "contexts": ["local"],
            "detectors": ["guardduty"],
            "enabled": False,
            "external_id": "secops/7",
            "max_per_minute": None,
            "name": "cloud",
            "owner_tags": [],
            "purpose_tags": ["Service"],
            "regions": ["eu-west-1", "us-east-1", "us-gov-west-1"],
            "role_arns": ROLES,
            "session_name": "secops",
            "time_budget_seconds": 600,
        },
        "own_role": {"role_arns": ["arn:aws:iam::111122223333:role/reader"]},
        "least": {"activity_hours": 0, "time_budget_seconds": 5},
        "members": MEMBERS,
    },
    refused=(
        *(
            Refused({"activity_hours": hours}, "activity_hours must be a whole number of hours from 0 to 168")
            for hours in (-1, 169, 1.5)
        ),
        *(
            Refused({"attribute_types": types}, "attribute_types must contain at least one of accesskey, arn,")
            for types in ([], ["domain"])
        ),
        *refused_members(ROLES),
        *(
            Refused({"external_id": value}, "external_id must have 2 to 1224 letters, digits and characters of")
            for value in ("x", "a b")
        ),
        *(
            Refused({f"{name}_tags": keys}, f"{name}_tags must contain at most 20 keys of 1 to 128 characters.")
            for name in ("owner", "purpose")
            for keys in ([""], [str(number) for number in range(21)])
        ),
        *(
            Refused({"regions": regions}, "regions must be null or contain 1 to 30 different regions")
            for regions in ([], ["eu-west-1", "eu-west-1"], ["Ireland"])
        ),
        *(
            Refused({"role_arns": arns}, "role_arns must contain at most 50 ARNs of roles")
            for arns in (["reader"], ["arn:aws:iam::444455556666:user/reader"])
        ),
        Refused(
            {"role_arns": [ROLES[0], "arn:aws:iam::444455556666:role/another"]},
            "role_arns must contain at most one role for each account",
        ),
        *(
            Refused({"session_name": name}, "session_name must have 2 to 64 letters, digits and characters of")
            for name in ("x", "a b")
        ),
        *(
            Refused(
                {"time_budget_seconds": seconds}, "time_budget_seconds must be a whole number of seconds from 5 to 600"
            )
            for seconds in (4, 601, 5.5)
        ),
    ),
    everywhere=frozenset(
        {
            "cloudtrail:LookupEvents",
            "ec2:DescribeImages",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "sts:GetAccessKeyInfo",
        }
    ),
)
