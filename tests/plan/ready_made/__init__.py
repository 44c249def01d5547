"""Cases of the ready-made plug-ins' modules: one file for each module, with its name."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refused:
    """Rejected variables and a part of the message.

    Attributes
    ----------
    while_planning
        Whether Terraform finds it only during the plan, because the validation depends on another variable.
    """

    variables: Mapping[str, Any]
    message: str
    while_planning: bool = False


@dataclass(frozen=True)
class ReadyMade:
    """A module's cases.

    Attributes
    ----------
    module
        Folder below ``modules/``.
    kind
        ``inspector``, ``reviewer`` or ``emitter``: what it attaches.
    required
        Variables without a default, ``alert_responder`` left out.
    variants
        Further cases: additional variables, by name.
    refused
        At least one case for each validation and precondition of the module.
    everywhere
        Actions of its role that support no resources.
    """

    module: str
    kind: str
    required: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    everywhere: frozenset[str] = frozenset()


def all_modules() -> dict[str, ReadyMade]:
    """Collect the cases of this folder by module."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    made = [importlib.import_module(f"{__name__}.{name}").MODULE for name in names]
    return {each.module: each for each in made}
