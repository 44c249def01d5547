"""Build the layers with the packages of ready-made plug-ins: ``python tools/layers.py``."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if not __package__:
    sys.path[:0] = [str(ROOT), str(ROOT / "cli")]

from alert_responder_cli.plugins.zip_package import zip_folder  # noqa: E402

REQUIREMENTS = ROOT / "requirements"
TARGET = ROOT / "build" / "layers"
PYTHON = "3.12"
"""The functions' runtime (`modules/plugin-function`)."""

ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name of each architecture, and its name in wheels."""

# Lambda's Python 3.12 runs on Amazon Linux 2023, with glibc 2.34.
_GLIBC = ("2_34", "2_28", "2_17")
LOCAL = "local"


def plugins() -> list[str]:
    """List the plug-ins that need a layer."""
    return sorted(path.stem.removeprefix("plugin-") for path in REQUIREMENTS.glob("plugin-*.txt"))


def build(plugin: str, architecture: str, folder: Path = TARGET) -> Path:
    """Build one layer.

    Parameters
    ----------
    plugin
        The plug-in's name; its packages are pinned in ``requirements/plugin-<name>.txt``.
    architecture
        ``arm64`` or ``x86_64``, or ``local`` for the emulated AWS, which uses this Python on this machine.

    Returns
    -------
    Path
        The zip; the same pins and the same pip give the same bytes.
    """
    packages = folder / "packages" / f"{plugin}-{architecture}" / "python"
    shutil.rmtree(packages.parent, ignore_errors=True)
    # Twice --quiet: pip prints errors, but no warnings about its settings on this machine.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--quiet", "--no-input"]
    command += ["--disable-pip-version-check"]
    command += ["--target", str(packages), "--no-compile", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    if architecture != LOCAL:
        machine = ARCHITECTURES[architecture]
        command += ["--implementation", "cp", "--python-version", PYTHON]
        command += [part for glibc in _GLIBC for part in ("--platform", f"manylinux_{glibc}_{machine}")]
        command += ["--platform", f"manylinux2014_{machine}"]
    command += ["--requirement", str(REQUIREMENTS / f"plugin-{plugin}.txt")]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)
    target = folder / f"{plugin}-{architecture}.zip"
    zip_folder(packages, target, prefix="python/")
    shutil.rmtree(packages.parent)
    return target


def main(arguments: list[str] | None = None) -> int:
    """Build all layers, or those given as arguments, for both architectures."""
    parser = argparse.ArgumentParser(prog="make layers", description="Build the layers of ready-made plug-ins.")
    parser.add_argument("plugins", nargs="*", help=f"any of {', '.join(plugins())}; default: all")
    parser.add_argument("--architecture", action="append", choices=[*ARCHITECTURES, LOCAL], help="default: both")
    asked = parser.parse_args(arguments)
    unknown = sorted(set(asked.plugins) - set(plugins()))
    if unknown:
        parser.error(f"plug-ins must be among {', '.join(plugins())}, got {', '.join(unknown)}")
    for plugin in asked.plugins or plugins():
        for architecture in asked.architecture or ARCHITECTURES:
            try:
                target = build(plugin, architecture)
            except subprocess.CalledProcessError as error:
                print(f"pip could not install the packages of {plugin} for {architecture}.", file=sys.stderr)
                return error.returncode
            print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
