"""Which partitions of the table each role may write, decided as AWS does, which names the partitions of a request."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import tftest

from alert_responder.store import keys
from tests.plan import state
from tests.plan.conftest import INTERFACE
from tests.plan.evaluator import Decision, decide
from tests.plan.harness import Case, Configuration, Planned, arn, statements
from tests.plan.ready_made import all_modules

Statements = list[dict[str, Any]]

WRITES = ("BatchWriteItem", "DeleteItem", "PartiQLInsert", "PutItem", "UpdateItem")
CORE = ("coordinator", "receptor", "runner")
# Functions of ready-made plug-ins that reach the table, and the partitions that each may write.
PLUG_INS = {
    "github": ("emitter", "function", "emitted/github/01KG9Z9Q7R2D4B6C8E0FGHJKMN/github/000001"),
    "history": ("inspector", "function", None),
    "pagerduty": ("emitter", "function", "emitted/pagerduty/01KG9Z9Q7R2D4B6C8E0FGHJKMN/pagerduty/000001"),
    "quarantine": ("emitter", "function", "quarantine/quarantine"),
    "quarantine commands": ("commands", "commands", "quarantine/quarantine"),
    "slack": ("emitter", "function", "emitted/slack/01KG9Z9Q7R2D4B6C8E0FGHJKMN/slack/000001"),
}
# What only Terraform, or one plug-in, may write.
PROTECTED = (
    keys.INSPECTORS,
    keys.EMITTERS,
    keys.REVIEWERS,
    "plugin/commands",
    keys.settings().pk,
    "quarantine/quarantine",
    "quarantine/other",
    "emitted/slack/x",
    "emitted/slack-2/x",
)
OF_REPORTS = (keys.window("0" * 64).pk, keys.report("01KG9Z9Q7R2D4B6C8E0FGHJKMN"))
OTHERS = (keys.quota("x").pk, keys.cached_answer("arn", "x").pk, keys.attribute_history("x", "y").pk)
EVERYTHING = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}


@pytest.fixture(scope="module")
def policies(
    code: Path, terraform_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory, known: Planned
) -> dict[str, Statements]:
    """The statements of every role that reaches the table, by function."""
    modules = all_modules()
    cases = {
        name: Case(f"modules/{name}", {"alert_responder": INTERFACE, **modules[name].required})
        for name in {name.partition(" ")[0] for name in PLUG_INS}
    }
    places = {key: f"module.{key.partition(' ')[0]}.module.{place[1]}" for key, place in PLUG_INS.items()}
    groups = {places[key]: f"secops-{kind}-{key.partition(' ')[0]}" for key, (kind, _, _) in PLUG_INS.items()}
    plan: tftest.TerraformPlanOutput = Configuration(code / "table-writes", cases, terraform_environment).plan(
        state=state.write_log_groups(tmp_path_factory.mktemp("state") / "plug-ins.tfstate", groups),
        targets=[f"{place}.aws_iam_role_policy.this" for place in places.values()],
    )
    written = {change["name"]: change["policy"] for change in known.of_type("aws_iam_role_policy")}
    return {key: statements(written[key]) for key in CORE} | {
        key: statements(plan.resource_changes[f"{place}.aws_iam_role_policy.this"]["change"]["after"]["policy"])
        for key, place in places.items()
    }


def table(key: str) -> str:
    return arn("dynamodb", f"table/{state.NAME}") if key in CORE else str(INTERFACE["table_arn"])


def asked(policies: dict[str, Statements], key: str, action: str, *partitions: str, more: Any = None) -> Decision:
    """Decide whether a function may do something with items of these partitions, if its role may do `more` too."""
    context: Mapping[str, Sequence[str]] = {"dynamodb:LeadingKeys": partitions} if partitions else {}
    listed = [*policies[key], more] if more else policies[key]
    return decide(listed, f"dynamodb:{action}", table(key), context)


def own(key: str) -> str | None:
    return None if key in CORE else PLUG_INS[key][2]


def is_own(key: str, partition: str) -> bool:
    """Whether a partition is a function's own: of the quarantine just one, of other emitters one for each delivery."""
    mine = own(key)
    return mine is not None and (partition == mine or partition.startswith(f"emitted/{key}/"))


@pytest.mark.parametrize("key", [*CORE, *PLUG_INS])
def test_nobody_writes_what_is_not_its_own_whatever_else_it_is_allowed(
    policies: dict[str, Statements], key: str
) -> None:
    for action in WRITES:
        for partition in PROTECTED:
            if not is_own(key, partition):
                assert asked(policies, key, action, partition, more=EVERYTHING) == "denied", (action, partition)
                # One such item among others is enough.
                mixed = (own(key) or OF_REPORTS[1], partition)
                assert asked(policies, key, action, *mixed, more=EVERYTHING) == "denied", (action, partition)


@pytest.mark.parametrize("key", PLUG_INS)
def test_plug_ins_write_their_own_partition_and_no_report(policies: dict[str, Statements], key: str) -> None:
    mine = own(key)
    if mine:
        assert asked(policies, key, "PutItem", mine) == "allowed"
    for partition in (*OF_REPORTS, *OTHERS, f"x{mine}", f"{mine}x"):
        if not is_own(key, partition):
            assert asked(policies, key, "PutItem", partition, more=EVERYTHING) == "denied"


def test_functions_write_what_they_are_for(policies: dict[str, Statements]) -> None:
    for key in CORE:
        for action in ("PutItem", "UpdateItem"):
            for partition in OF_REPORTS:
                assert asked(policies, key, action, partition) == "allowed", key
    for partition in OTHERS:
        assert asked(policies, "coordinator", "PutItem", partition) == "allowed"
        assert asked(policies, "runner", "PutItem", partition) == "allowed"


def test_the_receptor_writes_alerts_and_reports_alone(policies: dict[str, Statements]) -> None:
    for partition in (*OTHERS, *PROTECTED, "anything", "reports/x", "alert", "report"):
        for action in WRITES:
            assert asked(policies, "receptor", action, partition, more=EVERYTHING) == "denied"


@pytest.mark.parametrize("key", CORE)
def test_reads_stay(policies: dict[str, Statements], key: str) -> None:
    for partition in (*OF_REPORTS, keys.settings().pk, keys.INSPECTORS, keys.REVIEWERS):
        assert asked(policies, key, "GetItem", partition) == "allowed"


@pytest.mark.parametrize("key", [*CORE, *(name for name in PLUG_INS if name != "history")])
def test_a_request_whose_partitions_nobody_names_is_not_denied(policies: dict[str, Statements], key: str) -> None:
    """So it is on the emulated AWS, where everything would be refused otherwise."""
    assert asked(policies, key, "PutItem") == "allowed"


def test_an_unfounded_denial_of_all_values_would_be_noticed() -> None:
    """`ForAllValues` denies only requests of which every item is protected, and those that name none."""
    trap = {
        "Effect": "Deny",
        "Action": ["dynamodb:PutItem"],
        "Resource": ["*"],
        "Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["plugin/*"]}},
    }
    decisions = [
        decide([EVERYTHING, trap], "dynamodb:PutItem", "table", context)
        for context in (
            {"dynamodb:LeadingKeys": ["plugin/x"]},
            {"dynamodb:LeadingKeys": ["plugin/x", "report/x"]},
            {},
        )
    ]
    assert decisions == ["denied", "allowed", "denied"]
