"""A client with prepared answers."""

from typing import Any, Self

from botocore.exceptions import ClientError


class StubClient(Any):  # type: ignore[misc]  # stands for any client
    """Returns or raises the next of `answers` for each call."""

    def __new__(cls, *_: Any) -> Self:
        return object.__new__(cls)

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(*_: Any, **request: Any) -> Any:
            self.calls.append((operation, request))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def refusal(code: str, **more: Any) -> ClientError:
    """Build the error that botocore raises for an error code."""
    response: Any = {"Error": {"Code": code, "Message": "secret words"}, **more}
    return ClientError(response, "Operation")


def cancelled(*reasons: str) -> ClientError:
    """Build the error of a cancelled transaction, with one reason for each action."""
    return refusal("TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])
