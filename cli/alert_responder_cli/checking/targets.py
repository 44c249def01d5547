"""What a TARGET given by a person means."""

import re
from dataclasses import dataclass
from pathlib import Path

from alert_responder_cli.errors import CommandError

_FILE = re.compile(r"(?P<module>.+\.py):(?P<function>[^\W\d]\w*)")
_MODULE = re.compile(r"(?P<module>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<function>[^\W\d]\w*)")
_ARN = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9_$-]{1,128})?")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

FORMS = "an ARN or a name of a Lambda function, module:function, or path/to/file.py:function"


@dataclass(frozen=True)
class LambdaFunction:
    """A function on Lambda, by name or ARN."""

    function: str


@dataclass(frozen=True)
class PythonFunction:
    """A function on this machine: in a module or in a file."""

    module: str
    function: str


def parse(target: str) -> LambdaFunction | PythonFunction:
    """Read a TARGET; raise `CommandError` if it has none of the `FORMS`, or names a file that is not there.

    Examples
    --------
    >>> parse("plugins.whois:handler")
    PythonFunction(module='plugins.whois', function='handler')
    >>> parse("whois")
    LambdaFunction(function='whois')
    """
    if _ARN.fullmatch(target) or _NAME.fullmatch(target):
        return LambdaFunction(target)
    found = _FILE.fullmatch(target)
    if found:
        if not Path(found["module"]).is_file():
            raise CommandError(f"There is no file {found['module']}.")
        return PythonFunction(found["module"], found["function"])
    found = _MODULE.fullmatch(target)
    if found:
        return PythonFunction(found["module"], found["function"])
    raise CommandError(f"'{target}' is no plug-in: give {FORMS}.")
