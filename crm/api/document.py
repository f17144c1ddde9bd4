"""The description of the interface: OpenAPI 3.1, made from the operations themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crm.api.examples import EXAMPLES
from crm.api.once import HEADER, LONGEST
from crm.web.problems import MEDIA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask

TITLE, VERSION = "Yinfeng", "1"
ABOUT = (
    "Programs act for a person by a token: what that person may do, narrowed to the scopes of the token. "
    "Money is in CNY 10,000 and land in mu, both as decimal text; instants are UTC. "
    "Refusals are `application/problem+json` in the language of `Accept-Language` (zh, en)."
)
CONFIG: dict[str, Any] = {
    "OPENAPI_VERSION": "3.1.0",
    "DESCRIPTION": ABOUT,
    "AUTO_404_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
    "AUTO_SERVERS": False,
    "SECURITY_SCHEMES": {"token": {"type": "http", "scheme": "bearer", "description": "A token of the account page"}},
}
REFUSALS: dict[str, str] = {
    "400": "Unreadable request",
    "401": "No token, or one that is unknown, expired or revoked",
    "403": "The token lacks the scope, or its person the right",
    "404": "Absent, or not to be seen by this person",
    "409": "Somebody else just wrote the same",
    "412": "The row has changed since it was read",
    "413": "The request is too large",
    "415": "The body is no JSON",
    "422": "Refused by the rules; `errors` says why, field by field",
    "428": "If-Match is missing",
    "429": "Too many requests; see Retry-After",
    "500": "A fault of ours",
    "503": "The database is away",
}
SCHEMAS = "#/components/schemas/"
CHANGE = "Change"
WORDED = ("description", "summary")
CHINESE_ASIDE = re.compile(r"\s*[(（][^()（）]*[\u4e00-\u9fff][^()（）]*[)）]")
UNITS = {"万元": "CNY 10,000", "亩": "mu"}
REPEATED = {"f", "kind"}
ALWAYS = ("400", "401", "403", "422", "429", "500", "503")
WRITES = ("409", "413", "415")
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "field", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "field": {"type": ["string", "null"]},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The same key and body again get the same answer for 24 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read",
    "schema": {"type": "string"},
}
ETAG = {"ETag": {"description": "The version of the row", "schema": {"type": "string"}}}


def init_app(app: APIFlask) -> None:
    """Set how the description is made."""
    app.config.update(CONFIG)
    app.spec_processor(completed)


def described(app: APIFlask) -> dict[str, Any]:
    """Return the description; made once, since it follows from the code alone."""
    made = app._get_spec("json")  # noqa: SLF001 (the public property makes it anew each time)
    return made if isinstance(made, dict) else {}


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give path, method and operation of each."""
    for path, methods in spec["paths"].items():
        for method, one in methods.items():
            yield path, method, one


def completed(spec: dict[str, Any] | str) -> dict[str, Any] | str:
    """Add what holds for all: problems, versions, keys, and who may call."""
    if isinstance(spec, str):  # only if somebody configures YAML
        return spec
    spec["tags"] = [dict(one) for one in dict.fromkeys(tuple(tag.items()) for tag in spec.get("tags", []))]
    spec["components"]["schemas"] = {**_short(spec), "Problem": PROBLEM}
    spec["components"]["responses"] = {
        f"Problem{status}": {
            "description": words,
            "content": {MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, words in REFUSALS.items()
    }
    for path, method, one in operations(spec):
        _complete(path, method, one)
    for part in _parts(spec):
        for name in WORDED:
            if isinstance(part.get(name), str):
                part[name] = _worded(part[name])
    return spec


def _worded(text: str) -> str:
    """Write a docstring as the reader of a description wants it: Markdown, in English alone."""
    plain = CHINESE_ASIDE.sub("", text).replace("``", "`")
    for ours, theirs in UNITS.items():
        plain = plain.replace(ours, theirs)
    return plain


def _short(spec: dict[str, Any]) -> dict[str, Any]:
    """Name each structure once: what APIFlask calls ``Cards.Named`` and ``Touch.Named`` is the same ``Named``."""
    for part in _parts(spec):
        if isinstance(part.get("$ref"), str):
            part["$ref"] = SCHEMAS + part["$ref"].removeprefix(SCHEMAS).rpartition(".")[2]
    found: dict[str, Any] = {}
    for name, one in sorted(spec["components"].get("schemas", {}).items()):
        if found.setdefault(name.rpartition(".")[2], one) != one:
            message = f"two structures of the interface are called {name}"
            raise ValueError(message)
    for name, one in found.items():
        if name.endswith(CHANGE):
            _left_out_stays(one)
        if name in EXAMPLES:
            one["examples"] = [EXAMPLES[name]]
    return found


def _left_out_stays(schema: dict[str, Any]) -> None:
    """Promise no defaults in a change: what is left out stays as it is."""
    for one in schema["properties"].values():
        one.pop("default", None)


def _parts(part: object) -> Iterator[dict[str, Any]]:
    """Give every object inside of a document."""
    if isinstance(part, dict):
        yield part
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _parts(one)


def _complete(path: str, method: str, one: dict[str, Any]) -> None:
    refused = [*ALWAYS, *(WRITES if method != "get" else ()), *(("404",) if "{" in path else ())]
    versioned = one.pop("x-versioned", False)
    if versioned:
        one["parameters"].append(MATCH)
        refused += ["412", "428"]
    if one.pop("x-keyed", False):
        one["parameters"].append(KEY)
    if "requestBody" in one:
        one["requestBody"]["required"] = True
    for status in sorted(set(refused)):
        one["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    if "x-scope" in one:
        one["description"] = (
            f"{one.get('description', '')}\n\nScope `{one['x-scope']}`, right `{one['x-right']}`.".strip()
        )
    for argument in one["parameters"]:
        _argument(argument)


def _argument(argument: dict[str, Any]) -> None:
    """Say of an argument what its schema says of it; ids are bounded, some may be repeated."""
    schema = argument["schema"]
    if argument["in"] == "path" and schema.get("type") == "integer":
        schema.update(minimum=1, maximum=2**63 - 1)
    if "description" in schema:
        argument["description"] = schema.pop("description")
    if argument["name"] in REPEATED:
        argument.update(schema={"type": "array", "items": schema}, style="form", explode=True)
