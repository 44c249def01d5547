"""Write the time zones of policies into the package: ``python -m tools.time_zones``.

The data are those of the pinned package tzdata, which `make time-zones` installs into ``build/tzdata``. See
docs/decisions/0094-time-zones.md.
"""

import json
import re
import zlib
from pathlib import Path

from tools.paths import ROOT

SOURCE = ROOT / "build" / "tzdata" / "tzdata"
POLICY = ROOT / "lambda" / "alert_responder_plugins" / "policy"
NAMES = ROOT / "modules" / "policy" / "time_zones.txt"
_NAME = re.compile(
    r"(?:(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/.+|(?:Etc/)?UTC)"
)


def packed(source: Path) -> tuple[bytes, list[str]]:
    """Return the file of the policy with each distinct time zone once, and the names; see `policy.time_zones`."""
    version = re.findall(r'IANA_VERSION = "(\w+)"', (source / "__init__.py").read_text(encoding="utf-8"))[0]
    names = sorted(filter(_NAME.fullmatch, (source / "zones").read_text(encoding="utf-8").split()))
    places, content = dict[bytes, tuple[int, int]](), b""
    files = {name: (source / "zoneinfo" / name).read_bytes() for name in names}
    for data in sorted(set(files.values())):
        places[data] = (len(content), len(content) + len(data))
        content += data
    head = {"version": version, "places": {name: places[data] for name, data in files.items()}}
    return zlib.compress(json.dumps(head, separators=(",", ":")).encode() + b"\n" + content, 9), names


if __name__ == "__main__":
    DATA, LISTED = packed(SOURCE)
    (POLICY / "time_zones.bin").write_bytes(DATA)
    NAMES.write_text("".join(f"{name}\n" for name in LISTED), encoding="utf-8")
