"""The check finds what a provider does not have; the provider here is a small one, generated in the same form."""

from pathlib import Path

import hcl2
import pytest

from tools.provider_schema import unknown

QUEUE = """
class SqsQueue:
    def __init__(self, scope, id_, *, name: str, policy: "builtins.str" = None): ...

class SqsQueueConfig:
    def __init__(
        self, *, name: builtins.str, count: int, redrive: typing.Optional[typing.Union["SqsQueueRedrive", dict]] = None
    ): ...

class SqsQueueRedrive:
    def __init__(self, *, most: builtins.int): ...
"""
REGION = """
class DataAwsRegion:
    def __init__(self, *, region: str = None): ...

class DataAwsRegionConfig:
    def __init__(self, *, region: str = None): ...
"""


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    for name, code in (("sqs_queue", QUEUE), ("data_aws_region", REGION)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "problems"),
    [
        ('resource "aws_sqs_queue" "a" {\n  name = "a"\n  count = 1\n  redrive {\n    most = 3\n  }\n}\n', []),
        ('data "aws_region" "here" {}\n', []),
        ('resource "aws_topic" "a" {}\n', ["resource aws_topic does not exist"]),
        ('data "aws_sqs_queue" "a" {}\n', ["data aws_sqs_queue does not exist"]),
        ('resource "aws_sqs_queue" "a" {\n  label = "a"\n}\n', ["resource aws_sqs_queue.a: label does not exist"]),
        (
            'resource "aws_sqs_queue" "a" {\n  redrive {\n    least = 3\n  }\n}\n',
            ["resource aws_sqs_queue.a.redrive: least does not exist"],
        ),
        (
            'resource "aws_sqs_queue" "a" {\n  dynamic "redrive" {\n    for_each = [1]\n    content {\n'
            "      least = 3\n    }\n  }\n}\n",
            ["resource aws_sqs_queue.a.redrive: least does not exist"],
        ),
    ],
)
def test_what_the_provider_does_not_have_is_named(schema: Path, code: str, problems: list[str]) -> None:
    assert list(unknown(hcl2.loads(code), schema)) == problems
