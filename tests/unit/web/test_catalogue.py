"""The English catalogue: complete, without leftovers, and every hole filled by what the Chinese sentence gives."""

from __future__ import annotations

import re
from collections import Counter
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from crm.cli.catalogue import ENGLISH, MessageId, constants, message_ids

CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
PERCENT = re.compile(r"%(?:\((\w+)\)([sd])|(%))")


@pytest.fixture(scope="module")
def english() -> dict[MessageId, str]:
    with ENGLISH.open("rb") as file:
        return {(one.context, str(one.id)): str(one.string) for one in read_po(file, locale="en") if one.id}


def percents(text: str) -> Counter[tuple[str, ...]]:
    return Counter((name, kind) for name, kind, _percent in PERCENT.findall(text) if name)


def braces(text: str) -> Counter[str | None]:
    return Counter(name for _text, name, _spec, _conversion in Formatter().parse(text) if name)


def test_the_catalogue_holds_exactly_the_sentences_of_the_product(english: dict[MessageId, str]) -> None:
    ids = message_ids()
    assert ids - english.keys() == set(), "run make catalogue and translate these"
    assert english.keys() - ids == set(), "run make catalogue to drop these"


def test_every_sentence_is_put_into_english(english: dict[MessageId, str]) -> None:
    assert [one for one, text in english.items() if not text.strip()] == []


def test_no_chinese_is_left_in_the_english(english: dict[MessageId, str]) -> None:
    for (_context, one), text in english.items():
        assert not CHINESE.search(text), one


def test_the_english_has_the_holes_of_the_chinese(english: dict[MessageId, str]) -> None:
    for (_context, one), text in english.items():
        assert percents(text) == percents(one), one
        assert braces(text) == braces(one), one


def test_every_translation_with_holes_can_be_filled(english: dict[MessageId, str]) -> None:
    for (_context, one), text in english.items():
        names = {name: 7 for name, _kind in percents(one)}
        if names:
            assert "7" in text % names, one


def test_a_pattern_looked_for_in_a_text_is_no_sentence_to_translate() -> None:
    source = 'HEAD = "名单"\nPLACE = re.compile("第(.)位")\n_HEADINGS: dict[int, str] = {1: "榜单 名单"}\n'
    assert [text for _line, text in constants(source)] == ["名单"]
