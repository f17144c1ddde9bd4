from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm.signals.passages import Named, occurrences, paragraphs, pieces


def test_names_and_quotes_are_cut_out_and_may_overlap() -> None:
    cut = pieces("云岭电子拟建厂。完", [Named(0, 4, 7)], [(0, 8)])
    assert [(piece.text, piece.enterprise_id, piece.quoted) for piece in cut] == [
        ("云岭电子", 7, True),
        ("拟建厂。", None, True),
        ("完", None, False),
    ]


def test_each_paragraph_gets_its_own_part_of_a_quote_that_spans_two() -> None:
    first, second = paragraphs("甲乙丙\n\n丁戊己", [Named(5, 6, 1)], [(2, 6)])
    assert [(piece.text, piece.quoted) for piece in first] == [("甲乙", False), ("丙", True)]
    assert [(piece.text, piece.enterprise_id, piece.quoted) for piece in second] == [
        ("丁", 1, True),
        ("戊己", None, False),
    ]


def test_the_longest_surface_wins_where_two_begin() -> None:
    found = occurrences("云岭电子股份与云岭电子", {"云岭电子", "云岭电子股份"}, 3)
    assert [(name.start, name.stop) for name in found] == [(0, 6), (7, 11)]


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45)), max_size=6))
def test_the_pieces_joined_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    names = [Named(start, stop, 1) for start, stop in spans]
    assert "".join(piece.text for piece in pieces(text, names, spans)) == text
