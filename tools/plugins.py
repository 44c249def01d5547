"""Build the zips of the local example's plug-ins."""

from pathlib import Path

from tools.package import zip_folder
from tools.paths import EXAMPLE


def build_plugins(target: Path) -> Path:
    """Write one zip for each folder in ``examples/local/functions``.

    Parameters
    ----------
    target : Path
        The folder for the zips; a zip is called after its plug-in.

    Returns
    -------
    Path
        `target`, as the example's ``packages_folder``.
    """
    for folder in sorted((EXAMPLE / "functions").iterdir()):
        if folder.is_dir():
            zip_folder(folder, target / f"{folder.name}.zip")
    return target.resolve()
