"""A folder is a mirror only if it has a provider for this machine and in a version that the module accepts."""

import platform
from pathlib import Path

import pytest

from tools import mirror


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("5.100.0/linux_amd64", True),
        ("6.2.1/linux_amd64", True),
        ("5.99.9/linux_amd64", False),
        ("5.100.0/darwin_arm64", False),
        ("5.101.0-beta1/linux_amd64", False),
        ("not a version/linux_amd64", False),
    ],
)
def test_an_unpacked_provider_must_fit_version_and_machine(tmp_path: Path, path: str, holds: bool) -> None:
    (tmp_path / mirror.PROVIDER / path).mkdir(parents=True)

    assert mirror.holds_provider(tmp_path) is holds


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("terraform-provider-aws_5.100.0_linux_amd64.zip", True),
        ("terraform-provider-aws_5.100.0_linux_arm64.zip", False),
        ("terraform-provider-aws_5.9.0_linux_amd64.zip", False),
    ],
)
def test_a_packed_provider_must_fit_version_and_machine(tmp_path: Path, name: str, holds: bool) -> None:
    (tmp_path / mirror.PROVIDER).mkdir(parents=True)
    (tmp_path / mirror.PROVIDER / name).touch()

    assert mirror.holds_provider(tmp_path) is holds


def test_a_mirror_is_found_two_levels_below_a_folder_for_add_ons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_ADD_ONS", (str(tmp_path / "opt"),))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "none"))
    assert mirror.find_mirror() is None

    (tmp_path / "opt" / "terraform" / "mirror" / mirror.PROVIDER / "5.100.0" / "linux_amd64").mkdir(parents=True)

    assert mirror.find_mirror() == tmp_path / "opt" / "terraform" / "mirror"
