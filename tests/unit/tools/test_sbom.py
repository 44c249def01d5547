"""The bill of materials describes the tracked package."""

import hashlib

from tools import sbom


def test_the_package_depends_on_all_components() -> None:
    listed = {"bom-ref": "a", "name": "pydantic", "version": "2"}
    bill = {"components": [listed], "dependencies": [{"ref": "a"}], "metadata": {"tools": {}}}

    made = sbom.complete(bill, b"zip")

    component = made["metadata"]["component"]
    assert component["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"zip").hexdigest()}]
    assert made["dependencies"] == [{"ref": "a"}, {"ref": component["bom-ref"], "dependsOn": ["a"]}]
    assert made["components"] == [listed]
    assert made["metadata"]["tools"] == {}


def test_bills_with_equal_references_are_joined() -> None:
    one = {"components": [{"bom-ref": "L1", "name": "a"}], "dependencies": [{"ref": "L1", "dependsOn": ["L1"]}], "x": 1}
    two = {"components": [{"bom-ref": "L1", "name": "b"}]}

    made = sbom.joined([one, two])

    assert made["components"] == [{"bom-ref": "0-L1", "name": "a"}, {"bom-ref": "1-L1", "name": "b"}]
    assert made["dependencies"] == [{"ref": "0-L1", "dependsOn": ["0-L1"]}]
    assert made["x"] == 1
