"""Which attributes the report's own alerts speak for sparing, and that an alert spares only itself."""

from collections.abc import Mapping
from typing import Any

import pytest

from alert_responder.contracts.report import Origin, Report, ReportedAttribute
from alert_responder_plugins.quarantine.exemptions import spared
from tests.fakes.quarantine import ACCOUNT, OWN_ARN, alert, attribute, report, settings

OWN_ROLE = "secops-emitter-quarantine-eu-west-1"
SAMPLE = "Trojan:EC2/DropPoint [SAMPLE]"
ONE, TWO = (attribute("instance", f"i-0123456789abcdef{number}", "subject") for number in range(2))


def of(told: Report) -> Mapping[str, str]:
    own = settings().own_roles(OWN_ARN)
    assert own
    return spared(told, settings(), own)


def found_from(parent: ReportedAttribute, value: str, depth: int = 1) -> ReportedAttribute:
    origin = Origin(inspector="x", attribute_type=parent.type, attribute_value=parent.value)
    return attribute("instance", value, "subject", depth=depth).model_copy(update={"origin": origin})


def test_a_sample_spares_what_it_names() -> None:
    assert of(report(ONE, rule=SAMPLE)) == {ONE.id: "It is about a sample finding."}


def test_a_sample_spares_nothing_of_other_alerts_of_its_report() -> None:
    told = report(ONE, TWO, alerts=[alert(ONE, rule=SAMPLE), alert(TWO)])
    assert of(told).keys() == {ONE.id}
    assert of(report(ONE, TWO, alerts=[alert(ONE, TWO, rule=SAMPLE), alert(TWO)])).keys() == {ONE.id}
    assert of(report(ONE, alerts=[alert(ONE, rule=SAMPLE), alert(ONE)])) == {}


def test_what_no_listed_alert_has_is_spared_only_with_all_of_them() -> None:
    assert of(report(ONE, TWO, alerts=[alert(ONE, rule=SAMPLE), alert()])).keys() == {ONE.id}
    assert of(report(ONE, TWO, alerts=[alert(ONE, rule=SAMPLE), alert(rule=SAMPLE)])).keys() == {ONE.id, TWO.id}
    assert of(report(ONE, TWO, alerts=[alert()])) == {}


def test_what_an_inspector_found_is_spared_like_what_it_was_found_from() -> None:
    first = found_from(ONE, "i-00000000")
    second = found_from(first, "i-00000001", depth=2)
    other = found_from(TWO, "i-00000002")
    told = report(ONE, TWO, first, second, other, alerts=[alert(ONE, rule=SAMPLE), alert(TWO)])

    assert of(told).keys() == {ONE.id, first.id, second.id}


def test_attributes_that_were_found_from_each_other_end() -> None:
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
def test_what_the_quarantine_did_itself_is_recognised_and_spares_only_itself(subject: Any) -> None:
    told = report(subject, ONE, TWO, alerts=[alert(subject, ONE), alert(TWO)])
    assert of(told) == dict.fromkeys([subject.id, ONE.id], "It is about an action of this quarantine.")


@pytest.mark.parametrize(
    "given",
    [
        # Somebody did something to our role: that is what we are for.
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{OWN_ROLE}", "local", "object"),
        attribute("arn", f"arn:aws:iam::999999999999:role/{OWN_ROLE}", "subject"),
        attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/secops-other", "subject"),
        # Anybody may log in under any name.
        attribute("username", OWN_ROLE, "subject"),
    ],
)
def test_what_others_did_is_not_taken_for_it(given: Any) -> None:
    assert of(report(given)) == {}
