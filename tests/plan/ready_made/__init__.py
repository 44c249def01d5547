"""What each ready-made plug-in's module is planned with: one file a module, called after it."""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refused:
    """Variables that are refused, and a part of what is said.

    Attributes
    ----------
    while_planning
        Whether Terraform sees it later than what is wrong by itself: where a rule looks at another variable too.
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
        ``inspector`` or ``emitter``: what it attaches.
    required
        Variables without a default, ``alert_responder`` left out.
    variants
        Further cases: what is set beside, by name.
    refused
        One case at least for each validation and precondition of the module's own.
    everywhere
        Actions that AWS takes for all resources only, of those its role has.
    """

    module: str
    kind: str
    required: Mapping[str, Any] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    everywhere: frozenset[str] = frozenset()


def all_modules() -> dict[str, ReadyMade]:
    """Give what the files of this folder say, by module."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    made = [importlib.import_module(f"{__name__}.{name}").MODULE for name in names]
    return {each.module: each for each in made}
