"""The module's address is in one place, and every document repeats it."""

import re

import pytest

from tests.documents import ADDRESS, addressed, module_of, newest_release, public_source, with_local_sources
from tools.paths import ROOT

BLOCK = """
module "slack" {
  source = "github.com/one/old//modules/slack"
}
"""


def test_the_address_and_the_release_are_written_everywhere() -> None:
    text = f"    pip install git+https://github.com/one/old\n{BLOCK}\nSee https://github.com/one/old/issues/1."

    released = addressed(text, "github.com/two/new", "1.2.3")

    assert 'source = "github.com/two/new//modules/slack?ref=v1.2.3"' in released
    assert "pip install git+https://github.com/two/new@v1.2.3\n" in released
    assert "https://github.com/one/old/issues/1" in released, "another link is left alone"
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
def test_blocks_are_pinned_to_the_newest_release_and_to_none_before_the_first(
    changelog: str, release: str | None
) -> None:
    assert newest_release(changelog) == release


@pytest.mark.parametrize("module", ["", "modules/slack", "modules/eventbridge-source"])
def test_a_public_source_names_its_module(module: str) -> None:
    assert module_of(public_source(module)) == module


@pytest.mark.parametrize(
    "source",
    ["../..", "./modules/slack", "github.com/one/other", f"{ADDRESS}/modules/slack", f"git::https://{ADDRESS}"],
)
def test_another_source_cannot_be_copied(source: str) -> None:
    with pytest.raises(ValueError, match="public address"):
        module_of(source)


def test_local_folders_take_the_place_of_public_sources() -> None:
    block = (
        f'source  = "hashicorp/aws"\nsource = "{public_source("")}"\n  source = "{public_source("modules/slack")}"\n'
    )

    assert with_local_sources(block, "../..") == (
        'source  = "hashicorp/aws"\nsource = "../.."\n  source = "../../modules/slack"\n'
    )


def test_alarms_link_to_the_runbooks_at_this_address() -> None:
    (link,) = re.findall(r'"(https://[^"]+operations\.md)"', (ROOT / "alarms.tf").read_text(encoding="utf-8"))

    assert link == f"https://{ADDRESS}/blob/main/docs/operations.md"
