"""`alert-responder new`: the files of a custom plug-in to start from."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from alert_responder.contracts.plugin import MAX_BATCH
from alert_responder_cli.commands.options import Json, choices
from alert_responder_cli.errors import CommandError
from alert_responder_cli.new_plugin.project import NAME, NAMES, Kind, Language, new_project
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="Create the files of a custom plug-in.\n\nThese are its function, its Terraform block, a recorded case and "
    "the test that replays it.",
    epilog="Exit codes: 0 the files are written; 2 they are not.",
)

_LANGUAGES: dict[str, Language] = {"python": "python", "nodejs": "nodejs"}

Name = Annotated[str, typer.Argument(metavar="NAME", help=f"Name of the plug-in and its new folder: {NAMES}.")]
LanguageName = Annotated[str, typer.Option("--language", metavar=choices(_LANGUAGES), help="Language of the function.")]
Parent = Annotated[
    Path,
    typer.Option("--in", metavar="DIR", file_okay=False, exists=True, help="Folder in which the new folder is made."),
]
BatchSize = Annotated[
    int,
    typer.Option(
        "--batch-size",
        metavar="NUMBER",
        min=1,
        max=MAX_BATCH,
        help="Maximum number of lookups in one call, for sources that answer many at once. 1: single tasks.",
    ),
]


class NewPlugin(BaseModel):
    """A new plug-in: its folder, and its files relative to the folder."""

    folder: str
    files: list[str]


@app.command()
@explain_errors
def inspector(
    name: Name,
    language: LanguageName = "python",
    batch_size: BatchSize = 1,
    parent: Parent = Path(),
    as_json: Json = False,
) -> None:
    """Start an inspector: a function that looks up attributes."""
    _write("inspector", name, language, parent, batch_size=batch_size, as_json=as_json)


def _command(kind: Kind, help_text: str) -> Callable[..., None]:
    @explain_errors
    def command(name: Name, language: LanguageName = "python", parent: Parent = Path(), as_json: Json = False) -> None:
        _write(kind, name, language, parent, as_json=as_json)

    command.__doc__ = help_text
    return command


app.command("reviewer")(_command("reviewer", "Start a reviewer: the function that rates a report."))
app.command("emitter")(_command("emitter", "Start an emitter: a function that delivers a report."))


def _write(kind: Kind, name: str, language: str, parent: Path, *, batch_size: int = 1, as_json: bool) -> None:
    if NAME.fullmatch(name) is None:
        raise CommandError(f"'{plain(name, 100)}' cannot be the name of a plug-in: use {NAMES}.")
    if language not in _LANGUAGES:
        raise CommandError(f"'{plain(language, 100)}' is not supported: use one of {', '.join(_LANGUAGES)}.")
    folder = parent / name
    if folder.exists():
        raise CommandError(f"{plain(folder, 4_096)} already exists: choose another name, or another folder (--in).")
    files = new_project(kind, name, _LANGUAGES[language], batch_size)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    if as_json:
        print_json(NewPlugin(folder=str(folder), files=sorted(files)))
        return
    console = output()
    console.print(f"{plain(folder, 4_096)}: {', '.join(sorted(files))}.", soft_wrap=True)
    console.print(f"{plain(folder / 'README.md', 4_096)} lists the next commands.", soft_wrap=True)
