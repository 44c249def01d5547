"""The local example's plug-ins answer requests without code of this repository."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tools.paths import EXAMPLE
from tools.plugins import build_plugins


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLE / "functions" / name / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def task(type_: str, value: str) -> dict[str, Any]:
    return {"attribute": {"type": type_, "value": value}}


def test_there_is_one_zip_for_each_plugin(tmp_path: Path) -> None:
    build_plugins(tmp_path)

    assert sorted(path.stem for path in tmp_path.iterdir()) == ["asset", "inbox", "pager", "reputation"]


def test_reputation_returns_the_address_of_a_domain() -> None:
    answer = load("reputation").handler(task("domain", "UPDATE-CHECK.example.net"), None)

    assert answer["contents"][0]["verdict"] == "malicious"
    assert [attribute["value"] for attribute in answer["new_attributes"]] == ["203.0.113.77"]


def test_reputation_has_no_finding_for_unknown_values_and_fails_for_one_domain() -> None:
    reputation = load("reputation")

    assert reputation.handler(task("ipaddr", "192.0.2.1"), None) is None
    with pytest.raises(reputation.FeedError):
        reputation.handler(task("domain", reputation.UNREACHABLE), None)


class Bucket:
    """Keeps objects in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        self.objects[Key] = Body


def test_the_pager_fails_as_often_as_requested_and_keeps_its_incident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "b")
    pager, bucket = load("pager"), Bucket()
    monkeypatch.setattr(pager, "S3", bucket)
    monkeypatch.setattr(pager, "read", lambda key: json.loads(bucket.objects.get(key, b"{}")))
    bucket.objects["control/pager.json"] = b'{"failures": 1}'
    first = {
        "report": {"title": "t", "result": {"severity": "urgent"}},
        "emission_id": "R/pager/000001",
        "state": None,
    }

    with pytest.raises(pager.PagingServiceError):
        pager.handler(first, None)
    state = pager.handler(first, None)["state"]
    bucket.objects["control/pager.json"] = b"{}"
    later = pager.handler({**first, "emission_id": "R/pager/000002", "state": state}, None)["state"]

    assert later == state
    assert json.loads(bucket.objects["pager/R/pager/000002.json"])["tries"] == 1


def test_the_inbox_stores_and_counts_emissions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "b")
    inbox, bucket = load("inbox"), Bucket()
    monkeypatch.setattr(inbox, "S3", bucket)
    emission = {"report": {"id": "R", "round": 2}, "state": {"rounds": 1}}

    answer = inbox.handler(emission, None)

    assert answer == {"state": {"rounds": 2}, "url": "s3://b/inbox/R/000002.json"}
    assert json.loads(bucket.objects["inbox/R/000002.json"]) == emission
