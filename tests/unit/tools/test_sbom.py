"""The bill of materials describes the tracked package."""

import hashlib

from tools import sbom


def test_the_package_depends_on_all_components() -> None:
    listed = {"bom-ref": "a", "name": "pydantic", "version": "2"}
    bill = {"components": [listed], "dependencies": [{"ref": "a"}], "metadata": {"tools": {}}}

    joined = sbom.complete(bill, b"zip")

    component = joined["metadata"]["component"]
    assert component["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(b"zip").hexdigest()}]
    assert joined["dependencies"] == [{"ref": "a"}, {"ref": component["bom-ref"], "dependsOn": ["a"]}]
    assert joined["components"] == [listed]
    assert joined["metadata"]["tools"] == {}


def test_bills_with_equal_references_are_joined() -> None:
    one = {"components": [{"bom-ref": "L1", "name": "a"}], "dependencies": [{"ref": "L1", "dependsOn": ["L1"]}], "x": 1}
    two = {"components": [{"bom-ref": "L1", "name": "b"}]}

    joined = sbom.joined([one, two])

    assert joined["components"] == [{"bom-ref": "0-L1", "name": "a"}, {"bom-ref": "1-L1", "name": "b"}]
    assert joined["dependencies"] == [{"ref": "0-L1", "dependsOn": ["0-L1"]}]
    assert joined["x"] == 1
