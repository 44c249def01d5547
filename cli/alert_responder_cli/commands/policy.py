"""`alert-responder policy`: check and test policies, and explain what they decide."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.text import Text

from alert_responder_cli.commands.options import Json
from alert_responder_cli.errors import EXIT_PROBLEMS, CommandError
from alert_responder_cli.policy.files import InvalidPolicyFileError, Problem, located, read_policy_file
from alert_responder_cli.policy.junit import difference, junit
from alert_responder_cli.policy.problems import problems_of
from alert_responder_cli.policy.test_runs import TestResult, run_tests
from alert_responder_cli.sanitize import plain
from alert_responder_cli.terminal.console import explain_errors, output, print_json
from alert_responder_cli.terminal.render import count, line, severity_text
from alert_responder_cli.times import now

app = typer.Typer(no_args_is_help=True, help="Check and test policies, and explain what they decide.")

PolicyPath = Annotated[
    Path,
    typer.Argument(metavar="FILE", dir_okay=False, show_default=False, help="The policy: YAML, or JSON (.json)."),
]


class CheckedPolicy(BaseModel, frozen=True):
    """The result of `policy check`."""

    file: str
    rules: int
    suppressions: int
    tests: int
    problems: tuple[Problem, ...]


class TestedPolicy(BaseModel, frozen=True):
    """The result of `policy test`."""

    file: str
    tests: tuple[TestResult, ...]

    @property
    def failed(self) -> int:
        """Number of tests that did not pass."""
        return sum(not test.passed for test in self.tests)


@app.command()
@explain_errors
def check(
    file: PolicyPath,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 for warnings too.")] = False,
    as_json: Json = False,
) -> None:
    """Check a policy without evaluating it.

    Errors are refused by Terraform or never have an effect; warnings are probably not what was meant.
    """
    found = _checked(file)
    if as_json:
        print_json(found)
    else:
        _show_problems(found)
    if any(strict or problem.level == "error" for problem in found.problems):
        raise typer.Exit(EXIT_PROBLEMS)


def _checked(path: Path) -> CheckedPolicy:
    try:
        file = read_policy_file(path)
    except InvalidPolicyFileError as error:
        return CheckedPolicy(file=str(path), rules=0, suppressions=0, tests=0, problems=error.problems)
    policy = file.policy
    return CheckedPolicy(
        file=str(path),
        rules=len(policy.rules),
        suppressions=len(policy.suppressions),
        tests=len(policy.tests),
        problems=tuple(problems_of(file, datetime.fromtimestamp(now() / 1000, UTC))),
    )


def _show_problems(found: CheckedPolicy) -> None:
    console = output()
    for problem in found.problems:
        level = Text(f"{problem.level}: ", style="red" if problem.level == "error" else "yellow")
        console.print(line(level, Text(plain(located(Path(found.file), problem), 2_000))), soft_wrap=True)
    errors = sum(problem.level == "error" for problem in found.problems)
    counts = f"{count(errors, 'error')}, {count(len(found.problems) - errors, 'warning')}"
    parts = f"{count(found.rules, 'rule')}, {count(found.suppressions, 'suppression')}, {count(found.tests, 'test')}"
    style = "bold red" if errors else "bold yellow" if found.problems else "bold green"
    console.print(line(counts if errors and not found.rules else f"{parts}: {counts}", ".", style=style))


@app.command("test")
@explain_errors
def run_(
    file: PolicyPath,
    junit_file: Annotated[
        Path | None,
        typer.Option(
            "--junit", metavar="FILE", dir_okay=False, show_default=False, help="Also write the results as JUnit XML."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the tests that a policy contains.

    Paths of reports, alerts and answers are relative to the policy.
    """
    policy = read_policy_file(file)
    found = TestedPolicy(file=str(file), tests=tuple(run_tests(policy)))
    if junit_file:
        try:
            junit_file.write_text(junit(str(file), found.tests), encoding="utf-8")
        except OSError as error:
            raise CommandError(f"The file {junit_file} cannot be written: {error.strerror}.") from None
    if as_json:
        print_json(found)
    else:
        _show_tests(found)
    if found.failed:
        raise typer.Exit(EXIT_PROBLEMS)


def _show_tests(found: TestedPolicy) -> None:
    console = output()
    for result in found.tests:
        passed = Text("ok    ", style="green") if result.passed else Text("failed", style="red")
        console.print(line(passed, "  ", plain(result.name, 200)), soft_wrap=True)
        if not result.passed:
            for part in _why(result):
                console.print(line("        ", part), soft_wrap=True)
    if not found.tests:
        console.print("The policy contains no tests.")
        return
    sentence = f"{count(len(found.tests), 'test')}: {len(found.tests) - found.failed} passed, {found.failed} failed."
    console.print(line(sentence, style="bold red" if found.failed else "bold green"))


def _why(result: TestResult) -> Iterator[Text]:
    if result.error is not None:
        yield Text(plain(result.error, 1_000), style="yellow")
        return
    for each in result.differences:
        yield Text(plain(difference(each), 2_000))
    by = f", suppressed by {result.suppressed_by}" if result.suppressed_by else f" (rule {result.rule or 'default'})"
    yield line(severity_text(result.severity or ""), f"{by}: ", Text(plain(result.reason or "", 1_000)))
    yield from (Text(plain(note, 1_000), style="dim") for note in result.notes)
