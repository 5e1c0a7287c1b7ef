# SPDX-License-Identifier: Apache-2.0
"""Holds requests and responses to src/api/openapi.yaml."""

import json
import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT / "src" / "api" / "openapi.yaml"
URI = "urn:karez:contract"


class Contract:
    def __init__(self):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in Python takes seconds
        self.doc = yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)
        resource = Resource.from_contents(self.doc, default_specification=DRAFT202012)
        self.registry = Registry().with_resource(URI, resource)
        self.operations = {}  # (METHOD, template) -> operation
        for template, item in self.doc["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    self.operations[(method.upper(), template)] = operation
        templates = {template for _, template in self.operations}
        self.matchers = [  # fixed segments win over parameters
            (re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", re.escape(t).replace(r"\{", "{").replace(r"\}", "}")) + "$"), t)
            for t in sorted(templates, key=lambda t: [part.startswith("{") for part in t.split("/")])
        ]

    def operation(self, method, path):
        for pattern, template in self.matchers:
            if pattern.match(path) and (method, template) in self.operations:
                return template, self.operations[(method, template)]
        raise AssertionError(f"{method} {path} is not in the contract")

    def deref(self, node):
        while "$ref" in node:
            target = self.doc
            for part in node["$ref"].lstrip("#/").split("/"):
                target = target[part]
            node = target
        return node

    def check(self, schema, value, what):
        schema = json.loads(json.dumps(schema).replace('"#/components/', f'"{URI}#/components/'))
        errors = sorted(Draft202012Validator(schema, registry=self.registry).iter_errors(value), key=lambda e: e.path)
        assert not errors, f"{what}: {errors[0].message} at /{'/'.join(map(str, errors[0].absolute_path))}"

    def check_request(self, method, path, body):
        template, operation = self.operation(method, path)
        schema = self.deref(operation["requestBody"])["content"]["application/json"]["schema"]
        self.check(schema, body, f"request {method} {template}")

    def check_response(self, method, path, response):
        template, operation = self.operation(method, path)
        what = f"{method} {template} -> {response.status_code}"
        declared = operation["responses"].get(str(response.status_code)) or operation["responses"]["default"]
        declared = self.deref(declared)
        for name, header in declared.get("headers", {}).items():
            if self.deref(header).get("required"):
                assert name in response.headers, f"{what}: header {name} is missing"
        content = declared.get("content")
        if not content:
            assert response.content == b"", f"{what}: a body that is not in the contract"
            return
        media = response.headers["content-type"].split(";")[0]
        assert media in content, f"{what}: content type {media}; {response.text[:300]}"
        if media.endswith("json"):
            self.check(content[media]["schema"], response.json(), what)
            if media == "application/problem+json":
                assert response.json()["status"] == response.status_code
