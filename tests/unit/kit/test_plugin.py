"""The kit for plug-ins in Python: models in, models out, and clear errors."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic
import pytest

from alert_responder.domain.plugin_answers import read_emission, read_inspection, read_review, split_answers
from alert_responder.plugin import (
    Attribute,
    EmissionAnswer,
    EmissionRequest,
    Handler,
    HostContent,
    InspectionAnswer,
    InspectionBatch,
    InspectionTask,
    InvalidRequestError,
    NoteContent,
    Report,
    ReviewAnswer,
    batch_inspector,
    emitter,
    inspector,
    reviewer,
)
from tests.unit.test_schemas import example
from tools import package
from tools.paths import ROOT


@inspector
def look_up(task: InspectionTask) -> InspectionAnswer | None:
    """Look up."""
    if task.attribute.value == "192.0.2.1":
        return None
    found = Attribute(type="domain", value="evil.example.net")
    content = HostContent(type="host", verdict="malicious", country=(task.attribute.key,))
    return InspectionAnswer(contents=(content,), new_attributes=(found,))


@reviewer
def rate(report: Report) -> ReviewAnswer:
    bad = any(content.verdict == "malicious" for finding in report.findings for content in finding.contents)
    return ReviewAnswer(severity="urgent" if bad else "safe", reason=f"{report.alert_count} alerts")


@emitter
def tell(request: EmissionRequest) -> EmissionAnswer | None:
    if request.emission_id.endswith("000001"):
        return None
    return EmissionAnswer(state={"before": request.state, "severity": request.report.result.severity})


HANDLERS: Mapping[str, tuple[Handler, str]] = {
    "inspector": (look_up, "inspection_task"),
    "reviewer": (rate, "report"),
    "emitter": (tell, "emission_request"),
}


def with_unknown_fields(value: Any) -> Any:
    """Add a field to every object."""
    if isinstance(value, dict):
        return {key: with_unknown_fields(item) for key, item in value.items()} | {"added_later": {"a": [1]}}
    return [with_unknown_fields(item) for item in value] if isinstance(value, list) else value


def test_an_inspector_gets_a_model_and_the_core_accepts_its_answer() -> None:
    answer = look_up(example("inspection_task"), None)

    assert answer == {
        "contents": [{"type": "host", "verdict": "malicious", "country": ["source address"]}],
        "new_attributes": [{"type": "domain", "value": "evil.example.net"}],
    }
    assert read_inspection(json.dumps(answer).encode()).contents[0].verdict == "malicious"


def test_a_reviewer_gets_the_report_with_its_findings() -> None:
    report = example("report")
    report["findings"][0].update(outcome="ok", contents=example("inspection_answer")["contents"])

    answer = rate(report, None)

    assert answer == {"severity": "urgent", "reason": "1 alerts"}
    assert read_review(json.dumps(answer).encode()).severity == "urgent"


def test_an_emitter_gets_its_state_back() -> None:
    answer = tell(example("emission_request"), None)

    assert answer == {"state": {"before": {"issue": 12}, "severity": "unclassified"}}
    assert read_emission(json.dumps(answer).encode()).state["before"] == {"issue": 12}


def test_inspectors_and_emitters_may_return_none() -> None:
    task = example("inspection_task")
    task["attribute"]["value"] = "192.0.2.1"

    assert look_up(task, None) is None
    assert tell(example("emission_request") | {"emission_id": "x/tell/000001"}, None) is None


def test_a_reviewer_must_not_return_none() -> None:
    handler = reviewer(lambda report: None)  # type: ignore[arg-type,return-value]

    with pytest.raises(TypeError, match=r"^Return ReviewAnswer, not NoneType\.$"):
        handler(example("report"), None)


@pytest.mark.parametrize("kind", HANDLERS)
def test_unknown_fields_are_ignored_at_every_level(kind: str) -> None:
    handler, name = HANDLERS[kind]
    event = example(name) | ({"state": None} if kind == "emitter" else {})  # the state is defined by the plug-in

    assert handler(with_unknown_fields(event), None) == handler(event, None)


@pytest.mark.parametrize("kind", HANDLERS)
@pytest.mark.parametrize("event", [{}, None, [], "text", 7, {"report": {}}], ids=repr)
def test_an_invalid_event_raises_an_error_that_names_the_contract(kind: str, event: Any) -> None:
    handler, _ = HANDLERS[kind]

    with pytest.raises(
        InvalidRequestError,
        match=r"^The event is not a valid (InspectionTask|Report|EmissionRequest): .+ (must|is) .+\.$",
    ):
        handler(event, None)


def test_the_error_names_the_field_without_its_value() -> None:
    task = example("inspection_task")
    task["attribute"]["value"] = {"<script>": "hostile"}

    with pytest.raises(InvalidRequestError) as error:
        look_up(task, None)

    assert str(error.value).startswith("The event is not a valid InspectionTask: attribute.value must ")
    assert "hostile" not in str(error.value)
    assert error.value.__cause__ is None


def test_events_of_another_kind_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="not a valid InspectionTask"):
        look_up(example("report"), None)
    with pytest.raises(InvalidRequestError, match="not a valid EmissionRequest"):
        tell(example("report"), None)


@pytest.mark.parametrize("answer", [{"contents": []}, "text", ReviewAnswer(severity="safe"), ()], ids=repr)
def test_an_answer_of_another_type_raises_an_error_that_names_both_types(answer: Any) -> None:
    handler = inspector(lambda task: answer)

    with pytest.raises(TypeError, match=rf"^Return InspectionAnswer or None, not {type(answer).__name__}\.$"):
        handler(example("inspection_task"), None)


def test_errors_of_the_function_are_passed_through() -> None:
    class SourceError(Exception):
        pass

    problem = SourceError("no such feed")

    def fails(task: InspectionTask) -> None:
        raise problem

    with pytest.raises(SourceError) as error:
        inspector(fails)(example("inspection_task"), None)

    assert error.value is problem


def test_a_test_can_call_the_function_with_models() -> None:
    task = InspectionTask.model_validate(example("inspection_task"))

    assert look_up.__wrapped__(task).new_attributes[0].value == "evil.example.net"  # type: ignore[attr-defined]
    assert look_up.__doc__ == "Look up."


def test_an_inspector_can_report_that_it_is_throttled() -> None:
    answer = inspector(lambda task: InspectionAnswer(throttled="4 a minute"))(example("inspection_task"), None)

    assert answer == {"throttled": "4 a minute"}


@pytest.mark.parametrize("data", [{"count": 0}, [1, None], "text", 0.5])
def test_data_of_a_note_is_passed_unchanged(data: Any) -> None:
    note = NoteContent(type="note", title="t", data=data)

    answer = inspector(lambda task: InspectionAnswer(contents=(note,)))(example("inspection_task"), None)

    assert answer == {"contents": [{"type": "note", "title": "t", "data": data}]}


LAYER_PACKAGES = (
    "annotated_types",
    "aws_lambda_powertools",
    "jmespath",
    "pydantic",
    "pydantic_core",
    "typing_inspection",
    "typing_extensions.py",
)
"""The packages of the public layer (requirements/layer.txt)."""

PLUGIN = """
import json, sys
sys.path[:0] = sys.argv[1:]
from alert_responder.plugin import HostContent, InspectionAnswer, InspectionTask, inspector

@inspector
def handler(task: InspectionTask) -> InspectionAnswer | None:
    return InspectionAnswer(contents=(HostContent(type="host", owner=(task.attribute.value,)),))

print(json.dumps(handler(json.load(sys.stdin), None)))
"""


def test_a_plug_in_needs_only_the_two_layers(tmp_path: Path) -> None:
    installed = Path(pydantic.__file__).parents[1]
    for name in LAYER_PACKAGES:
        (tmp_path / name).symlink_to(installed / name)
    package.build(tmp_path / "kit.zip", below="python/")

    run = subprocess.run(
        # Isolated and without site-packages: only the two layers can be imported.
        [sys.executable, "-I", "-S", "-c", PLUGIN, str(tmp_path / "kit.zip" / "python"), str(tmp_path)],
        input=json.dumps(example("inspection_task")),
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stderr == ""
    assert json.loads(run.stdout) == {"contents": [{"type": "host", "owner": ["198.51.100.7"]}]}


def test_the_tracked_kit_is_in_lambda_s_folder_for_python_packages() -> None:
    with zipfile.ZipFile(ROOT / "dist" / "kit.zip") as archive:
        assert "python/alert_responder/plugin.py" in archive.namelist()


def batch_of(*values: str) -> dict[str, Any]:
    task = example("inspection_task")
    attributes = [{**task["attribute"], "value": value} for value in values]
    return {"tasks": [{**task, "task_id": f"x/{each['value']}", "attribute": each} for each in attributes]}


@batch_inspector
def look_up_all(batch: InspectionBatch) -> dict[str, InspectionAnswer | None]:
    """Look up all."""
    return {task.task_id: look_up.__wrapped__(task) for task in batch.tasks}  # type: ignore[attr-defined]


@pytest.mark.parametrize("handler", [look_up, look_up_all], ids=["inspector", "batch_inspector"])
def test_both_decorators_take_batches_and_single_tasks(handler: Handler) -> None:
    single = handler(example("inspection_task"), None)
    answer = handler(with_unknown_fields(batch_of("198.51.100.7", "192.0.2.1")), None)

    assert single == look_up(example("inspection_task"), None)
    assert answer == {"answers": {"x/198.51.100.7": single, "x/192.0.2.1": None}}
    assert {
        task_id: read_inspection(body).contents == ()
        for task_id, body in split_answers(json.dumps(answer).encode()).items()
    } == {
        "x/198.51.100.7": False,
        "x/192.0.2.1": True,
    }


@pytest.mark.parametrize("handler", [look_up, look_up_all], ids=["inspector", "batch_inspector"])
@pytest.mark.parametrize("event", [{"tasks": None}, {"tasks": []}, {"tasks": [{}]}, {"tasks": "x"}, {}, None], ids=repr)
def test_an_invalid_batch_raises_an_error(handler: Handler, event: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"^The event is not a valid Inspection(Batch|Task): .+\.$"):
        handler(event, None)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (None, TypeError, "Return a dict of answers by task id, not NoneType."),
        ([], TypeError, "Return a dict of answers by task id, not list."),
        ({"x/a": {"contents": []}}, TypeError, "Return InspectionAnswer or None, not dict."),
        ({"x/b": None, "a": None}, ValueError, "Return answers by the task ids of the batch; 2 are different."),
    ],
)
def test_an_answer_to_a_batch_of_another_type_raises_an_error(
    answer: Any, error: type[Exception], message: str
) -> None:
    handler = batch_inspector(lambda batch: answer)

    with pytest.raises(error) as raised:
        handler(batch_of("a"), None)
    assert str(raised.value) == message


def test_a_batch_may_have_fewer_answers() -> None:
    handler = batch_inspector(lambda batch: {})

    assert handler(batch_of("a", "b"), None) == {"answers": {}}
    assert handler(example("inspection_task"), None) is None
