"""What a replay has left is shown, harmlessly, and told by the exit code."""

from collections.abc import Sequence

import pytest

from alert_responder_cli.replaying import PREFIXES, Replay
from tools import local
from tools.account import Account
from tools.installation import Installation


@pytest.mark.parametrize(
    ("done", "code"),
    [
        (Replay(objects=2, taken=3), 0),
        (Replay(objects=2, taken=2, failing={"shardId-0:1": "the receptor gave it back"}), 1),
        (Replay(objects=2, taken=2, still_rejected={"rejected/a": ("it is no JSON",)}), 1),
        (Replay(objects=2, taken=2, unreadable={"rejected/\x1b[2J": "data: it is no base64"}), 1),
    ],
)
def test_what_is_left_is_said(
    done: Replay, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Sequence[str]] = []

    def replay_archive(_: Installation, prefixes: Sequence[str]) -> Replay:
        asked.append(prefixes)
        return done

    monkeypatch.setattr(local, "_running", lambda: Installation(Account("", ""), "n", "s", "t", "a", "e", "w"))
    monkeypatch.setattr(local, "replay_archive", replay_archive)
    assert local.main(["replay"]) == code
    assert local.main(["replay", "rejected/2026"]) == code
    assert [list(prefixes) for prefixes in asked] == [list(PREFIXES), ["rejected/2026"]]
    shown = capsys.readouterr().out
    assert f"The receptor took {done.taken} records of {done.objects} objects." in shown
    for what, why in (done.failing | done.unreadable).items():
        assert what.replace("\x1b", "\\x1b") in shown
        assert why in shown
    assert ("Still rejected: 1 record: it is no JSON" in shown) == bool(done.still_rejected)
    assert "\x1b[2J" not in shown
