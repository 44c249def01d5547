"""The attached inspectors of VirusTotal, with their contexts, and the number of calls of a lookup."""

from typing import Any

import pytest
import tftest

from alert_responder.plugin import Attribute
from alert_responder_plugins.virustotal.queries import RELATIONSHIPS, question_for
from tests.plan.conftest import INTERFACE
from tests.plan.harness import Case, changes, output
from tests.plan.ready_made.virustotal import MODULE

VALUES = {
    "domain": "example.net",
    "filehashvalue": "ab" * 32,
    "ipaddr": "198.51.100.7",
    "url": "http://example.net/",
}
SETS = {"all": RELATIONSHIPS, "some": ("resolutions", "urls", "referrer_files"), "none": ()}
ASKED: dict[str, dict[str, Any]] = {
    f"{name}_{'premium' if premium else 'public'}": {"premium": premium, "relationships": list(relationships)}
    for name, relationships in SETS.items()
    for premium in (True, False)
}
ATTACHED: dict[str, dict[str, Any]] = {
    "usual": {"contexts": ["remote", "client"], "max_requests_per_day": 500, "max_requests_per_minute": 4},
    "hashes": {"attribute_types": ["filehashvalue"]},
    "addresses": {"attribute_types": ["ipaddr"], "contexts": []},
}


CASES = {
    f"virustotal_attached_{name}": Case(
        "modules/virustotal",
        {"alert_responder": INTERFACE, **MODULE.required, **variables},
        outputs=("calls_per_lookup", "inspectors"),
    )
    for name, variables in {**ASKED, **ATTACHED}.items()
}


def attached(plan: tftest.TerraformPlanOutput, case: str) -> Any:
    """Return the filters by the name in the registry."""
    return output(plan, f"virustotal_attached_{case}", "inspectors")


def entry(
    attribute_types: list[str], contexts: list[str], max_per_day: int | None = None, max_per_minute: int | None = None
) -> dict[str, Any]:
    return {
        "attribute_types": attribute_types,
        "contexts": contexts,
        "max_per_day": max_per_day,
        "max_per_minute": max_per_minute,
    }


def test_contexts_do_not_apply_to_hashes(plan: tftest.TerraformPlanOutput) -> None:
    usual = attached(plan, "usual")
    assert usual["virustotal"]["contexts"] == ["client", "remote"]
    assert usual["virustotal-files"]["contexts"] == []


def test_both_entries_share_the_requests_of_the_key(plan: tftest.TerraformPlanOutput) -> None:
    """A lookup of an address takes up to 4 requests, and one of a hash 1."""
    assert attached(plan, "usual") == {
        "virustotal": entry(["domain", "ipaddr", "url"], ["client", "remote"], 100, 1),
        "virustotal-files": entry(["filehashvalue"], [], 100, 1),
    }


def test_only_inspectors_for_the_attribute_types_are_attached(plan: tftest.TerraformPlanOutput) -> None:
    assert attached(plan, "hashes") == {"virustotal-files": entry(["filehashvalue"], [])}
    assert attached(plan, "addresses") == {"virustotal": entry(["ipaddr"], [])}


@pytest.mark.parametrize("case", [*ASKED, *ATTACHED])
def test_the_registry_has_an_entry_for_each_inspector_in_the_output(
    plan: tftest.TerraformPlanOutput, case: str
) -> None:
    entries = [
        address for address in changes(plan, f"virustotal_attached_{case}") if ".aws_dynamodb_table_item." in address
    ]

    assert len(entries) == len(attached(plan, case))


@pytest.mark.parametrize("case", ASKED)
def test_output_has_the_number_of_calls_that_the_function_makes(plan: tftest.TerraformPlanOutput, case: str) -> None:
    premium, relationships = ASKED[case]["premium"], SETS[case.partition("_")[0]]
    questions = {
        kind: question_for(Attribute(type=kind, value=value), relationships, premium) for kind, value in VALUES.items()
    }

    calls = output(plan, f"virustotal_attached_{case}", "calls_per_lookup")
    assert calls == {kind: question.calls for kind, question in questions.items() if question}
