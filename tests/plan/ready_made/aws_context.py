"""The inspector `aws-context`."""

from tests.plan.ready_made import ReadyMade, Refused

ROLES = [
    "arn:aws:iam::444455556666:role/security/alert-responder-reader",
    "arn:aws:iam::777788889999:role/alert-responder-reader",
]

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
    },
    refused=(
        *(
            Refused({"activity_hours": hours}, "Use a whole number of hours from 0 to 168 for activity_hours.")
            for hours in (-1, 169, 1.5)
        ),
        *(
            Refused({"attribute_types": types}, "Use accesskey, arn, instance, ipaddr and username, one at least")
            for types in ([], ["domain"])
        ),
        *(
            Refused(
                {"external_id": value}, "Use 2 to 1224 letters, digits and characters of +=,.@:/-_ for external_id."
            )
            for value in ("x", "a b")
        ),
        *(
            Refused({f"{name}_tags": keys}, f"Use at most 20 keys of 1 to 128 characters for {name}_tags.")
            for name in ("owner", "purpose")
            for keys in ([""], [str(number) for number in range(21)])
        ),
        *(
            Refused({"regions": regions}, "Use 1 to 30 different regions, such as eu-west-1, for regions, or null.")
            for regions in ([], ["eu-west-1", "eu-west-1"], ["Ireland"])
        ),
        *(
            Refused({"role_arns": arns}, "Use at most 50 ARNs of roles, such as arn:aws:iam::123456789012:role/")
            for arns in (["reader"], ["arn:aws:iam::444455556666:user/reader"])
        ),
        Refused({"role_arns": [ROLES[0], "arn:aws:iam::444455556666:role/another"]}, "Use one role an account"),
        *(
            Refused({"session_name": name}, "Use 2 to 64 letters, digits and characters of +=,.@-_ for session_name.")
            for name in ("x", "a b")
        ),
        *(
            Refused({"time_budget_seconds": seconds}, "Use a whole number of seconds from 5 to 600")
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
