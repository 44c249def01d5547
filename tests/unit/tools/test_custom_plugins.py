"""Custom plug-ins of `make up` are parsed, remembered and packed; an error names the fault and the fix."""

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
    ("text", "expected"),
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
def test_a_plug_in_is_a_file_or_folder_with_an_optional_name_and_function(
    text: str, expected: list[tuple[str, str, str, str]], here: Path
) -> None:
    found = given("inspector", text)

    assert [(one.name, one.path, f"{one.module}.{one.function}", one.runtime) for one in found] == [
        (name, str(here / path), handler, runtime) for name, path, handler, runtime in expected
    ]


def test_a_path_may_start_in_the_home_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here))

    assert [one.path for one in given("emitter", "~/whois.py")] == [str(here / "whois.py")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nowhere.py", r"File or folder .*/nowhere\.py not found; paths are relative to /"),
        ("nowhere.py:handler", r"File or folder .*/nowhere\.py not found"),
        ("whois.rb", r"whois\.rb must be Python \(\.py\) or Node\.js \(\.js, \.mjs\)"),
        ("lookup", r"lookup is a folder: add the function, as in INSPECTOR=lookup:file\.handler"),
        ("lookup:handler", "is a folder: add the function"),
        ("lookup:other.handler", r"must contain one of these files: other\.py, other\.js, other\.mjs"),
        ("x=a.b.py", r"a\.b\.py:handler is not a valid Lambda handler"),
        ("whois.py:whois.handler", "is not a valid Lambda handler"),
        ("Ä.py", "is not a valid Lambda handler"),
        ("Who_Is=whois.py", "'Who_Is' is invalid: .*as in INSPECTOR=my-name=whois.py"),
        (f"{'a' * 41}=whois.py", "1 to 40 lower-case letters"),
        ("reputation.py", "reputation is taken by a plug-in of the local run: use INSPECTOR=my-name=reputation.py"),
        ("'whois.py", "INSPECTOR cannot be parsed: No closing quotation"),
    ],
)
@pytest.mark.usefixtures("here")
def test_an_invalid_plug_in_raises_an_error_that_names_the_fix(text: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        given("inspector", text)


@pytest.mark.usefixtures("here")
def test_types_apply_to_the_inspectors_of_the_same_command() -> None:
    assert [one.types for one in given("inspector", "whois.py geo_ip.js", "ipaddr, domain")] == [
        ("domain", "ipaddr"),
        ("domain", "ipaddr"),
    ]
    assert given("inspector", "whois.py", " ")[0].types == ()


@pytest.mark.usefixtures("here")
def test_the_batch_size_applies_to_the_inspectors_of_the_same_command(tmp_path: Path) -> None:
    assert [one.batch_size for one in given("inspector", "whois.py geo_ip.js", "", "50")] == [50, 50]
    assert given("inspector", "whois.py", "", " ")[0].batch_size == 1
    for size in ("0", "101", "-1", "x", "1.5", "٣"):
        with pytest.raises(ToolError, match="BATCH_SIZE must be a whole number from 1 to 100, got"):
            given("inspector", "whois.py", "", size)
    save(tmp_path / "plugins.json", given("inspector", "whois.py", "", "50"))
    assert [one.batch_size for one in load(tmp_path / "plugins.json")] == [50]


@pytest.mark.usefixtures("here")
def test_the_custom_reviewer_has_a_fixed_name() -> None:
    assert [one.name for one in given("reviewer", "whois.py")] == ["reviewer"]
    with pytest.raises(ToolError, match="Two plug-ins are named reviewer"):
        changed([], given("reviewer", "whois.py geo_ip.js"), "")


def test_a_plug_in_stays_attached_until_it_is_replaced_or_detached() -> None:
    whois, geo, newer = plugin("whois"), plugin("geo"), plugin("whois", path="/new/whois.py")

    assert changed([whois, geo], [], "") == [geo, whois]
    assert changed([whois, geo], [newer], "") == [geo, newer]
    assert changed([whois, geo], [], "whois, geo") == []
    assert changed([whois], [newer], "whois") == [newer]
    with pytest.raises(ToolError, match=r"DETACH=whoi: no such custom plug-in; attached are: whois, geo\."):
        changed([whois, geo], [], "whoi")
    with pytest.raises(ToolError, match=r"DETACH=whois: no such custom plug-in; attached are: none\."):
        changed([], [], "whois")


def test_plug_ins_of_two_kinds_must_have_different_names() -> None:
    with pytest.raises(ToolError, match=r"Two plug-ins are named whois: rename one, as in EMITTER=my-name=whois.py"):
        changed([plugin("whois")], [plugin("whois", "emitter")], "")


def test_plug_ins_are_stored_and_loaded(tmp_path: Path) -> None:
    plugins = [plugin("whois"), CustomPlugin("emitter", "chat", "/chat", "main", "notify", ("ipaddr",))]
    assert load(tmp_path / "custom.json") == []

    save(tmp_path / "custom.json", plugins)

    assert load(tmp_path / "custom.json") == plugins
    assert described(plugins) == ["inspector whois, from /whois.py", "emitter chat, from /chat"]


def test_the_error_for_a_deleted_file_names_the_command_to_detach_it() -> None:
    with pytest.raises(ToolError, match=r"/gone/whois\.py of the inspector whois not found.*make up DETACH=whois"):
        variables([plugin("whois", path="/gone/whois.py")])


def packed(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_file_is_packed_alone_and_a_folder_with_its_visible_files(here: Path) -> None:
    for one in given("inspector", "whois.py lookup:main.handler"):
        one.write_zip(here / "zips")

    assert packed(here / "zips" / "whois.zip") == {"whois.py": b"# whois.py"}
    assert sorted(packed(here / "zips" / "lookup.zip")) == ["main.mjs", "table.json"]


def test_a_folder_too_large_for_lambda_is_refused(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "lookup" / "table.json").write_bytes(b"x" * 2048)
    monkeypatch.setattr("tools.custom_plugins.MAX_BYTES", 2000)

    with pytest.raises(ToolError, match="Lambda accepts at most 250 MB"):
        given("inspector", "lookup:main.handler")[0].write_zip(here / "zips")


def test_variables_attach_plug_ins_with_their_settings(here: Path) -> None:
    (here / "whois.env").write_text(
        "# the service\nexport TOPIC='a=b'\n\nURL = https://example.com/?q=1#top\nEMPTY=\n", encoding="utf-8"
    )
    plugins = [*given("inspector", "whois.py", "ipaddr", "50"), *given("reviewer", "geo_ip.js:decide")]

    assert variables(plugins) == {
        "custom_plugins": {
            "whois": {
                "attribute_types": ["ipaddr"],
                "batch_size": 50,
                "handler": "whois.handler",
                "kind": "inspector",
                "runtime": "python3.12",
            },
            "reviewer": {
                "attribute_types": [],
                "batch_size": 1,
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
def test_the_error_for_an_invalid_setting_names_the_line_without_its_content(line: str, here: Path) -> None:
    (here / "whois.env").write_text(f"GOOD=1\n{line}\n", encoding="utf-8")

    with pytest.raises(ToolError, match=r"whois\.env, line 2 must be NAME=value") as raised:
        given("inspector", "whois.py")[0].settings()
    assert line not in str(raised.value)
