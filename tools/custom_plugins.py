"""Custom plug-ins of the local run: ``make up INSPECTOR=whois.py`` attaches one, ``make down`` removes all."""

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from alert_responder_cli.plugins.zip_package import zip_files, zip_folder
from tools.errors import ToolError
from tools.plugins import example_plugins

Kind = Literal["inspector", "reviewer", "emitter"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REVIEWER = "reviewer"
"""Name of the custom reviewer: there is only one, and it replaces the example's."""

MAX_BYTES = 250 * 1024 * 1024
"""Largest unzipped deployment package that Lambda accepts."""

_RUNTIMES = {".py": "python3.12", ".js": "nodejs22.x", ".mjs": "nodejs22.x"}
_GIVEN = re.compile(r"(?:(?P<name>[^=/\\:]+)=)?(?P<path>.+?)(?::(?P<handler>[A-Za-z0-9_$.-]+))?")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_STEM = re.compile(r"[A-Za-z0-9_-]+")
_SETTING = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z][A-Za-z0-9_]+)\s*=\s*(?P<value>.*)")


@dataclass(frozen=True)
class CustomPlugin:
    """A plug-in of the user.

    Attributes
    ----------
    kind, name : str
        Its kind, and the name under which it is attached, which is also the end of its Lambda function's name.
    path : str
        A file or folder with the function's code.
    module, function : str
        The two parts of the function's handler: the file without its suffix, and the function in it.
    types : tuple
        Attribute types that an inspector looks up; empty: all.
    batch_size : int
        Maximum number of tasks in one call of an inspector; 1: it takes no batches.
    """

    kind: Kind
    name: str
    path: str
    module: str
    function: str
    types: tuple[str, ...] = ()
    batch_size: int = 1

    @property
    def file(self) -> Path:
        """The file with the function.

        Raises
        ------
        ToolError
            The file does not exist or is neither Python nor Node.js. A remembered plug-in may have changed since.
        """
        path = Path(self.path)
        if path.is_file():
            return path
        if not path.is_dir():
            raise ToolError(
                f"File or folder {path} of the {self.kind} {self.name} not found. "
                f"To detach a plug-in that you deleted, run 'make up DETACH={self.name}'."
            )
        for ending in _RUNTIMES:
            if (path / f"{self.module}{ending}").is_file():
                return path / f"{self.module}{ending}"
        endings = ", ".join(f"{self.module}{ending}" for ending in _RUNTIMES)
        raise ToolError(f"The folder {path} of the {self.kind} {self.name} must contain one of these files: {endings}.")

    @property
    def runtime(self) -> str:
        """The Lambda runtime."""
        return _RUNTIMES[self.file.suffix]

    def settings(self) -> dict[str, str]:
        """Read the function's environment variables, from ``whois.env`` beside ``whois.py`` or the folder ``whois``."""
        path = Path(self.path).with_suffix(".env")
        if not path.is_file():
            return {}
        found: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            read = _SETTING.fullmatch(line.strip())
            if read is None:
                raise ToolError(
                    f"{path}, line {number} must be NAME=value; the name may have letters, digits and underscores."
                )
            found[read["name"]] = _unquoted(read["value"])
        return found

    def write_zip(self, folder: Path) -> None:
        """Write the function's zip."""
        target = folder / f"{self.name}.zip"
        path = Path(self.path)
        if path.is_file():
            zip_files([(path.name, path)], target)
            return
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        if size > MAX_BYTES:
            raise ToolError(f"The folder {path} has {size / 2**20:,.0f} MB; Lambda accepts at most 250 MB.")
        zip_folder(path, target)


def given(kind: Kind, text: str, types: str = "", batch_size: str = "") -> list[CustomPlugin]:
    """Parse a variable of ``make up``: ``[NAME=]FILE[:FUNCTION]`` or ``[NAME=]FOLDER:MODULE.FUNCTION``.

    Parameters
    ----------
    kind : str
        The variable in lower case.
    text : str
        Its value: plug-ins separated by spaces; a path with spaces is quoted.
    types : str
        Attribute types that these inspectors look up, separated by spaces or commas.
    batch_size : str
        Maximum number of tasks in one call of these inspectors, 1 to 100; empty: 1.

    Raises
    ------
    ToolError
        A file is missing or neither Python nor Node.js, a name is invalid, or the batch size.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ToolError(f"{kind.upper()} cannot be parsed: {error}.") from error
    asked = tuple(sorted(set(re.split(r"[\s,]+", types.strip())))) if types.strip() else ()
    size = batch_size.strip() or "1"
    if not (size.isascii() and size.isdigit() and 1 <= int(size) <= 100):
        raise ToolError(f"BATCH_SIZE must be a whole number from 1 to 100, got {size}.")
    return [replace(_one(kind, word), types=asked, batch_size=int(size)) for word in words]


def changed(remembered: Iterable[CustomPlugin], added: Iterable[CustomPlugin], detached: str) -> list[CustomPlugin]:
    """Return the plug-ins to attach: an added plug-in replaces one of the same name and kind.

    Raises
    ------
    ToolError
        Two plug-ins have the same name, there are two reviewers, or a plug-in to detach is not attached.
    """
    attached = {plugin.name: plugin for plugin in remembered}
    for name in detached.replace(",", " ").split():
        if attached.pop(name, None) is None:
            raise ToolError(f"DETACH={name}: no such custom plug-in; attached are: {', '.join(attached) or 'none'}.")
    names: set[str] = set()
    for plugin in added:
        other = attached.get(plugin.name)
        if plugin.name in names or (other is not None and other.kind != plugin.kind):
            raise ToolError(f"Two plug-ins are named {plugin.name}: rename one, as in {_renamed(plugin)}.")
        names.add(plugin.name)
        attached[plugin.name] = plugin
    return sorted(attached.values(), key=lambda plugin: plugin.name)


def variables(plugins: Iterable[CustomPlugin]) -> dict[str, Any]:
    """Return the local example's variables that attach plug-ins."""
    plugins = list(plugins)
    return {
        "custom_plugins": {
            plugin.name: {
                "attribute_types": list(plugin.types),
                "batch_size": plugin.batch_size,
                "handler": f"{plugin.module}.{plugin.function}",
                "kind": plugin.kind,
                "runtime": plugin.runtime,
            }
            for plugin in plugins
        },
        "custom_settings": {plugin.name: plugin.settings() for plugin in plugins},
    }


def save(path: Path, plugins: Iterable[CustomPlugin]) -> None:
    """Store plug-ins until :func:`load`."""
    path.write_text(json.dumps([asdict(plugin) for plugin in plugins]), encoding="utf-8")


def load(path: Path) -> list[CustomPlugin]:
    """Read the plug-ins that :func:`save` stored; none if the file does not exist."""
    if not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    return [CustomPlugin(**(fields | {"types": tuple(fields["types"])})) for fields in found]


def _one(kind: Kind, word: str) -> CustomPlugin:
    read = _GIVEN.fullmatch(word)
    if read is None:
        raise ToolError(f"{kind.upper()} must be FILE, FILE:FUNCTION or FOLDER:MODULE.FUNCTION, got {word}.")
    path = Path(read["path"]).expanduser().absolute()
    handler = read["handler"] or ""
    name = read["name"] or path.stem.lower().replace("_", "-")
    plugin = CustomPlugin(kind, REVIEWER if kind == "reviewer" else name, str(path), path.stem, handler or "handler")
    if path.is_dir():
        module, dot, function = handler.rpartition(".")
        if not dot or not _STEM.fullmatch(module):
            raise ToolError(f"{path} is a folder: add the function, as in {kind.upper()}={word}:file.handler.")
        plugin = replace(plugin, module=module, function=function)
    elif not path.is_file():
        raise ToolError(f"File or folder {path} not found; paths are relative to {Path.cwd()}.")
    elif path.suffix not in _RUNTIMES:
        raise ToolError(f"{path.name} must be Python (.py) or Node.js (.js, .mjs).")
    elif not _STEM.fullmatch(path.stem) or "." in handler:
        raise ToolError(
            f"{path.name}:{plugin.function} is not a valid Lambda handler: use only letters, digits, _ and -."
        )
    _require_name(plugin)
    _ = plugin.file
    return plugin


def _require_name(plugin: CustomPlugin) -> None:
    if not _NAME.fullmatch(plugin.name) or len(plugin.name) > 40:
        raise ToolError(
            f"The name '{plugin.name}' is invalid: use 1 to 40 lower-case letters, digits and single hyphens, "
            f"as in {_renamed(plugin)}."
        )
    if plugin.name in example_plugins():
        raise ToolError(f"The name {plugin.name} is taken by a plug-in of the local run: use {_renamed(plugin)}.")


def _renamed(plugin: CustomPlugin) -> str:
    return f"{plugin.kind.upper()}=my-name={Path(plugin.path).name}"


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def described(plugins: Sequence[CustomPlugin]) -> list[str]:
    """Describe plug-ins for the user, one line each."""
    titles = [plugin.kind if plugin.kind == "reviewer" else f"{plugin.kind} {plugin.name}" for plugin in plugins]
    return [f"{title}, from {plugin.path}" for title, plugin in zip(titles, plugins, strict=True)]
