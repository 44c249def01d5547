"""docs/policy.md describes the fields that the code has."""

import re

import pytest
from pydantic import BaseModel

from alert_responder_plugins.policy import evaluate, model
from alert_responder_plugins.policy.templates import FIELDS
from alert_responder_plugins.policy.view import VIEW
from tools.paths import ROOT

TEXT = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> set[str]:
    """Return the names in the first column of the table below a heading."""
    section = TEXT.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    cells = re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


@pytest.mark.parametrize(
    ("heading", "of"),
    [
        ("### Rules", model.Rule),
        ("### Suppressions", model.SuppressionRule),
        ("### Tests", model.PolicyTest),
        ("## Conditions", model.Match),
    ],
)
def test_the_tables_list_all_fields(heading: str, of: type[BaseModel]) -> None:
    assert first_cells(heading) == {field.alias or name for name, field in of.model_fields.items()}


def test_the_view_is_listed() -> None:
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.+) \|$", TEXT.split("## The view", 1)[1].split("\n#", 1)[0], re.MULTILINE)
    )
    assert rows == VIEW


def test_the_values_of_reasons_are_listed() -> None:
    section = TEXT.split("## Values in a reason\n", 1)[1].split("\n#", 1)[0]
    assert set(re.findall(r"`\{(\w+)\}`", section)) == set(FIELDS)


@pytest.mark.parametrize(
    "number",
    [
        f"(at most {model.MAX_RULES:,}), `default`",
        f"(at most {model.MAX_TESTS:,})",
        f"{model.MAX_POLICY_BYTES:,} bytes",
        f"at most {model.MAX_SUPPRESSION_DAYS} days apart",
        f"visit\n{evaluate.STEPS_OF_AN_EXPRESSION:,} values",
        f"together {evaluate.STEPS_OF_A_REPORT:,}",
    ],
)
def test_the_limits_are_those_of_the_code(number: str) -> None:
    assert number in TEXT
