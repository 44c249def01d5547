"""The partitions of the table that each role may write, evaluated as AWS does with the partitions of a request."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import tftest

from alert_responder.domain.admission import AdmissionLimits
from alert_responder.domain.records import AnswerKey
from alert_responder.store import keys
from tests.fakes.installation import Installation
from tests.plan import state
from tests.plan.conftest import INTERFACE, KNOWN
from tests.plan.evaluator import Decision, decide
from tests.plan.harness import Case, Planned, arn, changes, statements
from tests.plan.ready_made import all_modules
from tests.unit.domain.builders import event

Statements = list[dict[str, Any]]

WRITES = ("BatchWriteItem", "DeleteItem", "PartiQLInsert", "PutItem", "UpdateItem")
CORE = ("coordinator", "receptor", "runner")
REPORT = "0" * 26
# Functions of ready-made plug-ins that use the table, and the partition that each may write.
PLUG_INS = {
    "github": ("emitter", "function", f"emitted/github/{REPORT}/github/000001"),
    "history": ("inspector", "function", None),
    "pagerduty": ("emitter", "function", f"emitted/pagerduty/{REPORT}/pagerduty/000001"),
    "policy": ("reviewer", "function", None),
    "quarantine": ("emitter", "function", "quarantine/quarantine"),
    "quarantine commands": ("commands", "commands", "quarantine/quarantine"),
    "slack": ("emitter", "function", f"emitted/slack/{REPORT}/slack/000001"),
}
# Partitions that only Terraform, or one plug-in, may write.
PROTECTED = (
    keys.INSPECTORS,
    keys.EMITTERS,
    keys.REVIEWERS,
    "plugin/commands",
    "policy/policy",
    keys.settings().pk,
    keys.directory().pk,
    "quarantine/quarantine",
    "quarantine/other",
    "emitted/slack/x",
    "emitted/slack-2/x",
)
OF_REPORTS = (keys.window("0" * 64).pk, keys.report("01KG9Z9Q7R2D4B6C8E0FGHJKMN"))
OTHERS = (keys.quota("x").pk, keys.cached_answer(AnswerKey("arn", "x")).pk, keys.attribute_history("x", "y").pk)
EVERYTHING = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}


def place(key: str) -> tuple[str, str]:
    """Return the case of a plug-in's function, and the address of its policy there."""
    name, (_, module, _) = key.partition(" ")[0], PLUG_INS[key]
    return f"{name}_writes", f"module.{module}.aws_iam_role_policy.this"


NAMES = sorted({key.partition(" ")[0] for key in PLUG_INS})
CASES = {
    **KNOWN,
    **{
        f"{name}_writes": Case(
            f"modules/{name}",
            {"alert_responder": INTERFACE, **all_modules()[name].required},
            state=tuple(
                log
                for key, (kind, module, _) in PLUG_INS.items()
                if key.partition(" ")[0] == name
                for log in state.function_logs(f"secops-{kind}-{name}", module)
            ),
            targets=tuple(place(key)[1] for key in PLUG_INS if key.partition(" ")[0] == name),
        )
        for name in NAMES
    },
}


@pytest.fixture(scope="module")
def policies(plan: tftest.TerraformPlanOutput, known: Planned) -> dict[str, Statements]:
    """The statements of every role that uses the table, by function."""
    written = {change["name"]: change["policy"] for change in known.of_type("aws_iam_role_policy")}
    return {key: statements(written[key]) for key in CORE} | {
        key: statements(changes(plan, place(key)[0])[place(key)[1]]["after"]["policy"]) for key in PLUG_INS
    }


def table(key: str) -> str:
    return arn("dynamodb", f"table/{state.NAME}") if key in CORE else str(INTERFACE["table_arn"])


def asked(policies: dict[str, Statements], key: str, action: str, *partitions: str, more: Any = None) -> Decision:
    """Decide whether a function may act on items of these partitions, with a further statement `more`."""
    context: Mapping[str, Sequence[str]] = {"dynamodb:LeadingKeys": partitions} if partitions else {}
    listed = [*policies[key], more] if more else policies[key]
    return decide(listed, f"dynamodb:{action}", table(key), context)


def own(key: str) -> str | None:
    return None if key in CORE else PLUG_INS[key][2]


def is_own(key: str, partition: str) -> bool:
    """Return whether a partition belongs to a function: one of the quarantine, one for each delivery of an emitter."""
    mine = own(key)
    return mine is not None and (partition == mine or partition.startswith(f"emitted/{key}/"))


@pytest.mark.parametrize("key", [*CORE, *PLUG_INS])
def test_writes_of_other_partitions_are_denied_whatever_else_is_allowed(
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
def test_plug_ins_may_write_only_their_own_partition(policies: dict[str, Statements], key: str) -> None:
    mine = own(key)
    if mine:
        assert asked(policies, key, "PutItem", mine) == "allowed"
    for partition in (*OF_REPORTS, *OTHERS, f"x{mine}", f"{mine}x"):
        if not is_own(key, partition):
            assert asked(policies, key, "PutItem", partition, more=EVERYTHING) == "denied"


def test_the_coordinator_may_read_the_directory(policies: dict[str, Statements]) -> None:
    assert asked(policies, "coordinator", "GetItem", keys.directory().pk) == "allowed"


def test_functions_may_write_reports(policies: dict[str, Statements]) -> None:
    for key in CORE:
        for action in ("PutItem", "UpdateItem"):
            for partition in OF_REPORTS:
                assert asked(policies, key, action, partition) == "allowed", key
    for partition in OTHERS:
        assert asked(policies, "coordinator", "PutItem", partition) == "allowed"
        assert asked(policies, "runner", "PutItem", partition) == "allowed"


def test_the_receptor_may_write_only_the_partitions_that_its_code_writes(policies: dict[str, Statements]) -> None:
    made = Installation(admission=AdmissionLimits(2, 2))
    for number in range(4):
        made.receive(event(number, made.now, alert_key=str(number)))
    written = {key.pk for key in made.table.items}
    assert {pk.partition("/")[0] for pk in written} == {"admission", "alert", "report"}

    for partition in written:
        assert asked(policies, "receptor", "PutItem", partition) == "allowed"
        assert asked(policies, "receptor", "UpdateItem", partition) == "allowed"
    for partition in (*OTHERS, *PROTECTED, "anything", "reports/x", "alert", "report"):
        for action in WRITES:
            assert asked(policies, "receptor", action, partition, more=EVERYTHING) == "denied"


@pytest.mark.parametrize("key", CORE)
def test_reads_are_not_denied(policies: dict[str, Statements], key: str) -> None:
    for partition in (*OF_REPORTS, keys.settings().pk, keys.INSPECTORS, keys.REVIEWERS):
        assert asked(policies, key, "GetItem", partition) == "allowed"


@pytest.mark.parametrize("key", [*CORE, *(name for name, (_, _, written) in PLUG_INS.items() if written)])
def test_a_request_without_partitions_is_not_denied(policies: dict[str, Statements], key: str) -> None:
    """The emulated AWS supplies none, and would deny every request otherwise."""
    assert asked(policies, key, "PutItem") == "allowed"


def test_a_denial_with_for_all_values_behaves_differently() -> None:
    """`ForAllValues` denies only requests in which every item is protected, and requests without partitions."""
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
