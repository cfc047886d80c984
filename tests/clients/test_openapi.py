"""openapi-spec-validator and jsonschema: the documents of the sign-in APIs, and the examples in them."""

import json

import jsonschema
import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator

from support import poolkeeper

APIS = ["partner", "portal", "tenant"]


def examples(node, path=""):
    """Every schema that has examples beside it, with each of them."""
    if isinstance(node, dict):
        if "schema" in node:
            shown = [node["example"]] if "example" in node else []
            shown += [example["value"] for example in node.get("examples", {}).values()]
            yield from ((path, node["schema"], example) for example in shown)
        for name, member in node.items():
            yield from examples(member, f"{path}/{name}")
    elif isinstance(node, list):
        for position, member in enumerate(node):
            yield from examples(member, f"{path}/{position}")


@pytest.mark.parametrize("api", APIS)
def test_documents_and_their_examples_are_valid(api):
    document = json.loads(poolkeeper("openapi", api).stdout)
    OpenAPIV31SpecValidator(document).validate()
    checked = 0
    for path, schema, example in examples(document):
        # References start at the document, so it goes along.
        whole = {**schema, "components": document["components"]}
        jsonschema.Draft202012Validator(whole).validate(example)
        checked += 1
    assert checked > 10, path


@pytest.mark.parametrize("api", APIS)
def test_the_demo_serves_them(server, api):
    served = requests.get(f"{server.base}/openapi/{api}.json", timeout=5).json()
    assert served == json.loads(poolkeeper("openapi", api).stdout)
