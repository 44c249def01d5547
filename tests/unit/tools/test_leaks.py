"""The search finds possible secrets, except known false positives."""

from pathlib import Path

import pytest

from tools import leaks


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        # Written in parts, so that the check does not find them here.
        ('key = "AKIA' + 'QWERTYUIOPASDFGH"', "AWS Access Key"),
        ("-----BEGIN " + "RSA PRIVATE KEY-----", "Private Key"),
        ('pass' + 'word = "correct horse"', "Secret Keyword"),
        ("token: ghp_" + "0123456789abcdef" + "ghijABCDEFGHIJ456789", "GitHub Token"),
    ],
)  # fmt: skip
def test_secrets_are_found_and_not_shown(tmp_path: Path, line: str, kind: str) -> None:
    file = tmp_path / "settings.py"
    file.write_text(f"\n{line}\n")

    assert f"{file}:2: {kind}" in leaks.find([file])
    assert all(line not in found for found in leaks.find([file]))


def test_known_values_and_hashes_are_not_secrets(tmp_path: Path) -> None:
    file = tmp_path / "settings.py"
    file.write_text('ID = "AKIAIOSFODNN7EXAMPLE"\nSECRET_KEY = "test"\nsha256 = "' + "0a1b2c3d" * 8 + '"\n')

    assert leaks.find([file]) == []


def test_secrets_in_calls_and_in_files_of_every_kind_are_found(tmp_path: Path) -> None:
    key = "AKIA" + "QWERTYUIOPASDFGH"
    files = [tmp_path / name for name in ("main.tf", "notes.md", "client.py", "nothing.py", "events.json")]
    for file in files:
        file.write_text("{}\n" if file.name == "nothing.py" else f'client = connect("{key}")\n')

    assert leaks.find(files) == sorted(f"{file}:1: AWS Access Key" for file in files if file.name != "nothing.py")
