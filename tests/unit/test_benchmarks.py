"""What the benchmarks are told by an account must be all of it."""

from types import SimpleNamespace
from typing import Any, cast

import boto3
from botocore.stub import Stubber

from benchmarks.deployed import settled_count
from tests.integration.pipeline import Pipeline


def test_settled_reports_are_counted_on_all_pages_of_the_table() -> None:
    dynamodb: Any = boto3.client("dynamodb", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")  # nosec B106
    with Stubber(dynamodb) as stubber:
        # A scan reads 1 MB a call, which some 300 reports fill.
        stubber.add_response("scan", {"Count": 297, "LastEvaluatedKey": {"pk": {"S": "report/1"}, "sk": {"S": "head"}}})
        stubber.add_response("scan", {"Count": 203})
        installation = SimpleNamespace(client=lambda _: dynamodb, table="table")
        found = settled_count(cast(Pipeline, SimpleNamespace(installation=installation)))
    assert found == 500
