"""Build the layers with the packages that ready-made plug-ins need: ``python tools/layers.py``."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
if not __package__:
    sys.path.insert(0, str(ROOT))

from tools.package import zip_folder  # noqa: E402

REQUIREMENTS = ROOT / "requirements"
TARGET = ROOT / "build" / "layers"
PYTHON = "3.12"
"""What the functions run on (`modules/plugin-function`)."""

ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's word for each, and that of wheels."""

# Lambda's Python 3.12 runs on Amazon Linux 2023, with glibc 2.34.
_GLIBC = ("2_34", "2_28", "2_17")
LOCAL = "local"


def plugins() -> list[str]:
    """Name the plug-ins that need a layer."""
    return sorted(path.stem.removeprefix("plugin-") for path in REQUIREMENTS.glob("plugin-*.txt"))


def build(plugin: str, architecture: str, folder: Path = TARGET) -> Path:
    """Build one layer.

    Parameters
    ----------
    plugin
        The plug-in's name; the packages are those of ``requirements/plugin-<name>.txt``, checked by their hashes.
    architecture
        ``arm64`` or ``x86_64``, or ``local`` for the Python and the machine this runs on, as the emulated AWS wants it.

    Returns
    -------
    Path
        The zip; the same bytes from the same pins and the same pip.
    """
    packages = folder / "packages" / f"{plugin}-{architecture}" / "python"
    shutil.rmtree(packages.parent, ignore_errors=True)
    # Quiet twice: errors are shown, but no warnings about this machine's settings of pip.
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
    """Build all layers for both architectures, or those that are named."""
    parser = argparse.ArgumentParser(prog="make layers", description="Build the layers of ready-made plug-ins.")
    parser.add_argument("plugins", nargs="*", help=f"of {', '.join(plugins())}; none: all")
    parser.add_argument("--architecture", action="append", choices=[*ARCHITECTURES, LOCAL], help="default: both")
    asked = parser.parse_args(arguments)
    unknown = sorted(set(asked.plugins) - set(plugins()))
    if unknown:
        parser.error(f"no layer is needed for {', '.join(unknown)}; name some of {', '.join(plugins())}")
    for plugin in asked.plugins or plugins():
        for architecture in asked.architecture or ARCHITECTURES:
            try:
                target = build(plugin, architecture)
            except subprocess.CalledProcessError as error:
                print(f"pip could not bring the packages of {plugin} for {architecture}.", file=sys.stderr)
                return error.returncode
            print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 2**20:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
