"""Parse a TARGET of the command line."""

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
FORMS = f"the name or ARN of a Lambda function, {FILES}"


@dataclass(frozen=True)
class LambdaFunction:
    """A function on Lambda, by name or ARN."""

    function: str

    @property
    def is_arn(self) -> bool:
        """Whether it is given by its ARN, which is unambiguous."""
        return self.function.startswith("arn:")


@dataclass(frozen=True)
class PythonFunction:
    """A local Python function, in an installed module or in a file."""

    module: str
    function: str


@dataclass(frozen=True)
class NodeFunction:
    """A local function in a Node.js file."""

    file: str
    function: str


@dataclass(frozen=True)
class CustomRuntime:
    """A local program that uses Lambda's runtime API, with its configured handler."""

    file: str
    handler: str


LocalFunction = PythonFunction | NodeFunction | CustomRuntime


def parse(target: str) -> LambdaFunction | LocalFunction:
    """Parse a TARGET; raise `CommandError` if it has none of the `FORMS`, or the file does not exist.

    Only the text decides: a file contains a slash or one of the file endings, a name contains no dot, slash or colon.

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
    raise CommandError(f"A plug-in must be {FORMS}, got '{target}'.")


def parse_local(target: str) -> LocalFunction:
    """Parse a TARGET that must be a local function; see `parse`."""
    meant = parse(target)
    if isinstance(meant, LambdaFunction):
        raise CommandError(f"A local function must be {FILES}, got '{target}'.")
    return meant


def _file(path: Path, given: str, function: str, target: str) -> LocalFunction:
    if path.suffix in _TYPESCRIPT:
        raise CommandError(f"{path} must be built first, as for Lambda: give the resulting .mjs, .cjs or .js file.")
    if not given:
        raise CommandError(f"The function is missing after the file: give {target}:handler.")
    if path.suffix == ".py" and _FUNCTION.fullmatch(function):
        return PythonFunction(_existing(path), function)
    if path.suffix in _NODE and _NODE_FUNCTION.fullmatch(function):
        return NodeFunction(_existing(path), function)
    raise CommandError(f"'{function}' in '{target}' is not the name of a function.")


def _existing(path: Path) -> str:
    if not path.is_file():
        raise CommandError(f"The file {path} does not exist.")
    return str(path)
