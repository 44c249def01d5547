"""The quarantine: by default it may only look, at users, roles and access keys."""

from tests.plan.harness import REGION, arn
from tests.plan.ready_made import ReadyMade, Refused

GROUPS = {"vpc-0123456789abcdef0": "sg-0123456789abcdef0"}
IP_SET = arn("wafv2", "regional/ipset/blocked/0123")
APPROVERS = ["arn:aws:sts::111122223333:assumed-role/security/*"]

LISTS = 2_000
"""Most characters of the lists together, as JSON."""
_KINDS = "at least one of access_key, address, instance and principal for target_kinds"

MODULE = ReadyMade(
    module="quarantine",
    kind="emitter",
    variants={
        "armed": {
            "alarm_actions": [arn("sns", "alarms")],
            "target_kinds": ["access_key", "address", "instance", "principal"],
            "approval": True,
            "approval_hours": 168,
            "approver_arn_patterns": APPROVERS,
            "contexts": {"instance": ["subject", "object"]},
            "detectors": ["guardduty"],
            "dry_run": False,
            "ip_set_arns": [IP_SET, f"arn:aws:wafv2:{REGION}:111122223333:global/ipset/blocked/4567"],
            "isolation_security_group_ids": GROUPS,
            "max_actions_per_hour": 100,
            "max_depth": 5,
            "protected_arns": [
                arn("iam", "role/ops/break-glass", region=""),
                arn("ec2", "instance/i-0123456789abcdef0"),
            ],
            "protected_networks": ["192.0.2.0/24", "2001:db8::/32"],
            "release_after_hours": 8760,
            "severities": ["urgent", "unclassified"],
        },
        "reapplied": {"dry_run": False, "reapply": True},
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
        Refused({"approval_hours": 0}, "whole hours from 1 to 168 for approval_hours"),
        Refused(
            {"approver_arn_patterns": ["alice"]}, "at most 20 patterns of ARNs of users and sessions for approver_arn"
        ),
        # A default has no place that Terraform could name.
        Refused(
            {"approval": True, "approver_arn_patterns": []},
            "with approval, somebody has to be allowed to approve",
            while_planning=True,
        ),
        Refused({"contexts": {"host": ["subject"]}}, "1 to 10 contexts such as subject, object, remote or local"),
        Refused({"contexts": {"instance": []}}, "1 to 10 contexts such as subject, object, remote or local"),
        Refused({"ip_set_arns": ["blocked"]}, "at most 10 ARNs of IP sets of WAFv2 for ip_set_arns"),
        Refused(
            {"target_kinds": ["address"], "ip_set_arns": []},
            "the action address puts addresses there",
            while_planning=True,
        ),
        Refused(
            {"isolation_security_group_ids": {"main": "sg-0123456789abcdef0"}},
            "at most 20 ids of security groups by ids of VPCs for isolation_security_group_ids",
        ),
        Refused(
            {"target_kinds": ["instance"], "isolation_security_group_ids": {}},
            "the action instance isolates with them",
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
        Refused({"max_actions_per_hour": 0}, "a whole number from 1 to 100 for max_actions_per_hour"),
        Refused({"max_depth": 1.5}, "a whole number from 0 to 5 for max_depth"),
        Refused({"alarm_actions": ["pager"]}, "at most 5 ARNs for alarm_actions"),
        *(
            Refused(
                {"protected_arns": [wrong]}, "without asterisks, such as arn:aws:iam::111122223333:role/break-glass"
            )
            for wrong in (
                "break-glass",
                arn("iam", "role/break-glass*", region=""),
                arn("iam", "policy/x", region=""),
                arn("ec2", "instance/*"),
            )
        ),
        Refused(
            {"protected_arns": [arn("iam", "role/x", region="", account="444455556666")]},
            "for protected_arns: the quarantine contains nothing of other accounts",
            while_planning=True,
        ),
        Refused({"protected_networks": ["192.0.2.0"]}, "at most 30 networks in CIDR notation for protected_networks"),
        Refused({"protected_networks": ["192.0.2.1/24"]}, "with their first address, such as 192.0.2.0/24"),
        Refused({"release_after_hours": 0}, "whole hours from 1 to 8760, or null, for release_after_hours"),
        Refused({"severities": []}, "at least one of safe, unclassified and urgent for severities"),
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
