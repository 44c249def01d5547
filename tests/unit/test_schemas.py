"""The tracked JSON Schemas match the contracts, and the documentation's examples match the schemas."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alert_responder.contracts.alert import Alert
from alert_responder.contracts.schemas import CONTRACTS as SCHEMAS
from alert_responder.domain.plugin_answers import read_emission, read_inspection, read_review, split_answers
from tools import schemas
from tools.paths import ROOT

CONTRACTS = "".join((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("alerts.md", "plug-ins.md"))
EXAMPLES = re.findall(r"<!-- schema: (\w+) -->\n```json\n(.*?)^```", CONTRACTS, re.DOTALL | re.MULTILINE)
JSON_EXAMPLES = dict(EXAMPLES)
CODE_EXAMPLES = dict(re.findall(r"<!-- example: (\w+) -->\n```python\n(.*?)^```", CONTRACTS, re.DOTALL | re.MULTILINE))


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((schemas.FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def example(name: str) -> Any:
    document = json.loads(JSON_EXAMPLES[name])
    if name == "emission_request":
        document["report"] = example("report")
    if name == "inspection_batch":
        document["tasks"] = [example("inspection_task")]
    return document


def call(name: str, event: Any) -> Any:
    """Run a Python example as Lambda does: JSON in, JSON out."""
    code: dict[str, Any] = {}
    exec(compile(CODE_EXAMPLES[name], f"docs/plug-ins.md, {name}", "exec"), code)  # noqa: S102
    return json.loads(json.dumps(code["handler"](json.loads(json.dumps(event)), None)))


def test_tracked_schemas_are_up_to_date() -> None:
    assert schemas.differences(schemas.FOLDER) == [], "Run `make schemas`."


def test_differences_list_changed_missing_and_unknown_files(tmp_path: Path) -> None:
    for name, text in schemas.schemas().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert schemas.differences(tmp_path) == []

    (tmp_path / "alert.json").write_text("{}", encoding="utf-8")
    (tmp_path / "report.json").unlink()
    (tmp_path / "stray.json").write_text("{}", encoding="utf-8")
    assert schemas.differences(tmp_path) == ["alert.json", "report.json", "stray.json"]


def test_check_names_the_command_to_run_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)

    assert schemas.main(["--check"]) == 1
    assert "make schemas" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_writing_makes_the_check_pass_and_removes_unknown_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "FOLDER", tmp_path)
    (tmp_path / "stray.json").write_text("{}", encoding="utf-8")

    assert schemas.main([]) == 0
    assert schemas.main(["--check"]) == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(SCHEMAS)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid_and_accepts_its_example(name: str) -> None:
    found = validator(name)
    Draft202012Validator.check_schema(found.schema)

    assert [error.message for error in found.iter_errors(example(name))] == []


@pytest.mark.parametrize("name", ["inspection_answer", "emission_answer"])
def test_null_is_a_valid_answer(name: str) -> None:
    assert validator(name).is_valid(None)


def test_null_is_not_a_valid_review() -> None:
    assert not validator("review_answer").is_valid(None)


def test_schemas_refuse_invalid_documents() -> None:
    assert not validator("review_answer").is_valid({"severity": "bad"})
    assert not validator("inspection_answer").is_valid({"contents": [{"type": "host", "verdict": "evil"}]})
    assert not validator("alert").is_valid({**example("alert"), "detector": ""})
    assert not validator("inspection_task").is_valid({**example("inspection_task"), "depth": 6})


def test_the_code_accepts_the_examples() -> None:
    Alert.model_validate(example("alert"))
    read_inspection(json.dumps(example("inspection_answer")).encode())
    (answer,) = split_answers(json.dumps(example("batch_answer")).encode()).values()
    read_inspection(answer)
    for name, text in EXAMPLES:
        if name == "review_answer":
            assert "left out" not in str(read_review(text.encode()).notes)
            assert validator(name).is_valid(json.loads(text))
    read_emission(json.dumps(example("emission_answer")).encode())


def test_python_example_of_an_inspector() -> None:
    task = example("inspection_task")
    answer = call("inspector", task)
    validator("inspection_answer").validate(answer)
    assert answer["contents"][0]["verdict"] == "malicious"

    task["attribute"]["value"] = "192.0.2.1"
    assert call("inspector", task) is None


def test_python_example_of_an_inspector_with_batches() -> None:
    (task,) = example("inspection_batch")["tasks"]
    other = {**task, "task_id": "reputation/other", "attribute": {**task["attribute"], "value": "192.0.2.1"}}
    answer = call("batch_inspector", {"tasks": [task, other]})
    validator("batch_answer").validate(answer)
    assert answer["answers"].keys() == {task["task_id"]}
    assert answer == example("batch_answer") | answer


def test_python_example_of_a_batch_with_the_kit() -> None:
    (task,) = example("inspection_batch")["tasks"]
    other = {**task, "task_id": "reputation/other", "attribute": {**task["attribute"], "value": "192.0.2.1"}}
    answer = call("batch_kit", {"tasks": [task, other]})
    validator("batch_answer").validate(answer)
    assert answer["answers"].keys() == {task["task_id"]}


def test_python_example_with_the_kit() -> None:
    task = example("inspection_task")
    answer = call("kit", task)
    validator("inspection_answer").validate(answer)
    assert answer["contents"][0]["verdict"] == "malicious"
    assert answer["new_attributes"][0]["value"] == "evil.example.net"

    task["attribute"]["value"] = "192.0.2.1"
    assert call("kit", task) is None


def test_python_example_of_a_reviewer() -> None:
    report = example("report")
    finding = report["findings"][0]
    assert call("reviewer", report)["severity"] == "unclassified"

    finding.update(outcome="empty", reason=None)
    assert call("reviewer", report)["severity"] == "safe"

    content = read_inspection(json.dumps(example("inspection_answer")).encode()).contents[0]
    finding.update(outcome="ok", contents=[content.model_dump(mode="json")])
    validator("report").validate(report)
    rated = call("reviewer", report)
    validator("review_answer").validate(rated)
    assert rated["severity"] == "urgent"


def test_python_example_of_an_emitter(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = []

    def answer(request: Any, timeout: float) -> io.BytesIO:
        requests.append((request.get_method(), request.full_url))
        return io.BytesIO(b'{"number": 12, "html_url": "https://github.com/example/incidents/issues/12"}')

    monkeypatch.setattr("urllib.request.urlopen", answer)
    monkeypatch.setenv("REPOSITORY", "example/incidents")
    monkeypatch.setenv("TOKEN", "secret")
    emission = {**example("emission_request"), "state": None}

    told = call("emitter", emission)
    call("emitter", {**emission, "state": told["state"]})

    validator("emission_answer").validate(told)
    assert told == example("emission_answer")
    assert requests == [
        ("POST", "https://api.github.com/repos/example/incidents/issues"),
        ("PATCH", "https://api.github.com/repos/example/incidents/issues/12"),
    ]
