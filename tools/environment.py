"""Make a virtual environment from pinned requirements. Standard library only; old Python versions can parse it."""

import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM_VERSION = (3, 11)


def main(folder: Path, requirements: Path) -> int:
    """Install the pinned requirements into an environment and copy them there as a stamp.

    Parameters
    ----------
    folder : Path
        The environment; created if it is missing, recreated if its Python is missing or another version.
    requirements : Path
        The pins, each with the hashes of its files. Nothing is built from source: build dependencies have no hashes.
    """
    if sys.version_info < MINIMUM_VERSION:
        wanted = ".".join(str(number) for number in MINIMUM_VERSION)
        print(f"Python {wanted} or newer is required; {sys.executable} is {sys.version.split()[0]}.", file=sys.stderr)
        print(f"To use another one, run: make PYTHON=python{wanted} ...", file=sys.stderr)
        return 1
    python = folder / "bin" / "python"
    if not _is_usable(python):
        shutil.rmtree(folder, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            print("This Python cannot create virtual environments (on Debian: install python3-venv).", file=sys.stderr)
            return 1
    print(f"Installing {requirements} into {folder} ...", flush=True)
    # Twice --quiet: pip prints errors, but no warnings about its settings on this machine.
    command = [str(python), "-m", "pip", "install", "--quiet", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "--only-binary", ":all:", "--requirement", str(requirements)]
    installed = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
    if installed.returncode:
        return installed.returncode
    shutil.copyfile(requirements, folder / "installed.txt")
    return 0


def _is_usable(python: Path) -> bool:
    ask = "import pip, sys; print(*sys.version_info[:2])"
    try:
        run = subprocess.run([str(python), "-c", ask], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return run.returncode == 0 and run.stdout.split() == [str(number) for number in sys.version_info[:2]]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
