"""Ready rules of every kind that published rules hold, and how a rule is told in words."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from crm.assessment.books.rules import KIND_LABELS
from crm.assessment.books.samples import FIELDS, PLACES, PLAIN, SAMPLES, added, how
from crm.assessment.engine.book import read_book

EMPTY = json.dumps(
    {"name": "试行", "rules": [{"key": "甲", "label": "甲", "kind": "best", "value": "数", "weight": 9}]}
)


def test_there_is_a_ready_rule_of_every_kind() -> None:
    assert SAMPLES.keys() == KIND_LABELS.keys() | PLACES.keys()


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_ready_rule_makes_a_book_the_engine_reads_however_often_it_is_added(kind: str) -> None:
    text, problem = added(added(EMPTY, kind)[0], kind)
    assert problem is None
    book = read_book(json.loads(text, parse_float=Decimal))
    kept = [one["key"] for one in json.loads(text)[PLACES.get(kind, "rules")]][-2:]
    assert len(set(kept)) == 2
    assert len(book.rules) == (1 if kind in PLACES else 3)


@pytest.mark.parametrize(
    ("text", "kind"), [("{", "ratio"), ("[]", "ratio"), ('{"rules": 1}', "ratio"), (EMPTY, "别的")]
)
def test_a_text_that_is_no_book_stays_as_it_is(text: str, kind: str) -> None:
    found, problem = added(text, kind)
    assert (found, problem.key if problem else "") == (text, "book.add")


def test_a_rule_is_told_in_the_words_of_its_fields() -> None:
    rule = {
        "key": "甲",
        "label": "甲",
        "kind": "ratio",
        "done": "完成数",
        "target": "任务",
        "weight": 20,
        "cap": "weight",
    }
    assert how(rule) == "完成：完成数；目标：任务；分值：20；封顶：分值"
    assert how(
        {"kind": "items", "items": "项目", "rules": [{"kind": "choices", "value": "状态", "choices": {"续建": 2}}]}
    ) == ("列表：项目；每项：（按类别计分；看：状态；类别：续建 2）")


def test_every_field_of_the_ready_rules_has_a_word() -> None:
    met = {key for rule in SAMPLES.values() for key in rule} - PLAIN - {"effect"}
    assert met - FIELDS.keys() == set()
