"""Attributes that a report's alerts exempt."""

from collections.abc import Mapping
from typing import Any

import pytest

from alert_responder.contracts.report import Origin, Report, ReportedAttribute
from alert_responder_plugins.quarantine.exemptions import exempt
from tests.fakes.quarantine import ACCOUNT, OWN_ARN, alert, attribute, report, settings

OWN_ROLE = "secops-emitter-quarantine-eu-west-1"
SAMPLE = "Trojan:EC2/DropPoint [SAMPLE]"
ONE, TWO = (attribute("instance", f"i-0123456789abcdef{number}", "subject") for number in range(2))


def of(told: Report) -> Mapping[str, str]:
    own = settings().own_roles(OWN_ARN)
    assert own
    return exempt(told, settings(), own)


def found_from(parent: ReportedAttribute, value: str, depth: int = 1) -> ReportedAttribute:
    origin = Origin(inspector="x", attribute_type=parent.type, attribute_value=parent.value)
    return attribute("instance", value, "subject", depth=depth).model_copy(update={"origin": origin})


def test_sample_finding_exempts_its_targets() -> None:
    assert of(report(ONE, rule=SAMPLE)) == {ONE.id: "The alert is a sample finding."}


def test_sample_finding_does_not_exempt_targets_of_other_alerts() -> None:
    told = report(ONE, TWO, alerts=[alert(ONE, rule=SAMPLE), alert(TWO)])
    assert of(told).keys() == {ONE.id}
    assert of(report(ONE, TWO, alerts=[alert(ONE, TWO, rule=SAMPLE), alert(TWO)])).keys() == {ONE.id}
    assert of(report(ONE, alerts=[alert(ONE, rule=SAMPLE), alert(ONE)])) == {}


def test_attribute_in_no_listed_alert_is_exempt_only_if_all_alerts_are() -> None:
    assert of(report(ONE, TWO, alerts=[alert(ONE, rule=SAMPLE), alert()])).keys() == {ONE.id}
    assert of(report(ONE, TWO, alerts=[alert(ONE, rule=SAMPLE), alert(rule=SAMPLE)])).keys() == {ONE.id, TWO.id}
    assert of(report(ONE, TWO, alerts=[alert()])) == {}


def test_attribute_of_an_inspector_is_exempt_like_its_origin() -> None:
    first = found_from(ONE, "i-00000000")
    second = found_from(first, "i-00000001", depth=2)
    other = found_from(TWO, "i-00000002")
    told = report(ONE, TWO, first, second, other, alerts=[alert(ONE, rule=SAMPLE), alert(TWO)])

    assert of(told).keys() == {ONE.id, first.id, second.id}


def test_cyclic_origins_terminate() -> None:
    first, second = found_from(TWO, ONE.value), found_from(ONE, TWO.value)
    assert of(report(first, second, alerts=[alert()])) == {}


@pytest.mark.parametrize(
    "subject",
    [
        attribute("arn", OWN_ARN, "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{OWN_ROLE}", "subject"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/{OWN_ROLE}/another-session", "subject", "remote"),
        attribute("arn", f"arn:aws:sts::{ACCOUNT}:assumed-role/secops-commands-quarantine-eu-west-1/x", "subject"),
    ],
)
def test_alert_about_the_quarantines_own_action_exempts_only_its_targets(subject: Any) -> None:
    told = report(subject, ONE, TWO, alerts=[alert(subject, ONE), alert(TWO)])
    assert of(told) == dict.fromkeys([subject.id, ONE.id], "The alert describes an action of this quarantine.")


@pytest.mark.parametrize(
    "given",
    [
        # Somebody else acted on the quarantine's role, which must be contained.
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{OWN_ROLE}", "local", "object"),
        attribute("arn", f"arn:aws:iam::999999999999:role/{OWN_ROLE}", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/secops-other", "subject"),
        # User names can be chosen freely.
        attribute("username", OWN_ROLE, "subject"),
    ],
)
def test_actions_of_others_are_not_exempt(given: Any) -> None:
    assert of(report(given)) == {}
