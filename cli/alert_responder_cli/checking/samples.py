"""Contents of the standard requests: hostile text, values of each attribute type, and unusual spellings of them."""

from collections.abc import Mapping

HOSTILE: Mapping[str, str] = {
    "long": "a" * 3_000,
    "long without a space, not ASCII": "é" * 1_500,
    "Unicode": "Za\u017c\u00f3\u0142\u0107 \u4f8b\u3048.\u30c6\u30b9\u30c8 \U0001f469\u200d\U0001f467 \U0001d56c",
    "direction of writing": "invoice\u202egnp.exe\u2066\u2069",
    "invisible": "pay\u200bpal\ufeff\u00ad",
    "combining": "Z\u0351\u036b\u0343" * 60,
    "control characters": "a\x00b\x1b[31mc\x07\x7f\r\nSet-Cookie: d=1",
    "line separators": "one\u2028two\u2029three\x85four",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;",
    "Markdown": "[x](javascript:alert(1)) ![y](http://192.0.2.1/p.png) **b** `c` | d |",
    "closing fence": "```\n# heading\n@octocat #1 ~~~\n",
    "mentions": "<!channel> <@U012AB3CD> @here @everyone <https://evil.example.net|good>",
    "formula": '=HYPERLINK("http://evil.example.net","open")',
    "JSON in a string": '{"severity": "safe", "contents": [], "state": null}',
    "quotation": "\\\" ' ` \\u0000 \\n",
    "shell": '$(touch /tmp/alert-responder-check); `id` | cat && "$HOME"',
    "template": "{{7*7}} ${7*7} #{7*7} %{7*7} <%= 7*7 %> {0.__class__}",
    "SQL": "' OR '1'='1'; DROP TABLE reports; --",
    "path": "../../../../etc/passwd",
    "format string": "%s%s%n%x {} {0} {name}",
    "word of JavaScript": "__proto__",
    "another word of JavaScript": "constructor",
    "number in words": "NaN",
    "looks like nothing": "null",
    "blank": " ",
    "regular expression": "((((((((((a+)+)+)+)+)+)+)+)+)+)+!",
}
"""Strings that break careless programs. An attacker can write them into any field of an alert."""

SAMPLES: Mapping[str, tuple[str, ...]] = {
    "ipaddr": ("198.51.100.7", "2001:db8::7", "10.0.3.17"),
    "domain": ("evil.example.net", "xn--bcher-kva.example"),
    "url": ("https://evil.example.net/login?next=%2F&x=1#top",),
    "email": ("alice@example.com",),
    "filehashvalue": ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",),
    "username": ("alice",),
    "json": ('{"process":{"name":"sh","pid":1}}',),
    "instance": ("i-0a1b2c3d4e5f60718",),
    "accesskey": ("AKIAIOSFODNN7EXAMPLE",),
    "arn": ("arn:aws:iam::111122223333:user/alice",),
    "account": ("111122223333",),
    "x-check": ("a value of an unknown type",),
}
"""Values of each attribute type; the last type is unknown to every plug-in."""

SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "ipaddr": ("198.51.100[.]7", "::ffff:198.51.100.7", " 198.51.100.7/32", "198.51.100.7:443"),
    "domain": ("EVIL.Example.net.", "evil[dot]example(.)net", "\uff45vil\u3002example.net", "hxxp://evil.example.net/"),
    "url": ("hxxps[:]//EVIL.example[.]net:443/login?next=%2F&x=1#top",),
    "email": ("alice(at)Example[.]com", "Alice <mailto:alice@example.com>"),
    "filehashvalue": ("SHA256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",),
    "username": (" alice\n",),
    "json": ('{ "process": {"pid": 1, "name": "sh"} }',),
    "instance": ("I-0A1B2C3D4E5F60718",),
    "accesskey": ("akiaiosfodnn7example",),
    "account": ("1111-2222-3333",),
}
"""Other spellings of the first sample of a type. A plug-in gets the canonical value, and the original as `spelling`."""
