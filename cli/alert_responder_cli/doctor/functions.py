"""Checks that call each function once: those of AlertResponder, and the plug-ins with the contract's first request."""

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from typing import Any

from alert_responder.domain.identifiers import ulid
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.checking.batch_target import BatchTarget
from alert_responder_cli.checking.cases import inspections, reviews
from alert_responder_cli.checking.check_run import check
from alert_responder_cli.checking.lambda_target import LambdaTarget
from alert_responder_cli.checking.target import Target
from alert_responder_cli.doctor.account import layer_verdicts
from alert_responder_cli.doctor.examination import Check, Verdict, ok
from alert_responder_cli.plugins.registry import Kind, Registered, registered
from alert_responder_cli.times import now
from alert_responder_cli.version import version_number

_SECONDS = 60


def _probes(report_id: str) -> Mapping[str, tuple[Any, str]]:
    """Return the event for each function, and a key of its answer: an empty batch, a sweep, an unknown round."""
    nothing = {"step": "inspect", "report_id": report_id, "alert_id": "0" * 64, "round": 1, "tasks": [], "deadline": 0}
    return {
        "receptor": ({"Records": []}, "batchItemFailures"),
        "coordinator": ({"step": "sweep"}, "revived"),
        "runner": (nothing, "status"),
    }


def _functions(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("lambda", retries={"total_max_attempts": 1}, read_timeout=_SECONDS + 15)
    for key, (event, expected) in _probes(_report_id()).items():
        name = installation.function(key)
        answer = client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        payload = json.loads(answer["Payload"].read() or b"null")
        if "FunctionError" in answer or not isinstance(payload, dict) or expected not in payload:
            kind = (
                payload.get("errorType", "an unexpected answer")
                if isinstance(payload, dict)
                else "an unexpected answer"
            )
            yield Verdict(
                "problem",
                f"The function {name} fails: {kind}.",
                f"Find the reason in its log group /aws/lambda/{name}.",
            )
        else:
            yield ok(f"The function {name} runs.")


def _version(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("lambda")
    configuration = client.get_function_configuration(FunctionName=installation.function("coordinator"))
    module = configuration.get("Environment", {}).get("Variables", {}).get("ALERT_RESPONDER_VERSION")
    command = version_number()
    if module is None or command is None:
        yield Verdict(
            "warning",
            f"The module has version {module or 'unknown'}, this command {command or 'unknown'}.",
            "Install the command of the module's version, or apply the module of a later one.",
        )
    elif module != command:
        yield Verdict(
            "warning",
            f"The module has version {module}, this command {command}: they may not understand each other's data.",
            f"Install the command of version {module}, or apply the module of version {command}.",
        )
    else:
        yield ok(f"The module and this command have version {command}.")


def _layers(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("lambda")
    configuration = client.get_function_configuration(FunctionName=installation.function("coordinator"))
    for layer in configuration.get("Layers", ()):
        yield from layer_verdicts(client, layer["Arn"])


def _plugins(installation: Installation) -> Iterator[Verdict]:
    client = installation.client("lambda", retries={"total_max_attempts": 1}, read_timeout=_SECONDS + 15)
    plugins: list[tuple[Kind, Registered]] = [
        (kind, plugin) for kind, plugin in registered(installation) if plugin.enabled
    ]
    if not any(kind == "reviewer" for kind, _ in plugins):
        yield Verdict(
            "warning", "No reviewer is attached: every report is unclassified.", "Attach one with modules/reviewer."
        )
    for kind, plugin in plugins:
        if kind == "emitter":
            client.invoke(FunctionName=plugin.arn, InvocationType="DryRun")
            yield ok(f"The emitter {plugin.name} may be called; it was not, since it would notify people.")
            continue
        types = getattr(plugin, "attribute_types", ())
        cases = inspections(_report_id(), types) if kind == "inspector" else reviews(_report_id())
        target: Target = LambdaTarget(client, plugin.arn)
        batch_size = getattr(plugin, "batch_size", 1)
        if batch_size > 1:
            target = BatchTarget(target, batch_size, getattr(plugin, "batch_types", None))
        result = check(kind, target, cases[:1], _SECONDS, time.monotonic, None, lambda _: None)
        faults = [problem for problem in result.problems if problem.level == "fault"]
        name = f"The {kind} {plugin.name}" if kind == "inspector" else "The reviewer"
        if faults:
            yield Verdict(
                "problem",
                f"{name} does not answer as its contract requires: {faults[0].what}.",
                f"Run alert-responder check {kind} {plugin.arn}"
                + (f" --batch-size {batch_size}." if batch_size > 1 else "."),
            )
        else:
            yield ok(f"{name} answers as its contract requires.")


def _report_id() -> str:
    return ulid(now(), secrets.token_bytes(10))


CHECKS = (
    Check("functions", ("lambda:InvokeFunction",), _functions),
    Check("version", ("lambda:GetFunctionConfiguration",), _version),
    Check("layers", ("lambda:GetFunctionConfiguration", "lambda:GetLayerVersion"), _layers),
    Check("plug-ins", ("dynamodb:Query", "lambda:InvokeFunction"), _plugins),
)
