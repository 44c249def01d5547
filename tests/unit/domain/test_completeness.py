"""A report from which a limit kept something is never called safe."""

import pytest

from alert_responder.contracts.report import Omission, Result
from alert_responder.domain.completeness import rated, with_omissions
from tests.unit.domain.builders import report

CUT = Omission(what="lookups", count=3, reason="A limit.")
WHOLE = report()


@pytest.mark.parametrize("severity", ["safe", "unclassified", "urgent"])
def test_the_reviewer_rates_a_complete_report(severity: str) -> None:
    result = Result.model_validate({"severity": severity, "reason": "because", "reviewer": "arn"})
    assert rated(WHOLE, result).result == result


def test_an_incomplete_report_is_not_safe_and_says_why() -> None:
    cut = with_omissions(WHOLE, CUT, Omission(what="attributes", count=1, reason="Another limit."))
    found = rated(cut, Result(severity="safe", reason="Nothing bad is known.", reviewer="arn")).result
    assert found.model_dump() == {
        "severity": "unclassified",
        "reason": "The reviewer answered safe, but the report lacks attributes and lookups. Nothing bad is known.",
        "reviewer": "arn",
        "reviewer_severity": "safe",
    }


@pytest.mark.parametrize("severity", ["unclassified", "urgent"])
def test_what_is_worse_than_safe_stays(severity: str) -> None:
    result = Result.model_validate({"severity": severity, "reason": "because", "reviewer": "arn"})
    assert rated(with_omissions(WHOLE, CUT), result).result == result


def test_how_much_is_missing_does_not_change_the_reason() -> None:
    safe = Result(severity="safe", reason="", reviewer="arn")
    more = CUT.model_copy(update={"count": 99})
    assert rated(with_omissions(WHOLE, CUT), safe).result == rated(with_omissions(WHOLE, more), safe).result


def test_nothing_is_missing_where_nothing_was_left_out() -> None:
    made = with_omissions(WHOLE, CUT.model_copy(update={"count": 0}))
    assert (made.complete, made.omissions) == (True, ())
    assert not with_omissions(WHOLE, CUT).complete
