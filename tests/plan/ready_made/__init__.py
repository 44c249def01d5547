"""Cases of the ready-made plug-ins' modules: one file for each module, with its name."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
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


def refused_members(role_arns: Sequence[str]) -> tuple[Refused, ...]:
    """List the invalid member accounts of a module with `member_role_name`, which replaces these `role_arns`."""
    named = {"member_role_name": "reader", "external_id": "secops"}
    return (
        *(
            Refused({**named, "accounts": accounts}, "accounts must contain at most 50 different account ids")
            for accounts in (["4444"], ["444455556666"] * 2, [f"{number:012d}" for number in range(51)])
        ),
        Refused({"accounts": ["444455556666"]}, "accounts requires member_role_name", while_planning=True),
        *(
            Refused({**named, "member_role_name": name}, "member_role_name must be null or have 1 to 64 letters")
            for name in ("", "*", "path/reader", "r" * 65)
        ),
        Refused({"member_role_name": "reader"}, "external_id is required with member_role_name", while_planning=True),
        Refused(
            {**named, "role_arns": list(role_arns)},
            "role_arns must be empty with member_role_name",
            while_planning=True,
        ),
        *(
            Refused({**named, "organizational_units": units}, "organizational_units must contain at most 50 paths")
            for units in (["Root/"], ["/Root"], [""], ["Root"] * 51, ["x" * 701])
        ),
        *(
            Refused({**named, "organizational_units": [id_]}, "organizational_units must contain paths of names")
            for id_ in ("ou-abcd-12345678", "r-abcd")
        ),
        Refused(
            {"organizational_units": ["Root"]}, "organizational_units requires member_role_name", while_planning=True
        ),
    )


def all_modules() -> dict[str, ReadyMade]:
    """Collect the cases of this folder by module."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    made = [importlib.import_module(f"{__name__}.{name}").MODULE for name in names]
    return {each.module: each for each in made}
