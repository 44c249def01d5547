"""Build the zips of the local example's plug-ins."""

from pathlib import Path

from alert_responder_cli.plugins.zip_package import zip_folder
from tools.paths import EXAMPLE

_FUNCTIONS = EXAMPLE / "functions"


def build_plugins(target: Path) -> Path:
    """Write one zip for each folder in ``examples/local/functions``.

    Parameters
    ----------
    target : Path
        The folder for the zips, which are named after the plug-ins.

    Returns
    -------
    Path
        `target`, as the example's ``packages_folder``.
    """
    for name in example_plugins():
        zip_folder(_FUNCTIONS / name, target / f"{name}.zip")
    return target.resolve()


def example_plugins() -> list[str]:
    """List the plug-ins of the local example."""
    return sorted(folder.name for folder in _FUNCTIONS.iterdir() if folder.is_dir())
