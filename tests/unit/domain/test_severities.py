"""Severities in words: only documented numbers become words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_responder.domain.severities import asff_label, guardduty_level, in_words, worst_severity


@pytest.mark.parametrize(
    ("detector", "severity", "words"),
    [
        ("guardduty", "8", "High (8)"),
        ("guardduty", "8.5", "High (8.5)"),
        ("guardduty", "High (8)", "High (8)"),
        ("guardduty", " 9.0 ", "Critical (9.0)"),
        ("guardduty", "3.9", "Low (3.9)"),
        ("guardduty", "0.5", "0.5 (the detector's own scale)"),
        ("guardduty", "47", "47 (the detector's own scale)"),
        ("securityhub", "HIGH", "High"),
        ("securityhub", "8.0", "8.0 (the detector's own scale)"),
        ("inspector", "CRITICAL", "Critical"),
        ("crowdstrike", "medium", "Medium"),
        ("falco", "Notice", "Notice"),
        ("wazuh", "16", "Critical (16)"),
        ("wazuh", "12", "High (12)"),
        ("wazuh", "11", "Medium (11)"),
        ("wazuh", "0", "Low (0)"),
        ("crowdstrike", "80", "Critical (80)"),
        ("crowdstrike", "79", "High (79)"),
        ("crowdstrike", "10", "Informational (10)"),
        ("crowdstrike", "9", "9 (the detector's own scale)"),
        ("nessus", "9.8", "9.8 (the detector's own scale)"),
        ("cloudwatch", "ALARM", "ALARM"),
        ("x", "high (it said)", "High (it said)"),
        ("x", "highest", "highest"),
        ("x", "P1", "P1"),
        ("x", "-1", "-1"),
        ("x", "nan", "nan"),
        ("x", "1e400", "1e400"),
        ("x", "٣", "٣"),
    ],
)
def test_severities_in_words(detector: str, severity: str, words: str) -> None:
    assert in_words(detector, severity) == words


@pytest.mark.parametrize(
    ("value", "level"), [(10, "Critical"), (9, "Critical"), (8.9, "High"), (7, "High"), (4, "Medium"), (1, "Low")]
)
def test_guardduty_levels(value: float, level: str) -> None:
    assert guardduty_level(value) == level
    assert guardduty_level(0.9) is guardduty_level(10.1) is guardduty_level(-8) is None


@pytest.mark.parametrize(
    ("value", "label"), [(100, "Critical"), (89, "High"), (69.5, "Medium"), (1, "Low"), (0, "Informational")]
)
def test_asff_labels(value: float, label: str) -> None:
    assert asff_label(value) == label
    assert asff_label(101) is asff_label(-1) is None


def test_the_worst_severity() -> None:
    assert worst_severity(["Low", "High (8)", "Medium"]) == "High (8)"
    assert worst_severity(["High", "Critical (9)", "ALARM"]) == "Critical (9)"
    assert worst_severity(["P2", "P1"]) == "P1"
    assert worst_severity(["12 (the detector's own scale)", "Low"]) == "Low"
    assert (
        worst_severity(["3 (the detector's own scale)", "12 (the detector's own scale)"])
        == "12 (the detector's own scale)"
    )
    assert worst_severity(in_words("suricata", priority) for priority in ("3", "1", "2")) == "High (1)"
    assert worst_severity([]) is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_severity_is_formatted(detector: str, severity: str) -> None:
    said = in_words(detector, severity)
    assert worst_severity([said]) == said
    assert in_words(detector, said) in (said, said.strip())
