"""The documents, their blocks of Terraform, and the module's public address.

The address is in `pyproject.toml`; blocks are pinned to the newest version in `CHANGELOG.md`. `addressed` writes both
into the documents.
"""

import re
import tomllib
from pathlib import Path

from tools.paths import ROOT

DOCUMENTS = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/*.md")),
    *sorted(ROOT.glob("modules/*/README.md")),
    *sorted(ROOT.glob("examples/**/README.md")),
]

PAGES = [
    *DOCUMENTS,
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(ROOT.glob("docs/decisions/*.md")),
]
"""All Markdown files; blocks of Terraform are in `DOCUMENTS` alone."""

CONFIGURATIONS = [
    *(ROOT / "examples" / name / "main.tf" for name in ("complete", "organisation", "production")),
    *sorted(ROOT.glob("examples/plugins/*/main.tf")),
]
"""Examples that are copied into a user's repository; like blocks, they name the module by its public address."""

ROLE_CHARACTERS = 10_240
PLUG_INS_OF_A_ROLE = 35
"""The limit for all inline policies of a role, and the number of plug-ins that the documents promise."""

_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```hcl\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SOURCE = re.compile(r'^(?P<begin>\s*source\s*=\s*)"(?P<source>[^"]*)"', re.MULTILINE)
_PUBLIC = re.compile(r'"github\.com/[\w.-]+/[\w.-]+(?://(?P<module>[\w/-]+))?(?:\?ref=[^"]*)?"')
_INSTALLED = re.compile(r"git\+https://[^\s`@]+(?:@\S+)?")
_RELEASE = re.compile(r"^## \[?v?(\d+\.\d+\.\d+)", re.MULTILINE)


def repository() -> str:
    """Read the repository's address from the package's metadata, without its scheme."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(metadata["project"]["urls"]["Repository"]).removeprefix("https://")


def newest_release(changelog: str) -> str | None:
    """Return the newest version in the changelog, or None if there is no release."""
    found = _RELEASE.search(changelog)
    return found[1] if found else None


ADDRESS = repository()
RELEASE = newest_release((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))


def public_source(module: str, address: str = ADDRESS, release: str | None = RELEASE) -> str:
    """Return the public source of a module such as ``modules/slack``; "" is the root module."""
    return f"{address}{module and f'//{module}'}{f'?ref=v{release}' if release else ''}"


def addressed(text: str, address: str = ADDRESS, release: str | None = RELEASE) -> str:
    """Replace the module's address in a document, pinned to a release if there is one."""
    text = _PUBLIC.sub(lambda found: f'"{public_source(found["module"] or "", address, release)}"', text)
    return _INSTALLED.sub(f"git+https://{address}{f'@v{release}' if release else ''}", text)


def links(path: Path) -> list[str]:
    """List the relative links of a document, images included."""
    found = _LINK.findall(_FENCE.sub("", path.read_text(encoding="utf-8")))
    return [link for link in found if not link.startswith(("https:", "http:", "mailto:"))]


def anchors(path: Path) -> set[str]:
    """List the anchors that GitHub gives the headings of a document."""
    headings = _HEADING.findall(_FENCE.sub("", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(path: Path) -> list[str]:
    """Read the blocks of Terraform in a document, in order."""
    return _BLOCK.findall(path.read_text(encoding="utf-8"))


def sources(block: str) -> list[str]:
    """List the sources in a block, without those of providers."""
    found = [match["source"] for match in _SOURCE.finditer(block)]
    return [source for source in found if not source.startswith("hashicorp/")]


def module_of(source: str) -> str:
    """Return the module of a public source; the inverse of `public_source`.

    Raises
    ------
    ValueError
        The source is not public: users could not copy its block.
    """
    found = _PUBLIC.fullmatch(f'"{source}"')
    module = found["module"] or "" if found else ""
    if source != public_source(module):
        raise ValueError(f"{source} must begin with the module's public address, as in {public_source(module)}.")
    return module


def with_local_sources(block: str, root: str) -> str:
    """Replace public addresses by folders below `root`."""

    def local(found: re.Match[str]) -> str:
        source = found["source"]
        if source.startswith("hashicorp/"):
            return found[0]
        folder = module_of(source)
        return f'{found["begin"]}"{root}/{folder}"' if folder else f'{found["begin"]}"{root}"'

    return _SOURCE.sub(local, block)
