"""JSON Schemas (draft 2020-12) of rules and values, made from the table of fields below."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
NUMBER: Json = {"type": ["number", "string"], "description": 'a number; "50%" is 0.5'}
FORMULA: Json = {"type": ["string", "number"], "description": "an indicator's name, a number, or a formula of both"}
TEXT: Json = {"type": "string"}
NAME: Json = {"type": "string", "description": "letters (Chinese ones too), digits and _, not beginning with a digit"}
YES: Json = {"type": "boolean"}


def _ref(name: str) -> Json:
    return {"$ref": f"#/$defs/{name}"}


def _list(of: Json) -> Json:
    return {"type": "array", "items": of, "maxItems": 500}


def _one_of(*words: str) -> Json:
    return {"enum": list(words)}


def _object(required: str, **properties: Json) -> Json:
    return {
        "type": "object", "properties": properties, "required": required.split(), "additionalProperties": False,
    }  # fmt: skip


def _or_null(of: Json) -> Json:
    return {"anyOf": [of, {"type": "null"}]}


# Fields of each kind of rule beside those all rules have; an asterisk marks what must be there.
KINDS: dict[str, dict[str, Json]] = {
    "ratio": {"done*": FORMULA, "target": FORMULA, "most": _or_null(NUMBER), "weight*": NUMBER},
    "composite": {"parts*": _list(_ref("part")), "weight": NUMBER},
    "ladder": {"full*": NUMBER, "steps*": _list(_ref("step")), "per": _one_of("piece", "step")},
    "sum": {"base": NUMBER, "plus": _list(_ref("term")), "less": _list(_ref("term"))},
    "bands": {
        "value*": FORMULA, "bands*": _list(_ref("band")), "below": NUMBER, "below_each": NUMBER,
        "less": _list(_ref("term")), "weight": NUMBER,
    },
    "choices": {"value*": FORMULA, "choices*": {"type": "object", "additionalProperties": NUMBER}, "other": NUMBER},
    "every": {"value*": FORMULA, "over": FORMULA, "every*": NUMBER, "each*": NUMBER, "whole": YES},
    "condition": {"condition*": FORMULA, "points*": NUMBER, "otherwise": NUMBER},
    "min_max": {
        "value*": FORMULA, "low": NUMBER, "high": NUMBER, "weight": NUMBER, "better": _one_of("more", "less"),
        "when_equal": NUMBER,
    },
    "best": {"value*": FORMULA, "weight*": NUMBER},
    "place": {"value*": FORMULA, "points*": _list(NUMBER), "step": NUMBER, "better": _one_of("more", "less")},
    "rating": {
        "items*": NAME, "mark*": FORMULA, "groups": _list(_ref("voices")), "scale": NUMBER, "weight*": NUMBER,
        "drop_extremes": YES,
    },
    "items": {
        "items*": NAME, "rules*": _list(_ref("inner_rule")), "where": FORMULA,
        "combine": _one_of("sum", "average", "best"), "top": NUMBER, "each_cap": NUMBER,
    },
    "formula": {"formula*": FORMULA, "full": NUMBER},
}  # fmt: skip
COMMON: dict[str, Json] = {
    "key": NAME, "label": TEXT, "text": TEXT, "note": TEXT,
    "cap": _or_null({**NUMBER, "description": 'most points; "weight" = what the rule is worth; null = no cap'}),
    "floor": _or_null(NUMBER), "round": NUMBER, "when": FORMULA, "factor": FORMULA,
    "missing": _one_of("error", "zero", "full", "exempt"),
}  # fmt: skip


def _rule(kind: str, *, inside: bool) -> Json:
    own = KINDS[kind]
    properties = {"kind": {"const": kind}, **COMMON, **{name.rstrip("*"): field for name, field in own.items()}}
    if not inside:
        properties["section"] = TEXT
    needed = ["kind", *([] if inside else ["key", "label"]), *(name[:-1] for name in own if name.endswith("*"))]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}


def rules_schema() -> Json:
    """Give the schema of a book of rules."""
    verdict = {"key": NAME, "label": TEXT, "when": FORMULA}
    effect = _one_of("zero", "last", "no_honour", "limit")
    whole = _object(
        "name rules",
        version=TEXT,
        name=TEXT,
        source=TEXT,
        parameters={"type": "object", "additionalProperties": NUMBER},
        indicators=_list(_object("key formula", key=NAME, label=TEXT, formula=FORMULA)),
        sections=_list(_object("key", key=TEXT, label=TEXT, cap=_or_null(NUMBER), scale=NUMBER)),
        rules=_list(_ref("rule")),
        total=_object("", cap=_or_null(NUMBER), round=NUMBER),
        rank=_object("", within=_one_of("group", "all")),
        vetoes=_list(_object("key label when effect", **verdict, effect=effect, value=NUMBER)),
        promotions=_list(_object("key label when", **verdict, steps=NUMBER)),
        grades=_list(_object("grade at_least", grade=TEXT, at_least=NUMBER, share=NUMBER)),
        consequences=_object("", honours=NUMBER, bottom=NUMBER, runs=NUMBER),
    )
    defs = {
        "rule": {"oneOf": [_rule(kind, inside=False) for kind in KINDS]},
        "inner_rule": {"oneOf": [_rule(kind, inside=True) for kind in KINDS]},
        "part": _object("done", done=FORMULA, target=FORMULA, most=_or_null(NUMBER), share=NUMBER),
        "step": _object("value at_least each", value=FORMULA, at_least=FORMULA, each=NUMBER, label=TEXT),
        "term": _object("value each", value=FORMULA, each=NUMBER, most=_or_null(NUMBER), label=TEXT),
        "band": _object("at_least points", at_least=NUMBER, points=NUMBER, needs=FORMULA),
        "voices": _object("group share", group=TEXT, share=NUMBER),
    }
    return {"$schema": DRAFT, "title": "考核办法 book of rules", **whole, "$defs": defs}


def facts_schema() -> Json:
    """Give the schema of the values."""
    value = {"type": ["number", "string", "boolean", "null"]}
    values = {"type": "object", "additionalProperties": value}
    rows = {"type": "array", "items": values, "maxItems": 5000}
    signed = _object("points reason signed_by", points=NUMBER, reason=TEXT, signed_by=TEXT)
    unit = _object(
        "key",
        key=TEXT,
        label=TEXT,
        group=TEXT,
        values=values,
        items={"type": "object", "additionalProperties": rows},
        adjustments=_list(signed),
        bottom_before={"type": "integer"},
    )
    whole = _object(
        "units", period=TEXT, name=TEXT, note=TEXT, units={"type": "array", "items": unit, "maxItems": 5000}
    )
    return {"$schema": DRAFT, "title": "指标值 values of units", **whole}
