"""The starter policy rates labelled incidents as an analyst would."""

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.unit.plugins.policy.incidents.benign import BENIGN
from tests.unit.plugins.policy.incidents.malicious import MALICIOUS
from tests.unit.plugins.policy.incidents.model import Incident
from tests.unit.plugins.policy.incidents.others_benign import OTHER_BENIGN
from tests.unit.plugins.policy.incidents.others_malicious import OTHER_MALICIOUS
from tests.unit.plugins.policy.incidents.pipeline import STARTER, rate, starter_policy

AREAS = {"guardduty", "controls", "cloudtrail", "endpoint", "identity", "mail"}


@pytest.mark.parametrize("incidents", [MALICIOUS, OTHER_MALICIOUS], ids=["first", "others"])
def test_attacks_are_urgent_and_never_safe(incidents: Sequence[Incident]) -> None:
    rated = {each.name: rate(each, starter_policy()) for each in incidents}

    assert len(rated) == 30
    assert [name for name, decision in rated.items() if decision.severity == "safe"] == []
    missed = [name for name, decision in rated.items() if decision.severity != "urgent"]
    assert len(missed) <= 3, missed


@pytest.mark.parametrize("incidents", [BENIGN, OTHER_BENIGN], ids=["first", "others"])
def test_benign_incidents_are_rarely_urgent(incidents: Sequence[Incident]) -> None:
    rated = {each.name: rate(each, starter_policy()) for each in incidents}

    assert len(rated) == 30
    urgent = {name: decision.rule for name, decision in rated.items() if decision.severity == "urgent"}
    assert len(urgent) <= 2, urgent


def test_all_areas_are_covered() -> None:
    for incidents in (MALICIOUS, BENIGN, OTHER_MALICIOUS, OTHER_BENIGN):
        number = Counter(each.area for each in incidents)
        assert set(number) == AREAS
        assert min(number.values()) >= 2


def test_no_rule_fails() -> None:
    faults = {
        fault
        for each in (*MALICIOUS, *BENIGN, *OTHER_MALICIOUS, *OTHER_BENIGN)
        for fault in rate(each, starter_policy()).faults
    }
    assert starter_policy().faults == ()
    assert faults == set()


@pytest.mark.parametrize(
    ("name", "malicious", "benign"), [("first", MALICIOUS, BENIGN), ("other", OTHER_MALICIOUS, OTHER_BENIGN)]
)
def test_the_figures_in_its_readme_are_right(
    name: str, malicious: Sequence[Incident], benign: Sequence[Incident]
) -> None:
    of_attacks, of_benign = (
        Counter(rate(each, starter_policy()).severity for each in incidents) for incidents in (malicious, benign)
    )

    figures = f"{of_attacks['urgent']} of 30 | {of_attacks['safe']} | {of_benign['urgent']} of 30"
    assert f"| {name} 60, now | {figures} |\n" in STARTER.with_name("README.md").read_text(encoding="utf-8")
