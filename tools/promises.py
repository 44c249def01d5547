"""Read docs/promises.toml: the project's promises and the tests that check them."""

import tomllib

from pydantic import BaseModel, ConfigDict

from tools.paths import ROOT

FILE = ROOT / "docs" / "promises.toml"


class Promise(BaseModel):
    """One promise.

    Attributes
    ----------
    claim, how : str
        The promise, and how it is checked, in whole sentences.
    tests : tuple
        Files and folders of its tests.
    benchmark : bool
        Whether it has measured figures, from `python -m benchmarks`, `make mutation` or `make coverage`.
    notes : tuple
        Remarks on the figures.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    section: str
    claim: str
    how: str
    tests: tuple[str, ...] = ()
    benchmark: bool = False
    notes: tuple[str, ...] = ()


def read_promises() -> list[Promise]:
    """Read the promises in order."""
    return [Promise.model_validate(entry) for entry in tomllib.loads(FILE.read_text("utf-8"))["promise"]]
