"""AWS as a list of answers by service and operation, for code that only asks: change one answer to plant a fault."""

import copy
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

Answer = dict[str, Any] | Exception | Callable[..., Any]


class Answers:
    """What AWS answers.

    Parameters
    ----------
    answers
        By service and operation: a document, an exception to raise, or a function of the call's arguments.
    """

    def __init__(self, answers: dict[tuple[str, str], Answer], region: str, partition: str = "aws") -> None:
        self.answers = dict(answers)
        self.region, self.partition = region, partition

    def client(self, service: str, **_settings: Any) -> Any:
        """Give a client as an `Access` or an `Installation` does."""
        return _Client(self, service)


class _Client:
    def __init__(self, source: Answers, service: str) -> None:
        self._source, self._service = source, service
        self.meta = type("Meta", (), {"region_name": source.region, "partition": source.partition})
        self.exceptions = type("Exceptions", (), {"ResourceNotFoundException": NotFoundError})

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            answer = self._source.answers.get((self._service, operation))
            if answer is None:
                raise AssertionError(f"nothing is answered to {self._service}.{operation}")
            if isinstance(answer, Exception):
                raise answer
            return answer(**arguments) if callable(answer) else copy.deepcopy(answer)

        return call

    def get_paginator(self, operation: str) -> Any:
        """Give a paginator of one page."""
        call = getattr(self, operation)

        class Paginator:
            def paginate(self, **arguments: Any) -> Iterator[Any]:
                yield call(**arguments)

        return Paginator()


def refused(code: str, operation: str = "Operation", message: str = "") -> ClientError:
    """Make the error with which AWS refuses a call."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class NotFoundError(ClientError):
    """AWS' ResourceNotFoundException."""

    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ResourceNotFoundException", "Message": ""}}, "Operation")


def invoked(answer: Any, error: str | None = None) -> dict[str, Any]:
    """Make the answer of lambda:Invoke."""
    failed = {"FunctionError": error} if error else {}
    return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode()), **failed}
