"""Search tracked files for secrets: keys, tokens, passwords, and random strings."""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.settings import default_settings, get_plugins, get_settings

from alert_responder_cli.terminal.counts import count
from tools.paths import ROOT

# Values that look like secrets but are not.
KNOWN = (
    "^test$",  # the emulator's secret key
    "^A[KS]IAIOSFODNN7EXAMPLE$",  # AWS' own example of an access key
    "^A[KS]IA(ALICEALICEALICE1|NEWKEYOFBOB00001|ZZ22YY33XX44WW55)$",  # invented access keys in tests
    "^0123456789ABCDEFGHJKMNPQRSTVWXYZ$",  # the letters of a ULID
    "^AWSLambdaPowertoolsPythonV3-python312-arm64$",  # the name of the public layer
    "^Pw$",  # in a URL that tests canonical forms
    "^arn:aws:(kms|secretsmanager):[a-z0-9-]+:111122223333:[A-Za-z0-9:/-]+$",  # the ARN of a secret or key
    "^LoginProfile$",  # IAM's name for a user's password
    "^(example_api_key|Example API key)$",  # GitHub's name for a kind of secret
    # Secrets of tests and imitations.
    "^(alias/key|arn|github|good-key|key|none|not-the-real-one-1A!|pagerduty|pass|secret|slack|token|virustotal|webhook)$",
    "^xoxb-(imitation|old)$",
    "^(a secret of the webhook|another secret of it|of-webhook|[Xx]-[Aa]pi-[Kk]ey)$",
)

# Alerts contain hashes of files, and requirements contain hashes of packages.
HASHES = "HexHighEntropyString"
# Never reports anything: another rule of detect-secrets drops values without letters.
ADDRESSES = "IPPublicDetector"
# Skips lines that assign a call or an attribute, even if they contain a token; takes a third of the time.
REFERENCES = "detect_secrets.filters.heuristic.is_indirect_reference"
NOT_LOOKED_AT = ("requirements/*.txt", "*.zip")


def find(files: Iterable[Path]) -> list[str]:
    """Return possible secrets as ``file:line: kind``, without the secret itself."""
    with default_settings():
        get_settings().disable_plugins(HASHES, ADDRESSES)
        get_settings().filters["detect_secrets.filters.regex.should_exclude_secret"] = {"pattern": list(KNOWN)}
        get_settings().disable_filters(REFERENCES)
        found = SecretsCollection()
        # Most detectors search each line for one pattern: only files that contain one are searched line by line.
        detectors = [plugin for plugin in get_plugins() if isinstance(plugin, RegexBasedDetector)]
        patterns = [re.compile(each.pattern, each.flags | re.M) for plugin in detectors for each in plugin.denylist]
        others = []
        for file in files:
            if _contains(file, patterns):
                found.scan_file(str(file))
            else:
                others.append(file)
        get_settings().disable_plugins(*(type(plugin).__name__ for plugin in detectors))
        for file in others:
            found.scan_file(str(file))
        return [f"{name}:{secret.line_number}: {secret.type}" for name, secret in found]


def _contains(file: Path, patterns: Iterable[re.Pattern[str]]) -> bool:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(pattern.search(text) for pattern in patterns)


def main() -> int:
    """Search all tracked files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [Path(name) for name in listed.stdout.split("\0") if name]
    found = find(file for file in files if not any(file.match(pattern) for pattern in NOT_LOOKED_AT))
    for line in found:
        print(line, file=sys.stderr)
    print(f"Found {count(len(found), 'possible secret')} in {count(len(files), 'file')}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
