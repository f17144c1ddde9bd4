"""The description of the interface held against what the interface answers."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from openapi_schema_validator import OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from crm.api import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from flask import Flask

    from tests.support.programs import Reply

WHOLE = "urn:description"


class Contract:
    """The description of an application, and whether answers keep to it."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self.spec = document.described(cast("APIFlask", app))

    @cached_property
    def registry(self) -> Any:
        return Registry().with_resource(WHOLE, DRAFT202012.create_resource(self.spec))

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every operation as (method, path below the root, what is said of it)."""
        for path, method, one in document.operations(self.spec):
            yield method.upper(), path.removeprefix("/api/v1"), one

    def body(self, one: dict[str, Any]) -> dict[str, Any]:
        """The schema of what an operation is sent; nothing for one that is sent nothing."""
        content = one.get("requestBody", {}).get("content", {})
        return self.resolved(content["application/json"]["schema"]) if content else {}

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """What a reference leads to."""
        found: Any = part
        while "$ref" in found:
            target: Any = self.spec
            for step in found["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            found = target
        return cast("dict[str, Any]", found)

    def mistakes(self, schema: dict[str, Any], value: object) -> list[str]:
        """What of a value does not fit a schema of the description."""
        absolute = _absolute(schema)
        return [error.message for error in OAS31Validator(absolute, registry=self.registry).iter_errors(value)]

    def broken(self, one: dict[str, Any], answer: Reply) -> list[str]:
        """What of an answer the operation does not promise."""
        if str(answer.status) not in one["responses"]:
            return [f"status {answer.status} is not described"]
        promised = self.resolved(one["responses"][str(answer.status)])["content"]
        if answer.mimetype not in promised:
            return [f"{answer.mimetype} is not described for {answer.status}"]
        return self.mistakes(promised[answer.mimetype]["schema"], answer.json)


def _absolute(part: Any) -> Any:
    """Let references lead into the description wherever the schema is looked at."""
    if isinstance(part, dict):
        return {
            name: f"{WHOLE}{value}" if name == "$ref" and isinstance(value, str) else _absolute(value)
            for name, value in part.items()
        }
    return [_absolute(one) for one in part] if isinstance(part, list) else part
