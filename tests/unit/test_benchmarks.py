"""The benchmarks read all pages of an account's answers."""

from types import SimpleNamespace
from typing import Any, cast

import boto3
from botocore.stub import Stubber

from benchmarks.deployment import first_rounds_over, settled_count
from tests.integration.pipeline import Pipeline


def test_settled_reports_are_counted_on_all_pages_of_the_table() -> None:
    dynamodb: Any = boto3.client("dynamodb", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")  # nosec B106
    with Stubber(dynamodb) as stubber:
        # A scan reads 1 MB in a call, which about 300 reports fill.
        stubber.add_response("scan", {"Count": 297, "LastEvaluatedKey": {"pk": {"S": "report/1"}, "sk": {"S": "head"}}})
        stubber.add_response("scan", {"Count": 203})
        installation = SimpleNamespace(client=lambda _: dynamodb, table="table")
        found = settled_count(cast(Pipeline, SimpleNamespace(installation=installation)))
    assert found == 500


def test_a_first_round_is_over_however_its_execution_ended() -> None:
    listed = [
        {"name": "01ABC-1", "status": "SUCCEEDED"},
        {"name": "01ABC-2", "status": "SUCCEEDED"},
        {"name": "01ABD-1", "status": "FAILED"},
        {"name": "01ABE-1", "status": "RUNNING"},
        {"name": "01ABF-11", "status": "SUCCEEDED"},
    ]
    assert first_rounds_over(cast(Pipeline, SimpleNamespace(all_executions=lambda: listed))) == 2
