"""Run Terraform the same way on every machine, unaffected by the caller's settings."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.errors import ToolError
from tools.mirror import find_mirror
from tools.paths import ROOT
from tools.processes import end_group

MINIMUM_VERSION = (1, 9)

_STOP_SECONDS = 10

# Variables that locate files or hold credentials for registries; all others would change what a run does.
_KEPT = ("TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_REGISTRY_", "TF_TOKEN_")

_FAKE = "test"
_FAKE_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": _FAKE,
    "AWS_SECRET_ACCESS_KEY": _FAKE,
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    # The user's files must not provide real credentials or settings.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def environment(build_folder: Path, *, trusted: str | None = None) -> dict[str, str]:
    """Return an environment for Terraform with fake credentials and, if possible, a local copy of the AWS provider.

    The provider comes from the first of these: the folder in ``TF_PLUGIN_MIRROR``, the user's CLI configuration, a
    folder of providers in one of the usual places (:mod:`tools.mirror`), the registry.

    Parameters
    ----------
    build_folder : Path
        Receives the CLI configuration and the plug-in cache; created if missing.
    trusted : str
        PEM file with the certificate of the emulated AWS; None if the run does not use it.

    Returns
    -------
    dict
        A complete environment for a process.
    """
    found = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TF_", "AWS_")) or name.startswith(_KEPT)
    }
    found |= _FAKE_CREDENTIALS
    found |= {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    # Terraform and the provider create many long-lived objects: less garbage collection saves a quarter of the time.
    found |= {"GOGC": "400"}
    if trusted:
        found["AWS_CA_BUNDLE"] = trusted
    build_folder.mkdir(parents=True, exist_ok=True)
    configuration = found.get("TF_CLI_CONFIG_FILE")
    if configuration and not Path(configuration).is_file():
        # Terraform would warn about the missing file on every call.
        del found["TF_CLI_CONFIG_FILE"]
        configuration = None
    wanted = os.environ.get("TF_PLUGIN_MIRROR")
    if wanted and not Path(wanted).is_dir():
        raise ToolError(f"TF_PLUGIN_MIRROR must be a folder, got {wanted}.")
    mirror = Path(wanted) if wanted else None
    if mirror is None and not configuration and not (Path.home() / ".terraformrc").is_file():
        mirror = find_mirror()
    if mirror:
        written = build_folder / "terraform.rc"
        written.write_text(_mirror_configuration(mirror.resolve()), encoding="utf-8")
        found["TF_CLI_CONFIG_FILE"] = str(written.resolve())
    elif "TF_PLUGIN_CACHE_DIR" not in found:
        cache = build_folder / "terraform-plugins"
        cache.mkdir(exist_ok=True)
        found["TF_PLUGIN_CACHE_DIR"] = str(cache.resolve())
    # Modules have no lock file, and Terraform ignores the cache without one.
    found["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return found


def binary() -> str:
    """Return the path of Terraform, from ``TF_BINARY`` or ``PATH``.

    Raises
    ------
    ToolError
        Terraform is missing, does not run, or is older than 1.9.
    """
    name = os.environ.get("TF_BINARY") or "terraform"
    path = shutil.which(name)
    if path is None:
        raise ToolError(f"Terraform was not found ('{name}'). Install version 1.9 or newer, or set TF_BINARY.")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    run = subprocess.run([path, "version"], capture_output=True, text=True, env=clean, check=False)
    version = re.match(r"\w+ v(\d+)\.(\d+)", run.stdout)
    if run.returncode or not version:
        raise ToolError(f"'{path} version' failed: {run.stderr.strip() or run.stdout.strip()}")
    if (int(version[1]), int(version[2])) < MINIMUM_VERSION:
        raise ToolError(f"{path} is {version[0]}; AlertResponder needs Terraform 1.9 or newer.")
    return path


def copy_module(target: Path) -> Path:
    """Copy the Terraform code, so that a run writes nothing into the repository.

    Returns
    -------
    Path
        The root of the copy; relative sources in ``examples/local`` work as in the repository.
    """
    for folder in ("templates", "modules", "examples", "dist"):
        if (ROOT / folder).is_dir():
            shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    target.mkdir(parents=True, exist_ok=True)
    for path in (*ROOT.glob("*.tf"), ROOT / "pyproject.toml"):
        shutil.copy(path, target / path.name)
    return target


class Terraform:
    """Terraform in one folder.

    Parameters
    ----------
    folder : Path
        A copy of the configuration: files are written into it.
    state : Path
        Folder for the state and the provider; may outlive the copy.
    environment : Mapping
        The complete environment, from :func:`environment`.
    variables : Mapping
        Input variables by name; any JSON value.
    """

    def __init__(
        self, folder: Path, state: Path, environment: Mapping[str, str], variables: Mapping[str, Any] | None = None
    ):
        self.folder = folder
        self._state = f"-state={state.resolve() / 'terraform.tfstate'}"
        self._environment = {**environment, "TF_DATA_DIR": str(state.resolve() / "terraform-data")}
        self._variables = dict(variables or {})
        self._binary = binary()

    def init(self) -> None:
        """Install the provider and the modules."""
        self._run("init", "-backend=false", "-no-color")

    def apply(self) -> None:
        """Create everything without confirmation."""
        self._run("apply", "-auto-approve", "-no-color", "-parallelism=20", self._state, *self._variable_file())

    def destroy(self, *targets: str) -> None:
        """Remove everything, or only the targets and what depends on them as the state has them."""
        only = ("-refresh=false", *(f"-target={target}" for target in targets)) if targets else ()
        options = ("-auto-approve", "-no-color", "-parallelism=20", *only)
        self._run("destroy", *options, self._state, *self._variable_file())

    def pending_changes(self) -> list[str]:
        """Return the sorted addresses of resources that another apply would change."""
        lines = self._run("plan", "-json", self._state, *self._variable_file()).splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return sorted(event["change"]["resource"]["addr"] for event in events if event["type"] == "planned_change")

    def plan_is_empty(self) -> bool:
        """Check that another apply would change nothing."""
        return not self.pending_changes()

    def show(self) -> str:
        """Return the state as JSON, including sensitive values."""
        return self._run("show", "-json", self._state.removeprefix("-state="))

    def output(self) -> dict[str, Any]:
        """Return the outputs by name."""
        found = json.loads(self._run("output", "-json", self._state))
        return {name: output["value"] for name, output in found.items()}

    def _variable_file(self) -> list[str]:
        path = self.folder / "input.tfvars.json"
        path.write_text(json.dumps(self._variables), encoding="utf-8")
        return [f"-var-file={path.name}"]

    def _run(self, command: str, *arguments: str) -> str:
        # In a separate process group: an interrupt is handled here and also ends the providers.
        process = subprocess.Popen(
            [self._binary, command, *arguments],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        try:
            output, errors = process.communicate()
        except BaseException:
            end_group(process, timeout_seconds=_STOP_SECONDS)
            raise
        if process.returncode:
            raise ToolError(f"'terraform {command}' failed:\n{errors.strip() or output.strip()}")
        return output


def _mirror_configuration(mirror: Path) -> str:
    return f"""provider_installation {{
  filesystem_mirror {{
    path    = {json.dumps(str(mirror))}
    include = ["registry.terraform.io/hashicorp/aws"]
  }}
  direct {{
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }}
}}
"""
