"""``make up`` and ``make down``: an installation that stays on this machine, to send alerts to and look into."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from alert_responder_cli.counts import count
from alert_responder_cli.rejections import by_reason
from alert_responder_cli.replaying import PREFIXES
from tools.emulator import Emulator, end_emulator
from tools.errors import ToolError
from tools.installation import Installation, LocalExample
from tools.paths import BUILD
from tools.plain import plain
from tools.reading import Reader
from tools.replaying import replay_archive
from tools.sending import send
from tools.showing import report_panel, standings_table
from tools.steps import Steps, make_console

FOLDER = BUILD / "local"
_INSTALLATION = FOLDER / "installation.json"
_PID = FOLDER / "pid"

_HELP = """
AlertResponder '{name}' runs at {endpoint}.

  make send FILE=alert.json     puts a file on the alert stream, as one record
  make reports                  shows the reports
  make up                       again: brings it up to date with the code
  make down                     ends it and removes everything

The AWS CLI and SDKs reach it with:

  export AWS_ENDPOINT_URL={endpoint} AWS_CA_BUNDLE={authority}
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1
  aws kinesis put-record --stream-name {stream} --partition-key 1 --data fileb://alert.json
  aws s3 ls --recursive s3://{archive}
"""


def up(steps: Steps) -> None:
    """Start an emulator that stays, and apply the example; bring it up to date when it runs already."""
    installation = _running()
    if installation:
        account = installation.account
    else:
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        emulator = Emulator(detached=True, log=FOLDER / "ministack.log")
        with steps.step("Start the emulated AWS, with IAM enforced"):
            emulator.start()
        account = emulator.account
        _PID.write_text(str(emulator.pid), encoding="ascii")
    try:
        example = LocalExample(account, FOLDER)
        with steps.step("Apply examples/local with Terraform"):
            installation = example.apply()
    except BaseException:
        if not _INSTALLATION.exists():
            down(steps)
        raise
    installation.save(_INSTALLATION)
    text = _HELP.format(
        name=installation.name,
        endpoint=account.endpoint,
        authority=account.authority,
        stream=installation.stream,
        archive=installation.archive_bucket,
    )
    steps.console.print(Text(text), soft_wrap=True)


def down(steps: Steps) -> None:
    """End it and remove everything; harmless when nothing runs."""
    ended = _PID.is_file() and end_emulator(int(_PID.read_text(encoding="ascii")))
    shutil.rmtree(FOLDER, ignore_errors=True)
    steps.console.print(Text("Ended and removed." if ended else "Nothing was running."))


def reports(steps: Steps) -> None:
    """Show all reports, the published ones in full."""
    reader = Reader(_required())
    standings = reader.standings()
    for standing in standings:
        report = reader.report(standing.report_id)
        if report:
            steps.console.print(report_panel(report, standing))
    steps.console.print(standings_table(standings))
    rejected = reader.rejected()
    if rejected:
        steps.console.print(Text(f"Rejected: {count(len(rejected), 'record')}, archived under rejected/."))


def replay(steps: Steps, prefixes: Sequence[str]) -> bool:
    """Bring records back from the archive; says whether all of them were taken and none was rejected again."""
    done = replay_archive(_required(), prefixes)
    steps.console.print(Text(f"The receptor took {count(done.taken, 'record')} of {count(done.objects, 'object')}."))
    for what, why in (done.failing | done.unreadable).items():
        steps.console.print(Text(f"{plain(what)}: {plain(why)}", style="red"), soft_wrap=True)
    for reason, number, _ in by_reason(done.still_rejected):
        said = f"Still rejected: {count(number, 'record')}: {plain(reason)}"
        steps.console.print(Text(said, style="red"), soft_wrap=True)
    return not (done.failing or done.unreadable or done.still_rejected)


def main(arguments: list[str] | None = None) -> int:
    """Run one command: up, down, send FILE..., reports, replay [PREFIX...]."""
    parser = argparse.ArgumentParser(prog="python -m tools.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("up", "down", "reports"):
        commands.add_parser(name)
    commands.add_parser("send").add_argument("files", nargs="+", type=Path)
    replaying = commands.add_parser("replay", help="bring back what was no alert, or was given up")
    replaying.add_argument("prefixes", nargs="*", default=PREFIXES, metavar="PREFIX", help="beginnings of keys")
    given = parser.parse_args(arguments)
    steps = Steps(make_console())
    try:
        match given.command:
            case "up":
                up(steps)
            case "down":
                down(steps)
            case "reports":
                reports(steps)
            case "replay":
                return 0 if replay(steps, given.prefixes) else 1
            case _:
                send(_required(), [path.read_bytes() for path in given.files])
    except (ToolError, OSError) as error:
        steps.console.print(Text(str(error), style="red"))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _running() -> Installation | None:
    if not _INSTALLATION.is_file():
        return None
    installation = Installation.load(_INSTALLATION)
    return installation if installation.account.is_healthy() else None


def _required() -> Installation:
    installation = _running()
    if installation is None:
        raise ToolError("Nothing is running: 'make up' starts it.")
    return installation


if __name__ == "__main__":
    sys.exit(main())
