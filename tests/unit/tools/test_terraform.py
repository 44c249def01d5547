"""Terraform runs with the project's settings, not the user's."""

import os
from pathlib import Path

import pytest

from tools import terraform
from tools.errors import ToolError


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("TF_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(terraform, "find_mirror", lambda: None)


def test_without_a_mirror_the_registry_and_a_cache_are_used(tmp_path: Path) -> None:
    found = terraform.environment(tmp_path / "build")

    assert "TF_CLI_CONFIG_FILE" not in found
    assert Path(found["TF_PLUGIN_CACHE_DIR"]).is_dir()


def test_a_found_mirror_is_used_only_for_the_aws_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terraform, "find_mirror", lambda: tmp_path / "a mirror")

    written = Path(terraform.environment(tmp_path / "build")["TF_CLI_CONFIG_FILE"]).read_text()

    assert f'path    = "{tmp_path}/a mirror"' in written
    assert 'exclude = ["registry.terraform.io/hashicorp/aws"]' in written


def test_the_mirror_in_tf_plugin_mirror_has_precedence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "named").mkdir()
    (tmp_path / "user.rc").touch()
    monkeypatch.setenv("TF_PLUGIN_MIRROR", str(tmp_path / "named"))
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "user.rc"))

    written = Path(terraform.environment(tmp_path / "build")["TF_CLI_CONFIG_FILE"])

    assert str(tmp_path / "named") in written.read_text()


def test_a_missing_mirror_in_tf_plugin_mirror_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_PLUGIN_MIRROR", str(tmp_path / "none"))

    with pytest.raises(ToolError, match="TF_PLUGIN_MIRROR must be a folder"):
        terraform.environment(tmp_path / "build")


def test_an_existing_configuration_of_the_user_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "user.rc").touch()
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "user.rc"))
    monkeypatch.setattr(terraform, "find_mirror", lambda: tmp_path)

    assert terraform.environment(tmp_path / "build")["TF_CLI_CONFIG_FILE"] == str(tmp_path / "user.rc")


def test_a_configuration_in_the_home_folder_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".terraformrc").touch()
    monkeypatch.setattr(terraform, "find_mirror", lambda: tmp_path)

    assert "TF_CLI_CONFIG_FILE" not in terraform.environment(tmp_path / "build")


def test_a_configuration_that_does_not_exist_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(tmp_path / "none.rc"))

    assert "TF_CLI_CONFIG_FILE" not in terraform.environment(tmp_path / "build")


def test_other_variables_of_the_user_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TF_VAR_name", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_LOG", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "x")

    found = terraform.environment(tmp_path / "build")

    assert not {"TF_VAR_name", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_LOG", "AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(found)
    assert found["AWS_ACCESS_KEY_ID"] == "test"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'Terraform v1.8.5'", "needs Terraform 1.9"),
        ("echo broken >&2; exit 1", "broken"),
    ],
)
def test_an_old_or_broken_terraform_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    program = tmp_path / "terraform"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("TF_BINARY", str(program))

    with pytest.raises(ToolError, match=message):
        terraform.binary()


def test_a_missing_terraform_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolError, match="was not found"):
        terraform.binary()
