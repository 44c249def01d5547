"""What a TARGET given by a person means."""

import re
from dataclasses import dataclass
from pathlib import Path

from alert_responder_cli.errors import CommandError

_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]{1,128})?")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MODULE = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_FUNCTION = re.compile(r"[^\W\d]\w*")
_NODE_FUNCTION = re.compile(r"(?:[^\W\d]|\$)[\w$]*(?:\.(?:[^\W\d]|\$)[\w$]*)*")
_HANDLER = re.compile(r"[\w$./-]{1,128}")

_NODE = (".mjs", ".cjs", ".js")
_TYPESCRIPT = (".ts", ".mts", ".cts", ".jsx", ".tsx")
_BOOTSTRAP = "bootstrap"

FILES = "path/to/file.py:function, path/to/file.mjs:function (.js, .cjs), path/to/bootstrap, or package.module:function"
FORMS = f"an ARN or a name of a Lambda function, {FILES}"


@dataclass(frozen=True)
class LambdaFunction:
    """A function on Lambda, by name or ARN."""

    function: str

    @property
    def is_arn(self) -> bool:
        """Whether it is named by its ARN, so that nothing else can be meant."""
        return self.function.startswith("arn:")


@dataclass(frozen=True)
class PythonFunction:
    """A function on this machine: in an installed module or in a file."""

    module: str
    function: str


@dataclass(frozen=True)
class NodeFunction:
    """A function on this machine, in a file for Node.js."""

    file: str
    function: str


@dataclass(frozen=True)
class CustomRuntime:
    """A program on this machine that talks to Lambda's runtime API, and the handler it is configured with."""

    file: str
    handler: str


LocalFunction = PythonFunction | NodeFunction | CustomRuntime


def parse(target: str) -> LambdaFunction | LocalFunction:
    """Read a TARGET; raise `CommandError` if it has none of the `FORMS`, or names a file that is not there.

    What a target is, its text alone decides: a file has a slash or one of the endings in it, a name neither dot, slash
    nor colon.

    Examples
    --------
    >>> parse("plugins.whois:handler")
    PythonFunction(module='plugins.whois', function='handler')
    >>> parse("whois")
    LambdaFunction(function='whois')
    """
    if _ARN.fullmatch(target) or _NAME.fullmatch(target):
        return LambdaFunction(target)
    given, _, function = target.rpartition(":")
    path = Path(given or target)
    if path.name == _BOOTSTRAP and "/" in target and (not given or _HANDLER.fullmatch(function)):
        return CustomRuntime(_existing(path), function if given else "function.handler")
    if path.suffix in (".py", *_NODE, *_TYPESCRIPT):
        return _file(path, given, function, target)
    if _MODULE.fullmatch(given) and _FUNCTION.fullmatch(function):
        return PythonFunction(given, function)
    raise CommandError(f"'{target}' is not a plug-in: give {FORMS}.")


def parse_local(target: str) -> LocalFunction:
    """Read a TARGET that has to be on this machine; see `parse`."""
    meant = parse(target)
    if isinstance(meant, LambdaFunction):
        raise CommandError(f"'{target}' is not a function on this machine: give {FILES}.")
    return meant


def _file(path: Path, given: str, function: str, target: str) -> LocalFunction:
    if path.suffix in _TYPESCRIPT:
        raise CommandError(f"{path} has to be built first, as for Lambda: give the .mjs, .cjs or .js file of it.")
    if not given:
        raise CommandError(f"{target} is a file: name the function in it too, as in {target}:handler.")
    if path.suffix == ".py" and _FUNCTION.fullmatch(function):
        return PythonFunction(_existing(path), function)
    if path.suffix in _NODE and _NODE_FUNCTION.fullmatch(function):
        return NodeFunction(_existing(path), function)
    raise CommandError(f"'{function}' in '{target}' is not a function's name.")


def _existing(path: Path) -> str:
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    return str(path)
