"""Make a virtual environment from a file of pins. Standard library only, and understood by old Pythons too."""

import shutil
import subprocess
import sys
from pathlib import Path

MINIMUM_VERSION = (3, 11)


def main(folder: Path, requirements: Path) -> int:
    """Bring an environment to what the pins say; a copy of them in it says that it is up to date.

    Parameters
    ----------
    folder : Path
        The environment; made if it is missing, made anew if its Python is gone or another one.
    requirements : Path
        The pins, each with the hashes of its files. Nothing else is installed, and nothing is built here: what
        building takes would come without a hash.
    """
    if sys.version_info < MINIMUM_VERSION:
        wanted = ".".join(str(number) for number in MINIMUM_VERSION)
        print(f"Python {wanted} or newer is needed; {sys.executable} is {sys.version.split()[0]}.", file=sys.stderr)
        print(f"Name another one: make PYTHON=python{wanted} ...", file=sys.stderr)
        return 1
    python = folder / "bin" / "python"
    if not _is_usable(python):
        shutil.rmtree(folder, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False)
        if made.returncode:
            shutil.rmtree(folder, ignore_errors=True)
            print("This Python cannot make virtual environments (on Debian: install python3-venv).", file=sys.stderr)
            return 1
    print(f"Installing {requirements} into {folder} ...", flush=True)
    # Quiet twice: errors are shown, but no warnings about this machine's settings of pip.
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
