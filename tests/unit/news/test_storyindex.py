"""Texts of a stream find the first text of their story, in bounded memory."""

import random

import numpy as np
import pytest

from crm.news.storyindex import BandTable, stories
from tests.unit.news.test_similar import OTHER, REPRINT, STORY


def places(texts: list[str], limit: int = 100) -> list[int]:
    return [first for _, first in stories(enumerate(texts), limit)]


def invented(number: int) -> str:
    drawn = random.Random(number)  # noqa: S311 (invented text)
    return "".join(drawn.choice("岚桥储澜岛禾砺晟舟岳澄铭屿霖琥维特源森洛信远图辰华天金恒瑞达安泰") for _ in range(80))


def test_each_text_carries_the_key_of_the_first_text_of_its_story() -> None:
    assert places([STORY, OTHER, REPRINT, STORY, "", OTHER + "完", "", "！？"]) == [0, 1, 0, 0, 4, 1, 6, 7]


def test_a_near_copy_of_a_repost_alone_is_no_copy_of_the_first_report() -> None:
    parts = [invented(number) for number in range(6)]
    first, second, third = "".join(parts[:4]), "".join(parts[1:5]), "".join(parts[2:])
    assert places([first, second, third]) == [0, 0, 2]


def test_between_two_stories_a_text_belongs_to_the_earlier_one() -> None:
    one, two, three = invented(1), invented(2) + invented(3), invented(4)
    assert places([one + two, two + three, one[40:] + two + three[:40]]) == [0, 1, 0]


def test_an_index_remembers_as_many_stories_as_it_was_told_to() -> None:
    texts = [invented(number) for number in range(6)]
    assert places([*texts, texts[5], texts[0]], limit=3) == [0, 1, 2, 3, 4, 5, 5, 7]
    assert places([*texts, texts[0]], limit=6) == [0, 1, 2, 3, 4, 5, 0]


def test_a_full_row_of_bands_forgets_its_oldest_entry() -> None:
    table = BandTable(16)
    keys = np.array([12345], np.uint64)
    for text in range(1, 19):
        table.add(keys, text)
    assert sorted(table.meet(keys)) == list(range(3, 19))


@pytest.mark.parametrize("text", ["一", "哈" * 100_000, "𠮷" * 9])
def test_odd_texts_ten_times_are_one_story(text: str) -> None:
    assert places([text] * 10) == [0] * 10
