"""AWS clients with recorded answers, for services that moto lacks; botocore validates requests and answers."""

from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel, Shape
from botocore.validate import validate_parameters

Answering = Callable[[dict[str, Any]], dict[str, Any]]


class Recorded:
    """A client whose operations are functions.

    Parameters
    ----------
    service
        Its name in boto3.
    answers
        Functions by method, such as ``lookup_events``: each returns the answer to a request, or raises. Requests and
        answers must fit the service's model.
    """

    def __init__(self, service: str, answers: Mapping[str, Answering]) -> None:
        model = _model(service)
        names = {xform_name(operation): operation for operation in model.operation_names}
        self.meta = SimpleNamespace(method_to_api_mapping=names)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self._models = {method: model.operation_model(names[method]) for method in answers}
        self._answers = answers

    def __getattr__(self, method: str) -> Any:
        if method not in self._models:
            raise AttributeError(method)

        def call(**request: Any) -> dict[str, Any]:
            _fits(request, self._models[method].input_shape)
            self.requests.append((method, request))
            answer = self._answers[method](request)
            _fits(answer, self._models[method].output_shape)
            return answer

        return call


class Sessions:
    """Replaces ``boto3.Session``: some services are recorded, the others are boto3's.

    Attributes
    ----------
    made
        The arguments of each session.
    """

    def __init__(self, **recorded: Any) -> None:
        self._recorded = recorded
        self.made: list[dict[str, Any]] = []

    def __call__(self, **arguments: Any) -> Any:
        self.made.append(arguments)
        core = botocore.session.Session()
        core.register_component("data_loader", _loader())
        real = boto3.Session(botocore_session=core, **arguments)

        def client(service: str, **more: Any) -> Any:
            return self._recorded.get(service) or real.client(service, **more)  # type: ignore[call-overload]

        return SimpleNamespace(client=client)


def _fits(value: dict[str, Any], shape: Shape | None) -> None:
    assert shape is not None
    validate_parameters(value, shape)


@cache
def _loader() -> Any:
    """Cache the services' models, which are slow to load."""
    return botocore.session.Session().get_component("data_loader")


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(service)


def refusal(code: str) -> ClientError:
    """Make the error that botocore raises for an error code of AWS."""
    return ClientError({"Error": {"Code": code, "Message": "secret words"}}, "Operation")


def refusing(code: str) -> Answering:
    """Refuse every request with a code."""

    def answer(_: dict[str, Any]) -> dict[str, Any]:
        raise refusal(code)

    return answer
