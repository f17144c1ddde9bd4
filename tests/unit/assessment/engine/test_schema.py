"""The schema and the reader speak of the same fields."""

from __future__ import annotations

import pytest

from crm.assessment.engine import schema
from crm.assessment.engine.book import KINDS, read_rule
from crm.assessment.engine.reading import Spec


def test_every_kind_is_in_the_schema() -> None:
    assert set(schema.KINDS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_schema_names_the_fields_a_kind_reads(kind: str) -> None:
    spec = Spec({"kind": kind}, "", [])
    read_rule(spec)
    properties = schema.rules_schema()["$defs"]["rule"]["oneOf"][list(KINDS).index(kind)]["properties"]
    assert spec.fields == set(properties)


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_schema_demands_the_reader_demands(kind: str) -> None:
    faults: list[str] = []
    read_rule(Spec({"kind": kind, "key": "甲", "label": "甲"}, "", faults))
    needed = {name[:-1] for name in schema.KINDS[kind] if name.endswith("*")}
    assert {fault.partition("：")[0] for fault in faults} >= needed
