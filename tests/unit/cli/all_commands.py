"""Run commands on an emulated account, each in a process whose output is not read."""

import functools
import gc
import json
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.domain.directory import Directory
from alert_responder.store.directory import write_directory
from alert_responder_cli.__main__ import run
from alert_responder_cli.aws.access import Access
from alert_responder_cli.main import COMMANDS
from alert_responder_cli.times import now
from tests.fakes.installation import Installation
from tests.unit.cli.accounts.organisation import facts
from tests.unit.cli.aws_account import REGION, attach, client, make_function, make_installation
from tests.unit.cli.recovery.test_rejected import _Body, reject
from tests.unit.cli.stored_reports import upload
from tests.unit.domain.builders import attribute, event

REPORT, KEY = "REPORT", "KEY"
"""Stand in a command for the id of a report and the key of a rejected record."""


def main(folder: Path, commands: Sequence[Sequence[str]]) -> None:
    """Print exit code and standard error of each command."""
    with _account() as names:
        _warm_up()
        found = [_unread(folder, [names.get(word, word) for word in command]) for command in commands]
    print(json.dumps(found))


def _warm_up() -> None:
    """Read once what each process would read again: commands, and descriptions of services."""
    for command in COMMANDS:
        import_module(f"alert_responder_cli.commands.{command}")
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    for service in ("dynamodb", "iam", "kinesis", "lambda", "s3", "stepfunctions", "sts"):
        Access(region=REGION).client(service)
    # A collection in a forked process would copy all memory.
    gc.freeze()


@contextmanager
def _account() -> Generator[dict[str, str]]:
    """Emulate an account with an installation of which each command has something to show."""
    create = Access.client

    def of_service(access: Access, service: str, **settings: Any) -> Any:
        made = create(access, service, **settings)
        if service == "lambda":
            answer = b'{"batchItemFailures": [], "done": true, "entries": []}'
            made.invoke = lambda **_: {"Payload": _Body(answer)}
        return made

    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Access, "client", of_service)
        make_installation("secops")
        attach("secops", "emitter", "pager", make_function("pager"))
        attach("secops", "commands", "quarantine", make_function("secops-commands-quarantine"))
        directory = Directory(accounts=(facts(1),), read_at=now())
        write_directory(DynamoDBTable(client("dynamodb"), "secops"), directory)
        made = Installation({}, lambda _: {"severity": "urgent", "reason": "r"}, {"pager": lambda _: None})
        made.now = now() - 60_000
        made.receive(event(1, made.now, attribute("evil.example.net")))
        made.run()
        upload(made)
        yield {REPORT: made.heads()[0].report_id, KEY: reject(1, b"{")}


def watching() -> None:
    """Watch for ever, with an hour between two looks."""
    with _account():
        sys.argv = ["alert-responder", "watch", "--every", "3600"]
        run()


def _unread(folder: Path, command: Sequence[str]) -> tuple[int, str]:
    said = folder / "stderr"
    child = os.fork()
    if child == 0:
        reading, writing = os.pipe()
        os.close(reading)
        os.dup2(writing, 1)
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
        sys.argv = ["alert-responder", *command]
        try:
            run()
        except SystemExit as end:
            # As Python does at its end, which takes long where moto is loaded.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(end.code or 0))
        finally:
            os._exit(99)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.read_text()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
