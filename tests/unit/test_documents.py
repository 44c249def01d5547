"""The module's public address is defined once; links, and paths in tables, lead to something that exists."""

import re
from pathlib import Path

import pytest

from tests.documents import (
    ADDRESS,
    PAGES,
    addressed,
    anchors,
    links,
    module_of,
    newest_release,
    public_source,
    with_local_sources,
)
from tools.paths import ROOT

_NAMED = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|\w+\.(?:py|tf|md))`(?:, `(\w+)`)?")
"""A path, perhaps followed by something that is defined there."""

ELSEWHERE = ("aws/", "counted/", "plugin/", "rejected/", "reports/", "snapshots/")
"""What keys of the archive and of the table begin with."""

PLUGINS = ROOT / "lambda" / "alert_responder_plugins"
BASES = (ROOT, ROOT / "lambda" / "alert_responder", PLUGINS / "athena", PLUGINS / "logs", PLUGINS / "quarantine")

BLOCK = """
module "slack" {
  source = "github.com/one/old//modules/slack"
}
"""


def test_address_and_release_are_written_into_a_document() -> None:
    text = f"    pip install git+https://github.com/one/old\n{BLOCK}\nSee https://github.com/one/old/issues/1."

    released = addressed(text, "github.com/two/new", "1.2.3")

    assert 'source = "github.com/two/new//modules/slack?ref=v1.2.3"' in released
    assert "pip install git+https://github.com/two/new@v1.2.3\n" in released
    assert "https://github.com/one/old/issues/1" in released, "other links must not change"
    assert addressed(released, "github.com/two/new", "1.2.3") == released
    assert addressed(released, "github.com/one/old", None) == text


@pytest.mark.parametrize(
    ("changelog", "release"),
    [
        ("# Changelog\n\n## Unreleased\n\n### Added\n", None),
        ("## Unreleased\n\n## 2.0.1 - 2027-01-31\n\n## 1.9.0\n", "2.0.1"),
        ("## [1.0.0] - 2027-01-31\n", "1.0.0"),
    ],
)
def test_blocks_are_pinned_to_the_newest_release_if_there_is_one(changelog: str, release: str | None) -> None:
    assert newest_release(changelog) == release


@pytest.mark.parametrize("module", ["", "modules/slack", "modules/eventbridge-source"])
def test_a_public_source_names_its_module(module: str) -> None:
    assert module_of(public_source(module)) == module


@pytest.mark.parametrize(
    "source",
    ["../..", "./modules/slack", "github.com/one/other", f"{ADDRESS}/modules/slack", f"git::https://{ADDRESS}"],
)
def test_a_source_that_is_not_public_is_an_error(source: str) -> None:
    with pytest.raises(ValueError, match="public address"):
        module_of(source)


def test_local_folders_replace_public_sources() -> None:
    block = (
        f'source  = "hashicorp/aws"\nsource = "{public_source("")}"\n  source = "{public_source("modules/slack")}"\n'
    )

    assert with_local_sources(block, "../..") == (
        'source  = "hashicorp/aws"\nsource = "../.."\n  source = "../../modules/slack"\n'
    )


def test_alarms_link_to_the_runbooks_at_this_address() -> None:
    (link,) = re.findall(r'"(https://[^"]+operations\.md)"', (ROOT / "alarms.tf").read_text(encoding="utf-8"))

    assert link == f"https://{ADDRESS}/blob/main/docs/operations.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    missing = []
    for link in links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)

    assert missing == []


@pytest.mark.parametrize("name", ["architecture.md", "glossary.md"])
def test_paths_in_tables_exist(name: str) -> None:
    rows = [line for line in (ROOT / "docs" / name).read_text("utf-8").splitlines() if line.startswith("| ")]
    named = [found for row in rows for found in _NAMED.findall(row) if not found[0].startswith(ELSEWHERE)]
    files = {path: [base / path for base in BASES if (base / path).exists()] for path, _ in named}

    assert len(named) > 50
    assert [path for path in files if not files[path]] == [], "Correct these paths in the document."
    assert [
        f"{path}, {symbol}"
        for path, symbol in named
        if symbol and not any(symbol in file.read_text("utf-8") for file in files[path])
    ] == [], "Correct these names in the document."
