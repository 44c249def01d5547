"""The roles in a member account: what they may do, and which functions may assume them.

The emulated AWS does not know a role's organisation, so that `evaluator.py` decides by the planned policies. None of it
has been run on AWS.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import tftest

from alert_responder_cli.accounts.settings import Member, members_in
from tests.plan import state, tables
from tests.plan.conftest import INTERFACE
from tests.plan.evaluator import Caller, Decision, Role, Statements, decide, decide_assume, decide_within
from tests.plan.harness import ACCOUNT, Case, Planned, changes, planned, statements
from tests.plan.inputs import refusals
from tests.plan.test_policies import findings
from tests.plan.test_quarantine import CASES as QUARANTINE
from tests.plan.test_quarantine import PLACES
from tools.paths import ROOT

MODULE = "modules/member"
MEMBER = "444455556666"
IAM = f"arn:aws:iam::{MEMBER}"
READER, RESPONDER = f"{IAM}:role/alert-responder-reader", f"{IAM}:role/alert-responder-responder"
QUARANTINED, BOUNDARY = f"{IAM}:policy/alert-responder-quarantined", f"{IAM}:policy/alert-responder-boundary"
HOME = f"arn:aws:iam::{ACCOUNT}:role"
INSPECTOR = f"{HOME}/secops-inspector-aws-context-eu-west-1"
EMITTER = f"{HOME}/secops-emitter-quarantine-eu-west-1"
COMMANDS = f"{HOME}/secops-commands-quarantine-eu-west-1"
ORGANIZATION, EXTERNAL_ID = "o-a1b2c3d4e5", "secops/7"
LOGS = f"arn:aws:logs:*:{MEMBER}:log-group:/aws/vpc/flow-logs:*"

KINDS: dict[str, set[str]] = {
    "access_key": {"iam:UpdateAccessKey"},
    "bucket": {"s3:PutBucketPublicAccessBlock"},
    "function": {"lambda:DeleteFunctionConcurrency", "lambda:PutFunctionConcurrency"},
    "instance": {"ec2:CreateSnapshots", "ec2:CreateTags", "ec2:ModifyNetworkInterfaceAttribute"},
    "principal": {"iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy"},
}
"""What the responder may do for each kind of target, in addition to looking."""

READING_VERBS = ("Describe", "Get", "List", "LookupEvents")
QUERYING = {"logs:DescribeLogGroups", "logs:GetQueryResults", "logs:StartQuery", "logs:StopQuery"}

REQUIRED: dict[str, Any] = {
    "account_id": MEMBER,
    "external_id": EXTERNAL_ID,
    "organization_id": ORGANIZATION,
    "reader_principal_arns": [INSPECTOR, EMITTER, COMMANDS],
}
ACTING = {"responder_principal_arns": [EMITTER, COMMANDS]}
VARIANTS: dict[str, dict[str, Any]] = {
    "least": {},
    "looking": ACTING,
    "approving": {"responder_principal_arns": [COMMANDS], "actions": ["access_key"]},
    **{kind: {**ACTING, "actions": [kind]} for kind in KINDS},
    "all": {**ACTING, "actions": [*KINDS], "log_group_arns": [LOGS], "tags": {"team": "security"}},
    "long_named": {**ACTING, "actions": [*KINDS], "log_group_arns": [LOGS], "name": "n" * 40},
}
ASSUMING = "member_aws_context"
CASES = {
    **{f"member_{name}": Case(MODULE, {**REQUIRED, **variables}) for name, variables in VARIANTS.items()},
    ASSUMING: Case(
        "modules/aws-context",
        {"alert_responder": INTERFACE, "member_role_name": READER.rpartition("/")[2], "external_id": EXTERNAL_ID},
        state=state.function_logs("secops-inspector-aws-context"),
        targets=("module.function.aws_lambda_function.this",),
    ),
    **{
        f"quarantine_functions_{name}": QUARANTINE[f"quarantine_functions_{name}"]
        for name in ("dry_members", "waiting_members", "with_members")
    },
}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"account_id": "44445555666"}, "account_id must have 12 digits"),
    ({**ACTING, "actions": ["address"]}, "actions must contain only access_key,"),
    ({"external_id": "x"}, "external_id must have 2 to 1224 letters"),
    ({"external_id": "a b"}, "external_id must have 2 to 1224 letters"),
    ({"log_group_arns": [LOGS.removesuffix(":*")]}, "log_group_arns must contain at most 10 ARNs of log groups"),
    ({"log_group_arns": [LOGS] * 11}, "log_group_arns must contain at most 10 ARNs of log groups"),
    ({"log_group_arns": ["arn:aws:logs:*:*:log-group:*:*"]}, "log_group_arns must contain at most 10 ARNs of log"),
    ({"name": "Member"}, "name must have 1 to 40 lower-case letters"),
    ({"name": "n" * 41}, "name must have 1 to 40 lower-case letters"),
    ({"organization_id": "o-short"}, "organization_id must be o- and 10 to 32"),
    ({"reader_principal_arns": []}, "reader_principal_arns must contain 1 to 10 ARNs of roles"),
    *(
        ({f"{role}_principal_arns": [wrong]}, f"{role}_principal_arns must contain")
        for role in ("reader", "responder")
        for wrong in ("*", f"{HOME}/*", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/x")
    ),
    *(
        (
            {f"{role}_principal_arns": [EMITTER.replace("aws:", "aws-cn:")]},
            f"{role}_principal_arns must contain roles of",
        )
        for role in ("reader", "responder")
    ),
    ({"responder_principal_arns": [EMITTER] * 11}, "responder_principal_arns must contain at most 10 ARNs of roles"),
]
REFUSED_WHILE_PLANNING: list[tuple[dict[str, Any], str]] = [
    ({"actions": ["instance"], "responder_principal_arns": []}, "actions requires responder_principal_arns"),
    *(
        ({f"{role}_principal_arns": [READER]}, f"{role}_principal_arns must contain roles of the home account, not of")
        for role in ("reader", "responder")
    ),
    *(
        (
            {
                f"{role}_principal_arns": [f"{HOME}/{'p' * 100}{number}" for number in range(10)],
                "external_id": "x" * 500,
            },
            f"{role}_principal_arns is too long",
        )
        for role in ("reader", "responder")
    ),
]


@pytest.fixture(scope="module")
def made(plan: tftest.TerraformPlanOutput) -> dict[str, Planned]:
    """The plan of each variant."""
    return {name: planned(plan, f"member_{name}") for name in VARIANTS}


def policies(made: Planned) -> dict[str, str]:
    """List all policies by address, trust policies left out."""
    return {address: values["policy"] for address, values in made.resources.items() if "policy" in values}


def granted(made: Planned, role: str) -> list[dict[str, Any]]:
    """List the statements of a role's policies."""
    return [
        statement
        for address, policy in policies(made).items()
        if address.startswith(f'aws_iam_role_policy.this["{role}/')
        for statement in statements(policy)
    ]


def boundary(made: Planned) -> list[dict[str, Any]]:
    return statements(made.resources["aws_iam_policy.boundary"]["policy"])


def allowed(found: Iterable[dict[str, Any]]) -> set[str]:
    return {action for each in found if each["Effect"] == "Allow" for action in each["Action"]}


def test_by_default_there_is_only_a_reader(made: dict[str, Planned]) -> None:
    assert set(made["least"].resources) == {
        "aws_iam_policy.boundary",
        'aws_iam_role.this["reader"]',
        'aws_iam_role_policy.this["reader/look"]',
        'aws_iam_role_policy.this["reader/read"]',
    }


def test_the_reader_only_reads(made: dict[str, Planned]) -> None:
    for name, each in made.items():
        reads = allowed(granted(each, "reader")) - QUERYING
        assert all(action.split(":")[1].startswith(READING_VERBS) for action in reads), name
        assert (allowed(granted(each, "reader")) >= QUERYING) == (name in ("all", "long_named")), name


@pytest.mark.parametrize("kind", KINDS)
def test_the_responder_may_do_exactly_what_its_kinds_need(made: dict[str, Planned], kind: str) -> None:
    looking = allowed(granted(made["looking"], "responder"))

    assert all(action.split(":")[1].startswith(READING_VERBS) for action in looking)
    assert allowed(granted(made[kind], "responder")) - looking == KINDS[kind]
    assert not KINDS[kind] & (looking | allowed(boundary(made["looking"])))


def test_the_boundary_covers_both_roles_and_nothing_else(made: dict[str, Planned]) -> None:
    for name, each in made.items():
        roles = [granted(each, role) for role in ("reader", "responder")]
        assert allowed(boundary(each)) == allowed(statement for role in roles for statement in role), name
        for role in each.of_type("aws_iam_role"):
            assert role["permissions_boundary"] == f"{IAM}:policy/{role['name'].rpartition('-')[0]}-boundary"


def test_the_roles_name_version_and_allowed_actions_in_tags(made: dict[str, Planned]) -> None:
    for name, actions in {"least": "", "instance": "instance", "all": " ".join(KINDS)}.items():
        own = {"alert-responder:actions": actions, "alert-responder:member": "1"}
        expected = own | VARIANTS[name].get("tags", {})
        assert all(each["tags"] == expected for each in made[name].of_type("aws_iam_role")), name
    for role in ("reader", "responder"):
        for own_role in (READER, RESPONDER):
            assert decide(granted(made["all"], role), "iam:ListRoleTags", own_role, {}) == "allowed"
            assert decide(granted(made["all"], role), "iam:GetRole", own_role, {}) == "allowed"
        assert decide(granted(made["all"], role), "iam:ListRoleTags", f"{IAM}:role/other", {}) == "not allowed"


def test_the_reader_shows_the_command_line_whether_findings_are_forwarded(made: dict[str, Planned]) -> None:
    least, forwarder = made["least"], f"{IAM}:role/alert-responder-forwarder-eu-west-1"

    assert decide_within(boundary(least), granted(least, "reader"), "iam:GetRole", forwarder, {}) == "allowed"


def test_the_command_line_finds_name_and_external_id_in_the_settings_of_functions(
    plan: tftest.TerraformPlanOutput,
) -> None:
    for case in (ASSUMING, "quarantine_functions_with_members"):
        [environment] = changes(plan, case)["module.function.aws_lambda_function.this"]["after"]["environment"]
        assert list(members_in(environment["variables"])) == [Member("alert-responder", EXTERNAL_ID)], case


def act(made: Planned, action: str, resource: str, **context: str) -> Decision:
    """Decide about a request of the responder, with its boundary."""
    keys = {key.replace("_", ":"): [value] for key, value in context.items()}
    return decide_within(boundary(made), granted(made, "responder"), action, resource, keys)


def test_the_responder_contains_and_releases_users_and_roles(made: dict[str, Planned]) -> None:
    for kind, target in (("User", f"{IAM}:user/people/eve"), ("Role", f"{IAM}:role/app/web")):
        for verb in ("Attach", "Detach"):
            action = f"iam:{verb}{kind}Policy"
            assert act(made["all"], action, target, iam_PolicyARN=QUARANTINED) == "allowed"
            assert act(made["access_key"], action, target, iam_PolicyARN=QUARANTINED) == "not allowed"
            for other in ("arn:aws:iam::aws:policy/AdministratorAccess", BOUNDARY, f"{QUARANTINED}-2"):
                assert act(made["all"], action, target, iam_PolicyARN=other) == "not allowed"


@pytest.mark.parametrize("own", [READER, RESPONDER])
def test_the_responder_never_contains_the_own_roles(made: dict[str, Planned], own: str) -> None:
    for action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
        assert act(made["all"], action, own, iam_PolicyARN=QUARANTINED) == "denied"


WIDENING = {
    RESPONDER: (
        "iam:AttachRolePolicy",
        "iam:DeleteRole",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ),
    BOUNDARY: ("iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"),
    QUARANTINED: ("iam:CreatePolicyVersion", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"),
}


@pytest.mark.parametrize("resource", WIDENING)
def test_a_role_cannot_widen_itself_whatever_is_attached_to_it(made: dict[str, Planned], resource: str) -> None:
    """The boundary denies it even to a role with AdministratorAccess."""
    administrator = [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]
    for action in WIDENING[resource]:
        context = {"iam:PolicyARN": [QUARANTINED]}
        for statements_ in (granted(made["all"], "responder"), administrator):
            assert decide_within(boundary(made["all"]), statements_, action, resource, context) == "denied", action
        # Not the denial alone: no statement allows it for any other role either.
        if not action.endswith(("tachRolePolicy",)):
            other = resource.replace("alert-responder-", "other-")
            assert act(made["all"], action, other) == "not allowed", action
            assert decide_within(boundary(made["all"]), administrator, action, other, {}) == "not allowed", action


def test_a_role_can_grant_nothing_to_others(made: dict[str, Planned]) -> None:
    for action in (
        *("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:CreateRole", "iam:CreateUser", "iam:PassRole"),
        *("iam:AddUserToGroup", "iam:PutUserPolicy", "iam:AttachGroupPolicy", "sts:AssumeRole"),
    ):
        for resource in (f"{IAM}:user/eve", f"{IAM}:role/other", f"{IAM}:group/admins"):
            for role in ("reader", "responder"):
                assert decide(granted(made["all"], role), action, resource, {}) == "not allowed"
            administrator = [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]
            assert decide_within(boundary(made["all"]), administrator, action, resource, {}) == "not allowed"


def trust(made: Planned, role: str) -> Statements:
    return statements(made.resources[f'aws_iam_role.this["{role}"]']["assume_role_policy"])


@dataclass(frozen=True)
class Function:
    """A planned function of the home account that assumes roles, and the external id that it presents."""

    caller: Caller
    external_id: str

    def may(self, role: Role) -> Decision:
        return decide_assume(self.caller, role, self.external_id)


def function(plan: tftest.TerraformPlanOutput, case: str, place: str) -> Function:
    made = changes(plan, case)
    name = made[f"module.{place}.aws_iam_role.this"]["after"]["name"]
    policy = made[f"module.{place}.aws_iam_role_policy.this"]["after"]["policy"]
    [environment] = made[f"module.{place}.aws_lambda_function.this"]["after"]["environment"]
    presented = environment["variables"].get("EXTERNAL_ID") or json.loads(environment["variables"]["MEMBERS"])
    external_id = presented if isinstance(presented, str) else presented["external_id"]
    return Function(Caller(f"{HOME}/{name}", ORGANIZATION, statements(policy)), external_id)


@pytest.fixture(scope="module")
def inspector(plan: tftest.TerraformPlanOutput) -> Function:
    """The inspector aws-context, whose function may assume the reader."""
    return function(plan, ASSUMING, "function")


@pytest.fixture(scope="module")
def quarantines(plan: tftest.TerraformPlanOutput) -> dict[tuple[str, str], Function]:
    """The functions of the quarantine, by variant and kind of function."""
    return {
        (variant, kind): function(plan, f"quarantine_functions_{variant}_members", place)
        for variant in ("dry", "waiting", "with")
        for kind, place in PLACES.items()
    }


@pytest.fixture(scope="module")
def reader(made: dict[str, Planned]) -> Role:
    return Role(READER, ORGANIZATION, trust(made["all"], "reader"))


@pytest.fixture(scope="module")
def responder(made: dict[str, Planned]) -> Role:
    return Role(RESPONDER, ORGANIZATION, trust(made["all"], "responder"))


def test_the_planned_inspector_may_assume_the_planned_reader_alone(
    inspector: Function, reader: Role, responder: Role
) -> None:
    assert inspector.caller.arn == INSPECTOR
    assert inspector.may(reader) == "allowed"
    assert inspector.may(responder) == "not allowed"
    assert inspector.may(replace(reader, arn=f"{READER}-2")) == "not allowed"
    # An attacker's role of the same name, which trusts everybody, elsewhere.
    trusting = [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"AWS": [INSPECTOR]}}]
    for organization, decision in ((ORGANIZATION, "allowed"), ("o-z9y8x7w6v5", "not allowed")):
        elsewhere = Role(READER.replace(MEMBER, "999988887777"), organization, trusting)
        assert inspector.may(elsewhere) == decision, organization


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("variant", ["dry", "waiting", "with"])
def test_each_planned_function_of_the_quarantine_may_assume_one_planned_role(
    quarantines: dict[tuple[str, str], Function], reader: Role, responder: Role, variant: str, kind: str
) -> None:
    """In a dry run neither assumes the responder, and with approval not the attached function."""
    planned_function = quarantines[variant, kind]
    looks = variant == "dry" or (variant, kind) == ("waiting", "emitter")

    assert planned_function.caller.arn == {"emitter": EMITTER, "commands": COMMANDS}[kind]
    assert planned_function.may(reader) == ("allowed" if looks else "not allowed")
    assert planned_function.may(responder) == ("not allowed" if looks else "allowed")


def test_with_approval_the_account_does_not_trust_the_attached_function(
    quarantines: dict[tuple[str, str], Function], made: dict[str, Planned]
) -> None:
    """Even if the function's own policy allowed it."""
    approving = Role(RESPONDER, ORGANIZATION, trust(made["approving"], "responder"))

    assert quarantines["with", "emitter"].may(approving) == "not allowed"
    assert quarantines["waiting", "commands"].may(approving) == "allowed"


ALIKE = (
    f"{HOME}/secops-runner-eu-west-1",
    f"{HOME}/secops-emitter-slack-eu-west-1",
    f"{EMITTER}-2",
    EMITTER.replace("role/", "role/x/"),
    EMITTER.upper(),
    EMITTER.replace(ACCOUNT, MEMBER),
    EMITTER.replace(ACCOUNT, "777788889999"),
    f"arn:aws:iam::{ACCOUNT}:root",
)
"""Principals that the roles do not trust."""


@pytest.mark.parametrize(("variant", "kind"), [("with", "emitter"), ("waiting", "commands"), ("waiting", "emitter")])
def test_confused_deputies_are_refused(
    quarantines: dict[tuple[str, str], Function], reader: Role, responder: Role, variant: str, kind: str
) -> None:
    """One thing differs from the allowed request each time; the policies of the caller are the quarantine's."""
    allowed_function = quarantines[variant, kind]
    caller, external_id = allowed_function.caller, allowed_function.external_id
    role = reader if allowed_function.may(reader) == "allowed" else responder
    assert decide_assume(caller, role, external_id) == "allowed"

    for other in (None, "", "secops", f"{external_id}8", external_id.upper(), "*"):
        assert decide_assume(caller, role, other) == "not allowed", other
    for organization in ("o-z9y8x7w6v5", "", "*", ORGANIZATION.upper()):
        assert decide_assume(replace(caller, organization_id=organization), role, external_id) == "not allowed"
        assert decide_assume(caller, replace(role, organization_id=organization), external_id) == "not allowed"
    for arn in ALIKE:
        assert decide_assume(replace(caller, arn=arn), role, external_id) == "not allowed", arn
    for arn in (f"{role.arn}-2", f"{IAM}:role/x/{role.arn.rpartition('/')[2]}", f"{IAM}:role/Admin"):
        assert decide_assume(caller, replace(role, arn=arn), external_id) == "not allowed", arn


def test_a_function_does_not_use_roles_of_an_organisation_that_trusts_it(
    quarantines: dict[tuple[str, str], Function],
) -> None:
    """An attacker's role of the right name, which trusts everybody, in an organisation of their own."""
    everybody = [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"AWS": [EMITTER, COMMANDS]}}]
    for each in quarantines.values():
        for name in ("reader", "responder"):
            arn = f"arn:aws:iam::777788889999:role/alert-responder-{name}"
            assert each.may(Role(arn, "o-z9y8x7w6v5", everybody)) == "not allowed"


def test_trust_alone_is_not_enough(quarantines: dict[tuple[str, str], Function], responder: Role) -> None:
    assert decide_assume(Caller(EMITTER, ORGANIZATION, []), responder, EXTERNAL_ID) == "not allowed"
    allowing = quarantines["with", "emitter"].caller.statements
    denied = [*allowing, {"Effect": "Deny", "Action": ["sts:*"], "Resource": ["*"]}]
    assert decide_assume(Caller(EMITTER, ORGANIZATION, denied), responder, EXTERNAL_ID) == "denied"


def test_only_listed_principals_are_trusted(made: dict[str, Planned]) -> None:
    for each in made.values():
        for role in each.of_type("aws_iam_role"):
            [statement] = statements(role["assume_role_policy"])
            assert statement["Action"] == ["sts:AssumeRole"]
            assert statement["Principal"].keys() == {"AWS"}
            assert set(statement["Principal"]["AWS"]) <= {INSPECTOR, EMITTER, COMMANDS}
            expected = {"aws:PrincipalOrgID": ORGANIZATION, "sts:ExternalId": EXTERNAL_ID}
            assert statement["Condition"] == {"StringEquals": expected}


def test_policies_are_not_wider_than_aws_requires(made: dict[str, Planned]) -> None:
    without_resources = {
        *("cloudtrail:LookupEvents", "logs:DescribeLogGroups", "logs:GetQueryResults", "logs:StopQuery"),
        *("elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"),
    }
    for address, policy in policies(made["all"]).items():
        for statement in statements(policy):
            if statement["Effect"] == "Deny" or (address, statement["Sid"]) == ("aws_iam_policy.boundary", "Look"):
                continue
            assert "*" not in "".join(statement["Action"]), address
            if statement["Resource"] == ["*"]:
                assert all(
                    action.startswith("ec2:Describe") or action in without_resources for action in statement["Action"]
                ), address


INTENDED = {
    ("reader/query", "RESOURCE_STAR"): "the results of a query have no resource",
    ("reader/read", "INVALID_ARN"): "policies that AWS manages have no account",
    ("responder/access_key", "CREDENTIALS_EXPOSURE"): "iam:UpdateAccessKey returns no credentials",
    ("responder/access_key", "PERMISSIONS_MANAGEMENT_ACTIONS"): "keys are deactivated and activated again",
    ("responder/bucket", "PERMISSIONS_MANAGEMENT_ACTIONS"): "public access is blocked, and restored by a release",
    ("responder/principal", "PERMISSIONS_MANAGEMENT_ACTIONS"): "only the policy that denies everything is attached",
    ("responder/principal", "PRIVILEGE_ESCALATION"): "only the policy that denies everything is attached",
}
"""Findings of the linter that are intended, and why."""


def test_linter_finds_only_what_is_intended(made: dict[str, Planned]) -> None:
    # A boundary grants nothing.
    found = {
        (address.split('"')[1], finding.issue)
        for address, policy in policies(made["all"]).items()
        if address.startswith("aws_iam_role_policy.")
        for finding in findings(policy)
    }
    assert found == INTENDED.keys()


def test_policies_fit_the_limits_of_iam(made: dict[str, Planned]) -> None:
    """IAM counts no white space. The longest names are longer by 28 characters in other partitions and regions."""
    longest = made["long_named"]
    for address, policy in policies(longest).items():
        if address.startswith("aws_iam_policy."):
            assert len(policy) < 5_800, address
    for role in ("reader", "responder"):
        inline = [len(policy) for address, policy in policies(longest).items() if f'["{role}/' in address]
        assert sum(inline) < 10_000, role
    assert all(len(each["name"]) <= 64 for each in longest.of_type("aws_iam_role"))


@pytest.fixture(scope="module")
def messages(code: Any, terraform_environment: dict[str, str]) -> list[str]:
    """Terraform's messages for each refused case, those found while planning at the end."""
    found: list[str] = []
    for folder, cases in (("member-refused", REFUSED), ("member-refused-while-planning", REFUSED_WHILE_PLANNING)):
        numbered = {
            f"case_{number}": Case(MODULE, {**REQUIRED, **variables}) for number, (variables, _) in enumerate(cases)
        }
        answers = refusals(code / folder, numbered, terraform_environment)
        found += [answers.get(name, "") + answers.get("", "") for name in numbered]
    return found


def test_invalid_values_are_rejected_with_the_allowed_values(messages: list[str]) -> None:
    for (variables, message), answer in zip([*REFUSED, *REFUSED_WHILE_PLANNING], messages, strict=True):
        assert message in answer, variables


def test_every_validation_has_a_case() -> None:
    expected = [message for _, message in (*REFUSED, *REFUSED_WHILE_PLANNING)]
    for name, variable in tables.blocks(ROOT / MODULE, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for message in expected), f"no case of {name} has the message: {text}"


def test_the_policy_of_contained_principals_denies_everything(made: dict[str, Planned]) -> None:
    policy = json.loads(made["all"].resources["aws_iam_policy.quarantined[0]"]["policy"])

    assert [(each["Effect"], each["Action"], each["Resource"]) for each in policy["Statement"]] == [("Deny", "*", "*")]
    assert "aws_iam_policy.quarantined[0]" not in made["instance"].resources
