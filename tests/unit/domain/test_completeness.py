"""A report from which a limit left something out is never safe."""

import pytest

from alert_responder.contracts.report import Omission, Result
from alert_responder.domain.completeness import with_omissions, with_result
from tests.unit.domain.builders import report

CUT = Omission(what="lookups", count=3, reason="A limit.")
WHOLE = report()


@pytest.mark.parametrize("severity", ["safe", "unclassified", "urgent"])
def test_the_reviewer_rates_a_complete_report(severity: str) -> None:
    result = Result.model_validate({"severity": severity, "reason": "because", "reviewer": "arn"})
    assert with_result(WHOLE, result).result == result


def test_an_incomplete_report_is_never_safe() -> None:
    cut = with_omissions(WHOLE, CUT, Omission(what="attributes", count=1, reason="Another limit."))
    found = with_result(cut, Result(severity="safe", reason="Nothing bad is known.", reviewer="arn")).result
    assert found.model_dump(exclude_defaults=True) == {
        "severity": "unclassified",
        "reason": "The reviewer answered safe, but the report lacks attributes and lookups. Nothing bad is known.",
        "reviewer": "arn",
        "reviewer_severity": "safe",
    }


@pytest.mark.parametrize("severity", ["unclassified", "urgent"])
def test_a_severity_worse_than_safe_is_kept(severity: str) -> None:
    result = Result.model_validate({"severity": severity, "reason": "because", "reviewer": "arn"})
    assert with_result(with_omissions(WHOLE, CUT), result).result == result


def test_the_reason_does_not_depend_on_counts() -> None:
    safe = Result(severity="safe", reason="", reviewer="arn")
    more = CUT.model_copy(update={"count": 99})
    assert with_result(with_omissions(WHOLE, CUT), safe).result == with_result(with_omissions(WHOLE, more), safe).result


def test_a_report_without_omissions_is_complete() -> None:
    made = with_omissions(WHOLE, CUT.model_copy(update={"count": 0}))
    assert (made.complete, made.omissions) == (True, ())
    assert not with_omissions(WHOLE, CUT).complete
