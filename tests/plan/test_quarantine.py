"""The rights of the quarantine's functions, whose log groups exist, so that their policies are known."""

from typing import Any

import pytest
import tftest

from alert_responder.store import keys
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.quarantine.handler import _COUNTS
from alert_responder_plugins.quarantine.own_functions import CORE
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from tests.plan import state
from tests.plan.conftest import INTERFACE, KNOWN
from tests.plan.evaluator import Context, Decision, decide
from tests.plan.harness import ACCOUNT, REGION, Case, Planned, arn, changes, statements
from tests.plan.ready_made.quarantine import GROUPS, LISTS, MODULE, VERIFIED

PLACES = {"emitter": "function", "commands": "commands"}
LOGS = tuple(log for kind, place in PLACES.items() for log in state.function_logs(f"secops-{kind}-quarantine", place))
TARGETS = (
    *(f"module.{place}.aws_lambda_function.this" for place in PLACES.values()),
    "aws_cloudwatch_metric_alarm.alarms",
    "aws_cloudwatch_event_target.tend",
    "module.attached",
)
VARIANTS = {
    "dry": {},
    "dry_members": {**VERIFIED, "members": {"name": "alert-responder", "external_id": "secops/7"}},
    **MODULE.variants,
}
LONG_NAMED = {"alert_responder": {**INTERFACE, "name": "a" * 36}, "name": "b" * 40}
CASES = {
    "known": KNOWN["known"],
    **{
        f"quarantine_functions_{name}": Case(
            "modules/quarantine", {"alert_responder": INTERFACE, **variables}, state=LOGS, targets=TARGETS
        )
        for name, variables in {**VARIANTS, "long_named": LONG_NAMED}.items()
    },
}

OWN = {"logs:CreateLogStream", "logs:PutLogEvents"}
JOURNAL = {
    "dynamodb:ConditionCheckItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
}
LOOKS_AT_IAM = {
    "iam:GetAccessKeyLastUsed",
    "iam:GetRole",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
}
ATTACH = {"iam:AttachRolePolicy", "iam:AttachUserPolicy"}
DETACH = {"iam:DetachRolePolicy", "iam:DetachUserPolicy"}
CONCURRENCY = {"lambda:DeleteFunctionConcurrency", "lambda:PutFunctionConcurrency"}
USERS, ROLES = f"arn:aws:iam::{ACCOUNT}:user/*", f"arn:aws:iam::{ACCOUNT}:role/*"
Policies = dict[tuple[str, str], list[dict[str, Any]]]


def after(plan: tftest.TerraformPlanOutput, variant: str, address: str) -> dict[str, Any]:
    found: dict[str, Any] = changes(plan, f"quarantine_functions_{variant}")[address]["after"]
    return found


@pytest.fixture(scope="module")
def policies(plan: tftest.TerraformPlanOutput) -> Policies:
    """The statements of each role, by variant and kind of function."""
    return {
        (variant, kind): statements(after(plan, variant, f"module.{place}.aws_iam_role_policy.this")["policy"])
        for variant in VARIANTS
        for kind, place in PLACES.items()
    }


def allowed(found: list[dict[str, Any]]) -> set[str]:
    return {action for each in found if each["Effect"] == "Allow" for action in each["Action"]}


def by_id(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in found if each["Sid"] == name)


@pytest.mark.parametrize("kind", PLACES)
def test_a_dry_run_may_only_read(policies: Policies, kind: str) -> None:
    assert allowed(policies["dry", kind]) == OWN | JOURNAL | LOOKS_AT_IAM


def test_rights_for_other_kinds_are_not_granted(policies: Policies) -> None:
    for kind in PLACES:
        assert allowed(policies["without_snapshots", kind]) == OWN | JOURNAL | MODULE.everywhere | {
            "ec2:ModifyNetworkInterfaceAttribute"
        }


def test_only_the_commands_function_may_detach_policies(policies: Policies) -> None:
    emitter, commands = (allowed(policies["reapplied", kind]) for kind in PLACES)
    assert commands - emitter == DETACH
    assert emitter - commands == set()
    assert emitter >= ATTACH


def test_with_approval_the_emitter_changes_nothing(policies: Policies) -> None:
    looks = OWN | JOURNAL | LOOKS_AT_IAM | MODULE.everywhere | {"wafv2:GetIPSet"}
    looks |= {"lambda:GetFunctionConcurrency", "s3:GetBucketLocation", "s3:GetBucketPublicAccessBlock"}
    assert allowed(policies["armed", "emitter"]) == looks
    assert allowed(policies["armed", "commands"]) >= looks | ATTACH | DETACH | CONCURRENCY


def test_only_actions_without_resources_are_allowed_on_all(policies: Policies) -> None:
    for found in policies.values():
        for each in found:
            assert "*" not in "".join(each["Action"])
            if each["Resource"] == ["*"]:
                assert set(each["Action"]) == MODULE.everywhere


ASSUME = "sts:AssumeRole"


@pytest.mark.parametrize(
    ("variant", "kind", "role", "organization"),
    [
        ("dry_members", "emitter", "alert-responder-reader", "${aws:PrincipalOrgID}"),
        ("dry_members", "commands", "alert-responder-reader", "${aws:PrincipalOrgID}"),
        ("with_members", "emitter", "alert-responder-responder", "${aws:PrincipalOrgID}"),
        ("with_members", "commands", "alert-responder-responder", "${aws:PrincipalOrgID}"),
        ("waiting_members", "emitter", "alert-responder-reader", "o-a1b2c3d4e5"),
        ("waiting_members", "commands", "alert-responder-responder", "o-a1b2c3d4e5"),
    ],
)
def test_one_role_of_each_account_of_the_organisation_may_be_assumed(
    policies: Policies, variant: str, kind: str, role: str, organization: str
) -> None:
    used = by_id(policies[variant, kind], "AssumeRolesOfMembers")
    assert (used["Action"], used["Resource"]) == ([ASSUME], [f"arn:aws:iam::*:role/{role}"])
    assert used["Condition"] == {"StringEqualsIfExists": {"aws:ResourceOrgID": organization}}
    read = by_id(policies[variant, kind], "ReadDirectory")
    assert (read["Action"], read["Resource"]) == (["dynamodb:GetItem"], [INTERFACE["table_arn"]])
    assert read["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["organization"]}}


def test_without_members_no_role_is_assumed(policies: Policies) -> None:
    for variant in VARIANTS:
        for kind in PLACES:
            assert (ASSUME in allowed(policies[variant, kind])) == variant.endswith("_members")


def test_with_members_the_emitter_changes_only_addresses_in_its_account(policies: Policies) -> None:
    emitter, commands = (allowed(policies["with_members", kind]) for kind in PLACES)
    assert emitter == OWN | JOURNAL | {"wafv2:GetIPSet", "wafv2:UpdateIPSet", ASSUME}
    # Everything that was contained here before can be released.
    releases = DETACH | {"iam:UpdateAccessKey"}
    assert commands == emitter | LOOKS_AT_IAM | releases


def test_with_members_the_commands_function_only_releases_in_its_account(policies: Policies) -> None:
    looks = LOOKS_AT_IAM | MODULE.everywhere
    looks |= {"lambda:GetFunctionConcurrency", "s3:GetBucketLocation", "s3:GetBucketPublicAccessBlock"}
    releases = DETACH | CONCURRENCY | {"iam:UpdateAccessKey", "s3:PutBucketPublicAccessBlock"}
    releases |= {"ec2:ModifyNetworkInterfaceAttribute"}
    emitter, commands = (allowed(policies["waiting_members", kind]) for kind in PLACES)
    assert emitter == OWN | JOURNAL | {ASSUME}
    assert commands == emitter | looks | releases


def test_the_journal_is_in_its_own_partition(policies: Policies) -> None:
    for kind in PLACES:
        journal = by_id(policies["armed", kind], "KeepJournal")
        assert journal["Resource"] == [INTERFACE["table_arn"]]
        own = {"dynamodb:LeadingKeys": ["quarantine/quarantine"]}
        assert journal["Condition"] == {"ForAllValues:StringEquals": own}
        read = by_id(policies["armed", kind], "ReadSettings")
        assert (read["Action"], read["Resource"]) == (["dynamodb:GetItem"], [INTERFACE["table_arn"]])
        assert read["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["config"]}}


def test_own_functions_are_read_only_to_protect_them(policies: Policies, known: Planned) -> None:
    functions = known.resources.items()
    names = {made["function_name"] for key, made in functions if key.startswith("aws_lambda_function.functions")}
    assert names == {f"alert-responder-{name}" for name in CORE}
    for kind in PLACES:
        read = by_id(policies["armed", kind], "ReadPlugIns")
        assert (read["Action"], read["Resource"]) == (["dynamodb:Query"], [INTERFACE["table_arn"]])
        partitions = [keys.COMMANDS, keys.EMITTERS, keys.INSPECTORS, keys.REVIEWERS]
        assert read["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": partitions}}
        assert not [each for each in policies["dry", kind] if each["Sid"] == "ReadPlugIns"]


def test_buckets_and_functions_of_other_accounts_and_regions_are_out_of_reach(policies: Policies) -> None:
    found = policies["armed", "commands"]
    function = arn("lambda", "function:batch")
    own, other = {"s3:ResourceAccount": [ACCOUNT]}, {"s3:ResourceAccount": ["444455556666"]}
    requests: list[tuple[str, str, Context, Decision]] = [
        ("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::website", own, "allowed"),
        ("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::website", other, "not allowed"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::website", own, "not allowed"),
        ("s3:PutAccountPublicAccessBlock", "*", own, "not allowed"),
        ("lambda:PutFunctionConcurrency", function, {}, "allowed"),
        ("lambda:DeleteFunctionConcurrency", function, {}, "allowed"),
        ("lambda:UpdateFunctionCode", function, {}, "not allowed"),
        ("lambda:PutFunctionConcurrency", function.replace(REGION, "us-east-1"), {}, "not allowed"),
        ("lambda:PutFunctionConcurrency", function.replace(ACCOUNT, "444455556666"), {}, "not allowed"),
    ]
    for action, resource, context, expected in requests:
        assert decide(found, action, resource, context) == expected, (action, resource)


def test_rights_to_change_are_as_narrow_as_aws_allows(policies: Policies) -> None:
    found = policies["armed", "commands"]
    interfaces = by_id(found, "ChangeInterfaces")
    assert interfaces["Condition"] == {"ArnEquals": {"ec2:Vpc": [arn("ec2", f"vpc/{next(iter(GROUPS))}")]}}
    deny = f"arn:aws:iam::{ACCOUNT}:policy/secops-quarantine-deny-{REGION}"
    for name in ("DenyPrincipals", "UndoDenying"):
        principals = by_id(found, name)
        assert principals["Condition"] == {"ArnEquals": {"iam:PolicyARN": deny}}
        assert principals["Resource"] == [ROLES, USERS]
    assert by_id(found, "ChangeAccessKeys")["Resource"] == [USERS]
    assert len(by_id(found, "ChangeIpSets")["Resource"]) == 2
    for name in ("ChangeFunctions", "LookAtFunctions", "UndoStoppingFunctions"):
        assert by_id(found, name)["Resource"] == [arn("lambda", "function:*")]
    for name in ("ChangeBuckets", "LookAtBuckets"):
        assert by_id(found, name)["Condition"] == {"StringEquals": {"s3:ResourceAccount": ACCOUNT}}
    assert by_id(found, "TagSnapshotsAsTheyAreMade")["Condition"] == {
        "StringEquals": {"ec2:CreateAction": "CreateSnapshots"}
    }


def test_iam_denies_changes_of_protected_arns_as_well(policies: Policies, known: Planned) -> None:
    ours = [
        role["name"].replace("alert-responder", "secops", 1)
        for address, role in known.resources.items()
        if address.startswith("aws_iam_role.")
    ]
    own = {f"secops-emitter-quarantine-{REGION}", f"secops-commands-quarantine-{REGION}", *ours}
    assert len(own) == 6
    for case, more in (("reapplied", set()), ("armed", {f"arn:aws:iam::{ACCOUNT}:role/ops/break-glass"})):
        denied = by_id(policies[case, "commands"], "NeverProtected")
        assert (denied["Effect"], set(denied["Action"]), denied.get("Condition")) == ("Deny", ATTACH, None)
        assert set(denied["Resource"]) == {f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in own} | more


def settings(plan: tftest.TerraformPlanOutput, case: str, place: str) -> dict[str, str]:
    [environment] = after(plan, case, f"module.{place}.aws_lambda_function.this")["environment"]
    variables: dict[str, str] = environment["variables"]
    return variables


@pytest.mark.parametrize("case", VARIANTS)
def test_both_functions_have_the_settings_that_the_code_reads(plan: tftest.TerraformPlanOutput, case: str) -> None:
    for place in PLACES.values():
        variables = settings(plan, case, place)
        aliases = {str(field.alias) for field in QuarantineSettings.model_fields.values()}
        assert variables.keys() == aliases | {"AWS_STS_REGIONAL_ENDPOINTS", "LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"}
        read = read_settings(QuarantineSettings, variables)
        assert read.own_role_names == (f"secops-emitter-quarantine-{REGION}", f"secops-commands-quarantine-{REGION}")
        assert {f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in read.own_role_names} <= read.protected_arns
        assert read.reapply == (case == "reapplied")
        assert sum(len(name) + len(value) for name, value in variables.items()) < 4_096


def test_the_runner_may_call_only_the_emitter(plan: tftest.TerraformPlanOutput) -> None:
    case = "quarantine_functions_armed"
    calls = plan.configuration["root_module"]["module_calls"][case]["module"]["module_calls"]
    attached = calls["attached"]["expressions"]["function_arn"]["references"]
    assert attached == ["module.function.function_arn", "module.function"]
    handlers = {name: calls[name]["expressions"]["handler"]["constant_value"] for name in PLACES.values()}
    assert handlers == {
        "function": "alert_responder_plugins.quarantine.handler.handler",
        "commands": "alert_responder_plugins.quarantine.handler.command",
    }
    # Only the attached function has a policy in the runner's role.
    roles = {
        address: change["after"].get("role")
        for address, change in changes(plan, case).items()
        if ".aws_iam_role_policy." in address
    }
    runner = INTERFACE["runner_role_name"]
    assert [address for address, role in roles.items() if role == runner] == [
        "module.attached.aws_iam_role_policy.this"
    ]


def test_a_name_that_is_too_long_for_aws_is_shortened(plan: tftest.TerraformPlanOutput) -> None:
    for place in PLACES.values():
        function = after(plan, "long_named", f"module.{place}.aws_lambda_function.this")
        assert len(function["function_name"]) == 64
    rule = after(plan, "long_named", "aws_cloudwatch_event_rule.tend")["name"]
    assert len(rule) == 64
    assert rule.startswith("a" * 36)


def test_the_longest_lists_fit_the_environment_of_the_longest_names(plan: tftest.TerraformPlanOutput) -> None:
    """Lambda allows 4 KB; the lists are empty here, and ARNs are longer in other regions and partitions."""
    variables = settings(plan, "long_named", "commands")
    assert sum(len(name) + len(value) for name, value in variables.items()) + 200 + LISTS < 4_096


def test_alarms_use_the_metrics_of_the_code(plan: tftest.TerraformPlanOutput) -> None:
    made = changes(plan, "quarantine_functions_armed")
    alarms = [change["after"] for address, change in made.items() if address.startswith("aws_cloudwatch_metric_alarm.")]
    counted = {alarm["metric_name"]: alarm for alarm in alarms if alarm["namespace"] == "AlertResponder"}
    assert counted.keys() == set(_COUNTS.values())
    for alarm in counted.values():
        assert alarm["dimensions"] == {"installation": "secops", "plugin": "quarantine"}
        assert alarm["threshold"] == 1
        # The schedule counts every five minutes: a period of ten always contains a count.
        assert (alarm["period"], alarm["statistic"]) == (600, "Maximum")
    for alarm in alarms:
        assert alarm["alarm_actions"] == MODULE.variants["armed"]["alarm_actions"]
        assert alarm["alarm_name"].startswith("secops-quarantine-")
