"""The quarantine: by default it may only look, at users, roles and access keys."""

from tests.plan.conftest import INTERFACE
from tests.plan.harness import REGION, arn
from tests.plan.ready_made import ReadyMade, Refused

GROUPS = {"vpc-0123456789abcdef0": "sg-0123456789abcdef0"}
IP_SET = arn("wafv2", "regional/ipset/blocked/0123")
APPROVERS = ["arn:aws:sts::111122223333:assumed-role/security/*"]
VERIFIED = {"alert_responder": {**INTERFACE, "verified_stream_arn": arn("kinesis", "stream/secops.verified")}}

LISTS = 2_000
"""Most characters of the lists together, as JSON."""
_KINDS = "target_kinds must contain at least one of access_key, address,"

MODULE = ReadyMade(
    module="quarantine",
    kind="emitter",
    variants={
        "armed": {
            "alarm_actions": [arn("sns", "alarms")],
            "target_kinds": ["access_key", "address", "bucket", "function", "instance", "principal"],
            "approval": True,
            "approval_hours": 168,
            "approver_arn_patterns": APPROVERS,
            "contexts": {"bucket": ["subject"], "instance": ["subject", "object"]},
            "detectors": ["guardduty"],
            "dry_run": False,
            "ip_set_arns": [IP_SET, f"arn:aws:wafv2:{REGION}:111122223333:global/ipset/blocked/4567"],
            "isolation_security_group_ids": GROUPS,
            "labels": ["contain"],
            "max_actions_per_hour": 100,
            "max_actions_per_hour_in_account": 3,
            "max_depth": 5,
            "protected_arns": [
                arn("iam", "role/ops/break-glass", region=""),
                arn("ec2", "instance/i-0123456789abcdef0"),
                arn("lambda", "function:batch"),
                "arn:aws:s3:::website",
            ],
            "protected_networks": ["192.0.2.0/24", "2001:db8::/32"],
            "release_after_hours": 8760,
            "severities": ["urgent", "unclassified"],
        },
        "reapplied": {"dry_run": False, "reapply": True},
        "with_members": {
            "allow_unverified_accounts": True,
            "dry_run": False,
            "ip_set_arns": [IP_SET],
            "isolation_security_group_name": "quarantine",
            "members": {"name": "alert-responder", "external_id": "secops/7"},
            "protected_arns": ["arn:aws:iam::444455556666:role/break-glass"],
            "target_kinds": ["access_key", "address", "instance", "principal"],
        },
        "waiting_members": {
            **VERIFIED,
            "approval": True,
            "approver_arn_patterns": APPROVERS,
            "dry_run": False,
            "isolation_security_group_ids": GROUPS,
            "members": {"name": "alert-responder", "external_id": "secops/7", "organization_id": "o-a1b2c3d4e5"},
            "target_kinds": ["access_key", "bucket", "function", "instance", "principal"],
        },
        "without_snapshots": {
            "target_kinds": ["instance"],
            "dry_run": False,
            "isolation_security_group_ids": GROUPS,
            "release_after_hours": 1,
            "snapshots": False,
        },
    },
    refused=(
        Refused({"target_kinds": ["delete"]}, _KINDS),
        Refused({"target_kinds": []}, _KINDS),
        Refused({"approval_hours": 0}, "approval_hours must be a whole number of hours from 1 to 168"),
        Refused(
            {"approver_arn_patterns": ["alice"]}, "approver_arn_patterns must contain at most 20 ARN patterns of users"
        ),
        Refused(
            {"approver_arn_patterns": ["arn:aws:sts::444455556666:assumed-role/security/*"]},
            "approver_arn_patterns must be in account ",
            while_planning=True,
        ),
        # Terraform reports no location for a default.
        Refused(
            {"approval": True, "approver_arn_patterns": []},
            "approver_arn_patterns must not be empty when approval is true",
            while_planning=True,
        ),
        Refused(
            {"contexts": {"host": ["subject"]}}, "contexts must map access_key, address, bucket, function, instance or"
        ),
        Refused({"contexts": {"instance": []}}, "contexts must map access_key, address, bucket, function, instance or"),
        Refused({"ip_set_arns": ["blocked"]}, "ip_set_arns must contain at most 10 ARNs of WAFv2 IP sets"),
        Refused(
            {"target_kinds": ["address"], "ip_set_arns": []},
            "ip_set_arns must not be empty when target_kinds contains address",
            while_planning=True,
        ),
        Refused(
            {"isolation_security_group_ids": {"main": "sg-0123456789abcdef0"}},
            "isolation_security_group_ids must map at most 20 VPC ids to security",
        ),
        Refused(
            {"target_kinds": ["instance"], "isolation_security_group_ids": {}},
            "isolation_security_group_ids must not be empty when target_kinds",
            while_planning=True,
        ),
        Refused(
            {
                "approver_arn_patterns": [arn("iam", f"user/{number:048d}", region="") for number in range(9)],
                "ip_set_arns": [f"{IP_SET}{number:032d}" for number in range(8)],
                "protected_arns": [arn("iam", f"role/{number:040d}", region="") for number in range(9)],
            },
            f"together they may have {LISTS:,} characters as JSON",
            while_planning=True,
        ),
        Refused({"allow_unverified_accounts": True}, "allow_unverified_accounts requires members", while_planning=True),
        Refused(
            {"isolation_security_group_name": "quarantine"},
            "isolation_security_group_name requires members",
            while_planning=True,
        ),
        *(
            Refused(
                {"isolation_security_group_name": wrong, "members": {"name": "m", "external_id": "secops-1"}},
                "isolation_security_group_name must have 1 to 255 characters that AWS",
            )
            for wrong in ("", "sg-0123456789abcdef0", "a?")
        ),
        Refused({"members": {"name": "*", "external_id": "secops-1"}}, "members.name must have 1 to 40 lower-case"),
        Refused(
            {"members": {"name": "alert-responder-reader", "external_id": "secops-1"}},
            "members.name must be the name of modules/member, such as alert-responder, not",
        ),
        Refused(
            {
                "allow_unverified_accounts": False,
                "members": {"name": "alert-responder", "external_id": "secops-1"},
            },
            "members requires verified_stream = true in the installation",
            while_planning=True,
        ),
        Refused({"members": {"name": "m", "external_id": "x"}}, "members.external_id must have 2 to 256 letters"),
        Refused(
            {"members": {"name": "m", "external_id": "secops-1", "organization_id": "*"}},
            "members.organization_id must be null, or o- and 10 to 32",
        ),
        Refused({"max_actions_per_hour": 0}, "max_actions_per_hour must be a whole number from 1 to 100"),
        Refused(
            {"max_actions_per_hour_in_account": 0},
            "max_actions_per_hour_in_account must be null or a whole number from 1 to",
        ),
        Refused(
            {"max_actions_per_hour": 3, "max_actions_per_hour_in_account": 4},
            "max_actions_per_hour_in_account must not be greater than",
            while_planning=True,
        ),
        Refused(
            {"protected_arns": ["arn:aws-cn:iam::111122223333:role/break-glass"]},
            "protected_arns must be in partition ",
            while_planning=True,
        ),
        Refused({"max_depth": 1.5}, "max_depth must be a whole number from 0 to 5"),
        Refused({"alarm_actions": ["pager"]}, "alarm_actions must contain at most 5 ARNs"),
        *(
            Refused({"protected_arns": [wrong]}, "protected_arns must contain at most 30 ARNs of users, roles,")
            for wrong in (
                "break-glass",
                arn("iam", "role/break-glass*", region=""),
                arn("iam", "policy/x", region=""),
                arn("ec2", "instance/*"),
                arn("lambda", "function:batch:live"),
                "arn:aws:s3:::website/*",
            )
        ),
        Refused(
            {"protected_arns": [arn("iam", "role/x", region="", account="444455556666")]},
            "protected_arns must be in account",
            while_planning=True,
        ),
        Refused(
            {"protected_networks": ["192.0.2.0"]},
            "protected_networks must contain at most 30 networks in CIDR notation",
        ),
        Refused(
            {"protected_networks": ["192.0.2.1/24"]}, "protected_networks must name networks by their first address"
        ),
        Refused({"release_after_hours": 0}, "release_after_hours must be null or a whole number of hours from 1 to"),
        Refused({"severities": []}, "severities must contain at least one of safe, unclassified and"),
    ),
    everywhere=frozenset(
        {
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSnapshots",
        }
    ),
)
