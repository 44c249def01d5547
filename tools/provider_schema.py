"""Check the Terraform code against the schema of a later AWS provider: ``python -m tools.provider_schema``.

The provider itself is not needed: a Python package generated from it lists every resource with its arguments and
blocks. The schema lists what exists, but not what is deprecated.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hcl2

from tools.paths import ROOT

PACKAGE = "cdktf_cdktf_provider_aws"
META_ARGUMENTS = {"count", "for_each", "depends_on", "lifecycle", "provider", "provisioner", "connection"}
_FOLDERS = (".", "modules/*", "examples/complete", "examples/organisation", "examples/plugins/*", "examples/production")

Arguments = Mapping[str, str | None]
"""Names of a block's arguments; for an inner block its class, for anything else None."""


def unknown(code: Mapping[str, Any], schema: Path) -> Iterator[str]:
    """Describe each resource, data source, block and argument that the provider does not have.

    Parameters
    ----------
    code
        One file as python-hcl2 parses it.
    schema
        Folder of the generated package.
    """
    for kind in ("resource", "data"):
        for block in code.get(kind, []):
            for quoted, named in block.items():
                resource = quoted.strip('"')
                module = f"data_{resource}" if kind == "data" else resource.removeprefix("aws_")
                classes = _classes(schema / module / "__init__.py")
                if not classes:
                    yield f"{kind} {resource} does not exist"
                    continue
                for name, body in named.items():
                    label = name.strip('"')
                    yield from _unknown_in(f"{kind} {resource}.{label}", body, classes, _root(classes))


def _unknown_in(where: str, body: Any, classes: Mapping[str, Arguments], name: str) -> Iterator[str]:
    arguments = classes[name]
    for key, value in body.items():
        if key in META_ARGUMENTS or key.startswith("__"):
            continue
        if key == "dynamic":
            for each in value:
                for inner, content in each.items():
                    for part in content.get("content", []):
                        yield from _unknown_in(where, {inner.strip('"'): [part]}, classes, name)
            continue
        if key not in arguments:
            yield f"{where}: {key} does not exist"
            continue
        inner_class = arguments[key]
        if inner_class in classes and isinstance(value, list):
            for part in value:
                if isinstance(part, dict):
                    yield from _unknown_in(f"{where}.{key}", part, classes, str(inner_class))


@cache
def _classes(path: Path) -> dict[str, Arguments]:
    """Read the classes of one resource, with the arguments of their constructors."""
    if not path.is_file():
        return {}
    found: dict[str, Arguments] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and member.name == "__init__":
                    arguments = member.args.kwonlyargs
                    found[node.name] = {each.arg.rstrip("_"): _block_class(each.annotation) for each in arguments}
    return found


def _root(classes: Mapping[str, Arguments]) -> str:
    return next(name for name in classes if name.endswith("Config") and name.removesuffix("Config") in classes)


def _block_class(annotation: ast.expr | None) -> str | None:
    """Return the class of an inner block, which an annotation names in quotes."""
    text = ast.unparse(annotation) if annotation else ""
    named = re.search(r"'([A-Z]\w+)'", text)
    return named[1] if named else None


def main() -> int:
    """Check all Terraform code of the repository."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        print(f"{PACKAGE} is not installed: run 'make provider'.", file=sys.stderr)
        return 2
    schema = Path(package.submodule_search_locations[0])
    problems = [
        f"{path.relative_to(ROOT)}: {problem}"
        for folder in _FOLDERS
        for path in sorted(ROOT.glob(f"{folder}/*.tf"))
        for problem in unknown(hcl2.loads(path.read_text(encoding="utf-8")), schema)
    ]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
