"""What is promised and where it is checked: reads docs/promises.toml."""

import tomllib

from pydantic import BaseModel, ConfigDict

from tools.paths import ROOT

FILE = ROOT / "docs" / "promises.toml"


class Promise(BaseModel):
    """One promise.

    Attributes
    ----------
    claim, how : str
        What is promised, and how it is checked, in whole sentences.
    tests : tuple
        Files and folders of its tests.
    benchmark : bool
        Whether something measures it and leaves a figure: see `python -m benchmarks`, `make mutation`, `make coverage`.
    notes : tuple
        What a reader has to know beside the figures.
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
    """Read them, in order."""
    return [Promise.model_validate(entry) for entry in tomllib.loads(FILE.read_text("utf-8"))["promise"]]
