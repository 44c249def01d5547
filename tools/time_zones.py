"""Write the time zones of policies into the package: ``python -m tools.time_zones``.

The data are those of the pinned package tzdata, which `make time-zones` installs into ``build/tzdata``. See
docs/decisions/0093-time-zones.md.
"""

import json
import zlib
from base64 import b32encode
from pathlib import Path

from alert_responder_plugins.policy.time_zones import TIME_ZONES
from tools.paths import ROOT

SOURCE = ROOT / "build" / "tzdata" / "tzdata"
TARGET = ROOT / "lambda" / "alert_responder_plugins" / "policy" / "zone_data.py"
_WIDTH = 110


def module(source: Path) -> str:
    """Return the text of the module: an index by name, and each distinct file once, compressed."""
    about = (source / "__init__.py").read_text(encoding="utf-8")
    iana = next(line.split('"')[1] for line in about.splitlines() if line.startswith("IANA_VERSION"))
    files, places, content = {name: (source / "zoneinfo" / name).read_bytes() for name in TIME_ZONES}, {}, b""
    for data in sorted(set(files.values())):
        places[data] = (len(content), len(content) + len(data))
        content += data
    index = json.dumps({name: places[data] for name, data in sorted(files.items())}, separators=(",", ":")).encode()
    packed = b32encode(zlib.compress(index + b"\n" + content, 9)).decode().lower()
    lines = "\n".join(packed[start : start + _WIDTH] for start in range(0, len(packed), _WIDTH))
    return (
        f'"""The time zones of a policy, written by `make time-zones`: tzdata {iana} of IANA."""\n\n'
        f'VERSION = "{iana}"\n\nPACKED = """\n{lines}\n"""\n'
        '"""JSON of begin and end by name, a line break, and the files; by zlib, in base 32, which has no words."""\n'
    )


if __name__ == "__main__":
    TARGET.write_text(module(SOURCE), encoding="utf-8")
