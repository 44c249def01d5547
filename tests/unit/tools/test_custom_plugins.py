"""What `make up INSPECTOR=...` names is read, remembered and packed; a mistake is a sentence that says what to do."""

import zipfile
from pathlib import Path

import pytest

from tools.custom_plugins import CustomPlugin, Kind, changed, described, given, load, save, variables
from tools.errors import ToolError


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with some plug-ins in it."""
    for path in ("whois.py", "geo_ip.js", "a.b.py", "Ä.py", "reputation.py", "whois.rb", "plug ins/look.mjs"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(f"# {path}", encoding="utf-8")
    (tmp_path / "lookup").mkdir()
    for name in ("main.mjs", "table.json", ".secret"):
        (tmp_path / "lookup" / name).write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plugin(name: str, kind: Kind = "inspector", path: str = "/whois.py") -> CustomPlugin:
    return CustomPlugin(kind, name, path, "whois", "handler")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("whois.py", [("whois", "whois.py", "whois.handler", "python3.12")]),
        ("whois.py:lookup", [("whois", "whois.py", "whois.lookup", "python3.12")]),
        ("geo_ip.js", [("geo-ip", "geo_ip.js", "geo_ip.handler", "nodejs22.x")]),
        ("mine=whois.py:look_up", [("mine", "whois.py", "whois.look_up", "python3.12")]),
        ("lookup/:main.handler", [("lookup", "lookup", "main.handler", "nodejs22.x")]),
        ("'plug ins/look.mjs'", [("look", "plug ins/look.mjs", "look.handler", "nodejs22.x")]),
        (
            "whois.py geo=geo_ip.js",
            [
                ("whois", "whois.py", "whois.handler", "python3.12"),
                ("geo", "geo_ip.js", "geo_ip.handler", "nodejs22.x"),
            ],
        ),
        ("  ", []),
    ],
)
def test_a_plug_in_is_a_file_or_a_folder_with_name_and_function_where_they_differ(
    text: str, read: list[tuple[str, str, str, str]], here: Path
) -> None:
    found = given("inspector", text)

    assert [(one.name, one.path, f"{one.module}.{one.function}", one.runtime) for one in found] == [
        (name, str(here / path), handler, runtime) for name, path, handler, runtime in read
    ]


def test_a_path_may_start_in_the_home_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))

    assert [one.path for one in given("emitter", "~/whois.py")] == [str(here / "whois.py")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nowhere.py", r"There is no file or folder .*/nowhere\.py: give a path that starts in /"),
        ("nowhere.py:handler", r"There is no file or folder .*/nowhere\.py"),
        ("whois.rb", r"whois\.rb is neither Python \(\.py\) nor Node\.js \(\.js, \.mjs\)"),
        ("lookup", r"lookup is a folder: name the function as well, as in INSPECTOR=lookup:file\.handler"),
        ("lookup:handler", "is a folder: name the function as well"),
        ("lookup:other.handler", r"has none of these files: other\.py, other\.js, other\.mjs"),
        ("x=a.b.py", r"a\.b\.py:handler cannot be a handler on Lambda"),
        ("whois.py:whois.handler", "cannot be a handler on Lambda"),
        ("Ä.py", "cannot be a handler on Lambda"),
        ("Who_Is=whois.py", "'Who_Is' cannot be the name of an inspector.*as in INSPECTOR=my-name=whois.py"),
        (f"{'a' * 41}=whois.py", "1 to 40 lower-case letters"),
        ("reputation.py", "has a plug-in named reputation: name yours, as in INSPECTOR=my-name=reputation.py"),
        ("'whois.py", "INSPECTOR cannot be read: No closing quotation"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_mistake_is_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        given("inspector", text)


@pytest.mark.usefixtures("here")
def test_the_types_hold_for_the_inspectors_that_are_given_with_them() -> None:
    assert [one.types for one in given("inspector", "whois.py geo_ip.js", "ipaddr, domain")] == [
        ("domain", "ipaddr"),
        ("domain", "ipaddr"),
    ]
    assert given("inspector", "whois.py", " ")[0].types == ()


@pytest.mark.usefixtures("here")
def test_the_reviewer_takes_the_example_s_place_under_a_name_of_its_own() -> None:
    assert [one.name for one in given("reviewer", "whois.py")] == ["reviewer"]
    with pytest.raises(ToolError, match="two plug-ins named reviewer"):
        changed([], given("reviewer", "whois.py geo_ip.js"), "")


def test_what_is_attached_stays_until_it_is_replaced_or_detached() -> None:
    whois, geo, newer = plugin("whois"), plugin("geo"), plugin("whois", path="/new/whois.py")

    assert changed([whois, geo], [], "") == [geo, whois]
    assert changed([whois, geo], [newer], "") == [geo, newer]
    assert changed([whois, geo], [], "whois, geo") == []
    assert changed([whois], [newer], "whois") == [newer]
    with pytest.raises(ToolError, match=r"DETACH names whoi, which is not attached: whois, geo are\."):
        changed([whois, geo], [], "whoi")
    with pytest.raises(ToolError, match=r"DETACH names whois, which is not attached: no custom plug-in is\."):
        changed([], [], "whois")


def test_two_kinds_do_not_share_a_name() -> None:
    with pytest.raises(ToolError, match=r"two plug-ins named whois: name one of them, as in EMITTER=my-name=whois.py"):
        changed([plugin("whois")], [plugin("whois", "emitter")], "")


def test_they_are_remembered(tmp_path: Path) -> None:
    plugins = [plugin("whois"), CustomPlugin("emitter", "chat", "/chat", "main", "notify", ("ipaddr",))]
    assert load(tmp_path / "custom.json") == []

    save(tmp_path / "custom.json", plugins)

    assert load(tmp_path / "custom.json") == plugins
    assert described(plugins) == ["inspector whois, from /whois.py", "emitter chat, from /chat"]


def test_one_whose_file_is_gone_says_how_to_go_on() -> None:
    with pytest.raises(
        ToolError, match=r"no file or folder /gone/whois\.py for the inspector whois.*make up DETACH=whois"
    ):
        variables([plugin("whois", path="/gone/whois.py")])


def packed(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_file_is_packed_alone_and_a_folder_whole(here: Path) -> None:
    for one in given("inspector", "whois.py lookup:main.handler"):
        one.write_zip(here / "zips")

    assert packed(here / "zips" / "whois.zip") == {"whois.py": b"# whois.py"}
    assert sorted(packed(here / "zips" / "lookup.zip")) == ["main.mjs", "table.json"]


def test_a_folder_that_lambda_does_not_take_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "lookup" / "table.json").write_bytes(b"x" * 2048)
    monkeypatch.setattr("tools.custom_plugins.MAX_BYTES", 2000)

    with pytest.raises(ToolError, match="Lambda takes 250 MB"):
        given("inspector", "lookup:main.handler")[0].write_zip(here / "zips")


def test_terraform_gets_what_attaches_them_and_their_settings(here: Path) -> None:
    (here / "whois.env").write_text(
        "# the service\nexport TOPIC='a=b'\n\nURL = https://example.com/?q=1#top\nEMPTY=\n", encoding="utf-8"
    )
    plugins = [*given("inspector", "whois.py", "ipaddr"), *given("reviewer", "geo_ip.js:decide")]

    assert variables(plugins) == {
        "custom_plugins": {
            "whois": {
                "attribute_types": ["ipaddr"],
                "handler": "whois.handler",
                "kind": "inspector",
                "runtime": "python3.12",
            },
            "reviewer": {
                "attribute_types": [],
                "handler": "geo_ip.decide",
                "kind": "reviewer",
                "runtime": "nodejs22.x",
            },
        },
        "custom_settings": {
            "whois": {"TOPIC": "a=b", "URL": "https://example.com/?q=1#top", "EMPTY": ""},
            "reviewer": {},
        },
    }


@pytest.mark.parametrize("line", ["API KEY=1", "=1", "1KEY=1", "TOPIC", "A-B=1"])
def test_a_setting_that_cannot_be_read_is_named_by_its_line_and_not_shown(line: str, here: Path) -> None:
    (here / "whois.env").write_text(f"GOOD=1\n{line}\n", encoding="utf-8")

    with pytest.raises(ToolError, match=r"whois\.env, line 2: write NAME=value") as raised:
        given("inspector", "whois.py")[0].settings()
    assert line not in str(raised.value)
