"""Custom plug-ins of the local run: what ``make up INSPECTOR=whois.py`` attaches, and remembers until ``make down``."""

import json
import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from tools.errors import ToolError
from tools.package import zip_files, zip_folder
from tools.plugins import example_plugins

Kind = Literal["inspector", "reviewer", "emitter"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REVIEWER = "reviewer"
"""Name of the custom reviewer: there is one, which takes the place of the example's."""

MAX_BYTES = 250 * 1024 * 1024
"""Unzipped size that Lambda takes (AWS Lambda quotas, deployment package)."""

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
        What it is, and under which name it is attached; its function has the same name behind that of the local run.
    path : str
        A file, which is the whole function; or a folder, of which everything is.
    module, function : str
        Both parts of the function's handler: the file without its ending, and the function in it.
    types : tuple
        Types of the attributes that an inspector is asked about; none: all.
    """

    kind: Kind
    name: str
    path: str
    module: str
    function: str
    types: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        """The file with the function.

        Raises
        ------
        ToolError
            There is none, or it is neither Python nor Node.js; by now, since a remembered one may have changed.
        """
        path = Path(self.path)
        if path.is_file():
            return path
        if not path.is_dir():
            raise ToolError(f"There is no file or folder {path} for the {self.kind} {self.name}.{self._detaching()}")
        for ending in _RUNTIMES:
            if (path / f"{self.module}{ending}").is_file():
                return path / f"{self.module}{ending}"
        endings = ", ".join(f"{self.module}{ending}" for ending in _RUNTIMES)
        raise ToolError(f"The folder {path} of the {self.kind} {self.name} has none of these files: {endings}.")

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
                raise ToolError(f"{path}, line {number}: write NAME=value; a name has letters, digits and underscores.")
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
            raise ToolError(f"The folder {path} has {size / 2**20:,.0f} MB; Lambda takes 250 MB.")
        zip_folder(path, target)

    def _detaching(self) -> str:
        return f" If it is gone, run 'make up DETACH={self.name}'."


def given(kind: Kind, text: str, types: str = "") -> list[CustomPlugin]:
    """Read what a variable of ``make up`` names: ``[NAME=]FILE[:FUNCTION]`` or ``[NAME=]FOLDER:MODULE.FUNCTION``.

    Parameters
    ----------
    kind : str
        Which variable.
    text : str
        Several are separated by spaces; quotes hold a path with spaces together.
    types : str
        Types of the attributes that these inspectors are asked about, separated by spaces or commas.

    Raises
    ------
    ToolError
        A file is missing, its ending is of no language, or a name cannot be attached.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ToolError(f"{kind.upper()} cannot be read: {error}.") from error
    asked = tuple(sorted(set(re.split(r"[\s,]+", types.strip())))) if types.strip() else ()
    return [replace(_one(kind, word), types=asked) for word in words]


def changed(remembered: Iterable[CustomPlugin], added: Iterable[CustomPlugin], detached: str) -> list[CustomPlugin]:
    """Return what is attached from now on: the added ones take the place of others with their name.

    Raises
    ------
    ToolError
        Two of different kinds have one name, there are two reviewers, or one that is to be detached is not attached.
    """
    attached = {plugin.name: plugin for plugin in remembered}
    for name in detached.replace(",", " ").split():
        if attached.pop(name, None) is None:
            raise ToolError(f"DETACH names {name}, which is not attached: {_listed(list(attached))}.")
    names: set[str] = set()
    for plugin in added:
        other = attached.get(plugin.name)
        if plugin.name in names or (other is not None and other.kind != plugin.kind):
            raise ToolError(f"There are two plug-ins named {plugin.name}: name one of them, as in {_renamed(plugin)}.")
        names.add(plugin.name)
        attached[plugin.name] = plugin
    return sorted(attached.values(), key=lambda plugin: plugin.name)


def variables(plugins: Iterable[CustomPlugin]) -> dict[str, Any]:
    """Return the variables of the local example that attach plug-ins."""
    plugins = list(plugins)
    return {
        "custom_plugins": {
            plugin.name: {
                "attribute_types": list(plugin.types),
                "handler": f"{plugin.module}.{plugin.function}",
                "kind": plugin.kind,
                "runtime": plugin.runtime,
            }
            for plugin in plugins
        },
        "custom_settings": {plugin.name: plugin.settings() for plugin in plugins},
    }


def save(path: Path, plugins: Iterable[CustomPlugin]) -> None:
    """Remember plug-ins."""
    path.write_text(json.dumps([asdict(plugin) for plugin in plugins]), encoding="utf-8")


def load(path: Path) -> list[CustomPlugin]:
    """Read what :meth:`save` wrote; nothing when there is no such file."""
    if not path.is_file():
        return []
    found = json.loads(path.read_text(encoding="utf-8"))
    return [CustomPlugin(**(fields | {"types": tuple(fields["types"])})) for fields in found]


def _one(kind: Kind, word: str) -> CustomPlugin:
    read = _GIVEN.fullmatch(word)
    if read is None:
        raise ToolError(f"{kind.upper()} cannot be read: {word}. Write FILE, FILE:FUNCTION or FOLDER:MODULE.FUNCTION.")
    path = Path(read["path"]).expanduser().absolute()
    handler = read["handler"] or ""
    name = read["name"] or path.stem.lower().replace("_", "-")
    made = CustomPlugin(kind, REVIEWER if kind == "reviewer" else name, str(path), path.stem, handler or "handler")
    if path.is_dir():
        module, dot, function = handler.rpartition(".")
        if not dot or not _STEM.fullmatch(module):
            raise ToolError(f"{path} is a folder: name the function as well, as in {kind.upper()}={word}:file.handler.")
        made = replace(made, module=module, function=function)
    elif not path.is_file():
        raise ToolError(f"There is no file or folder {path}: give a path that starts in {Path.cwd()}, or a full one.")
    elif path.suffix not in _RUNTIMES:
        raise ToolError(f"{path.name} is neither Python (.py) nor Node.js (.js, .mjs).")
    elif not _STEM.fullmatch(path.stem) or "." in handler:
        raise ToolError(
            f"{path.name}:{made.function} cannot be a handler on Lambda: use letters, digits, _ and - only."
        )
    _require_name(made)
    _ = made.file
    return made


def _require_name(plugin: CustomPlugin) -> None:
    if not _NAME.fullmatch(plugin.name) or len(plugin.name) > 40:
        raise ToolError(
            f"'{plugin.name}' cannot be the name of an {plugin.kind}: use 1 to 40 lower-case letters, digits and "
            f"single hyphens, as in {_renamed(plugin)}."
        )
    if plugin.name in example_plugins():
        raise ToolError(f"The local run has a plug-in named {plugin.name}: name yours, as in {_renamed(plugin)}.")


def _called(plugin: CustomPlugin) -> str:
    return plugin.kind if plugin.kind == "reviewer" else f"{plugin.kind} {plugin.name}"


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "no custom plug-in is"
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _renamed(plugin: CustomPlugin) -> str:
    return f"{plugin.kind.upper()}=my-name={Path(plugin.path).name}"


def _unquoted(value: str) -> str:
    value = value.strip()
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value


def described(plugins: Sequence[CustomPlugin]) -> list[str]:
    """Describe plug-ins to a person, one line each."""
    return [f"{_called(plugin)}, from {plugin.path}" for plugin in plugins]
