"""Validation errors in words: the path, and what is allowed, without quoting the input."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.base import describe_faults
from alert_responder.contracts.inspection import InspectionAnswer
from alert_responder.contracts.report import EmissionAnswer, Result, ReviewAnswer


@pytest.mark.parametrize(
    ("model", "document", "faults"),
    [
        (ReviewAnswer, {}, ["severity is required"]),
        (ReviewAnswer, {"severity": "bad"}, ["severity must be 'safe', 'unclassified' or 'urgent'"]),
        (ReviewAnswer, 5, ["it must be an object"]),
        (
            EmissionAnswer,
            {"url": 5, "note": "x" * 1_001},
            ["url must be a string", "note must have at most 1000 characters"],
        ),
        (
            InspectionAnswer,
            {"contents": [{"type": "host", "ipaddr": 5}, {"type": "note"}], "new_attributes": 7},
            [
                "contents[0].host.ipaddr must be an array",
                "contents[1].note.title is required",
                "new_attributes must be an array",
            ],
        ),
        (InspectionAnswer, {"contents": [{}]}, ["contents[0] must have the field type"]),
        (Alert, {"rule_id": ["hostile"]}, ["detector is required", "rule_id must be a string"]),
        (
            Result,
            {"severity": "safe", "reason": "r", "reviewer": None, "more": "hostile"},
            ["more is not allowed"],
        ),
    ],
)
def test_each_fault_has_its_path_and_what_is_allowed(model: type[BaseModel], document: Any, faults: list[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(document)
    assert describe_faults(caught.value, "it") == faults
