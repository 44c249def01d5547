"""The schemas are valid, and an outdated tracked schema is found."""

import json
from pathlib import Path

import jsonschema
import pytest

from alert_responder.contracts.schemas import CONTRACTS
from tools import schemas


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_schema_is_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schemas.schemas()[f"{name}.json"]))


@pytest.mark.parametrize("name", ["inspection_answer", "emission_answer"])
def test_null_is_a_valid_answer(name: str) -> None:
    jsonschema.validate(None, json.loads(schemas.schemas()[f"{name}.json"]))


def test_changed_missing_and_unknown_schemas_are_listed(tmp_path: Path) -> None:
    for name, text in schemas.schemas().items():
        (tmp_path / name).write_text(text)
    assert schemas.differences(tmp_path) == []

    (tmp_path / "alert.json").write_text("{}")
    (tmp_path / "old.json").write_text("{}")
    (tmp_path / "report.json").unlink()

    assert schemas.differences(tmp_path) == ["alert.json", "old.json", "report.json"]
