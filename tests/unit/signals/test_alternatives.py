"""A pattern cut into its alternatives matches as the whole one does."""

from __future__ import annotations

import re

import pytest

from crm.core.text import fold
from crm.signals.alternatives import alternatives, matches
from crm.signals.ruletable import packaged_guards, packaged_rows


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("投产|开工", ["投产", "开工"]),
        ("(?:a|b)c|d", ["(?:a|b)c", "d"]),
        (r"\|a|[|(]b|\(c", [r"\|a", "[|(]b", r"\(c"]),
        ("[^]|]a|b", ["[^]|]a", "b"]),
        ("(?i)a|b", ["(?i)a|b"]),
        ("(?<!x)a|b", ["(?<!x)a", "b"]),
    ],
)
def test_only_the_outermost_bars_cut(pattern: str, parts: list[str]) -> None:
    assert alternatives(pattern) == parts


def spans(parts: list[re.Pattern[str]], text: str) -> list[tuple[int, int]]:
    return [found.span() for found in matches(parts, text)]


def test_what_begins_first_is_found_and_among_equals_the_first_alternative() -> None:
    parts = [re.compile("ab"), re.compile("abc"), re.compile("c")]
    assert spans(parts, "xabc") == [(1, 3), (3, 4)]
    assert spans(parts, "cab") == [(0, 1), (1, 3)]
    assert spans(parts, "xyz") == []


def test_every_packaged_pattern_matches_alike_cut_and_whole() -> None:
    texts = [fold(text) for row in packaged_rows() for text in (*row.match, *row.refuse)]
    for pattern in [*(row.pattern for row in packaged_rows()), *packaged_guards().values()]:
        whole = re.compile(pattern)
        parts = [re.compile(part) for part in alternatives(pattern)]
        for text in texts:
            assert spans(parts, text) == [found.span() for found in whole.finditer(text)]


def test_a_sentence_without_end_is_gone_through_once_by_each_alternative() -> None:
    asked: list[int] = []

    class Counted:
        def search(self, text: str, start: int = 0) -> re.Match[str] | None:
            asked.append(start)
            return re.compile("b").search(text, start)

    found = list(matches([re.compile("a"), Counted()], "a" * 50 + "b"))  # type: ignore[list-item]  # stands in
    assert (len(found), asked) == (51, [0, 51])
